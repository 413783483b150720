// A conversation service that remembers what it was sent, and an encryption peer one can see through.
import { sdkError, type RequestOptions } from '@trunkline/core';
import { fakeHost, type FakeHost } from '@trunkline/testing/fakes';
import type { EncryptionPeer, KmsKey, WireActivity, WireConversation } from '@trunkline/wire';

export const base = 'https://cloud.test/conversation/api/v1';
export const me = 'user-1';
export const keyOf = (name: string): string => `kms://kms.test/keys/${name}`;
export const jwe = (keyUrl: string, text: string): string =>
  ['eyJ0ZXN0Ijp0cnVlfQ', '', 'iv', Buffer.from(`${keyUrl}|${text}`).toString('base64url'), 'tag'].join('.');

export interface TestEncryption extends EncryptionPeer {
  /** keys that need a promise the first time */
  readonly slow: Set<string>;
  readonly denied: Set<string>;
  /** lets the slow ones through */
  release(): void;
  readonly wrapped: unknown[];
  readonly decrypted: string[];
  pings: number;
  ping(): Promise<void>;
  getKey(keyUrl: string): Promise<KmsKey>;
}

export function testEncryption(): TestEncryption {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  let made = 0;
  const read = (keyUrl: string, text: string): string => {
    peer.decrypted.push(text);
    const plain = Buffer.from(text.split('.')[3] ?? '', 'base64url').toString();
    if (peer.denied.has(keyUrl)) throw sdkError('ERR_KEY_DENIED', 'not yours');
    if (!plain.startsWith(`${keyUrl}|`)) throw sdkError('ERR_DECRYPT', 'altered');
    return plain.slice(keyUrl.length + 1);
  };
  const peer: TestEncryption = {
    slow: new Set(),
    denied: new Set(),
    wrapped: [],
    decrypted: [],
    pings: 0,
    release: () => {
      release();
    },
    encryptText: (keyUrl, text) => jwe(keyUrl, text),
    decryptText: (keyUrl, text) =>
      peer.slow.has(keyUrl) ? gate.then(() => read(keyUrl, text)) : read(keyUrl, text),
    createKeys: (count) =>
      Promise.resolve(
        Array.from({ length: count }, () => {
          made += 1;
          const uri = keyOf(`new-${String(made)}`);
          return { uri, jwk: { kty: 'oct', kid: uri, alg: 'A256GCM', k: '' } as const };
        }),
      ),
    wrap: (request) => {
      peer.wrapped.push(request);
      return Promise.resolve(`wrapped-${String(peer.wrapped.length)}`);
    },
    getKey: (uri) =>
      Promise.resolve({ uri, jwk: { kty: 'oct', kid: uri, alg: 'A256GCM', k: 'secret' } as const }),
    ping: () => {
      peer.pings += 1;
      return Promise.resolve();
    },
  };
  return peer;
}

/** Bodies as the tests look at them. */
export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
  readonly idempotent: boolean | undefined;
}

export interface TestService {
  readonly host: FakeHost;
  readonly encryption: TestEncryption;
  readonly sent: Sent[];
  /** by id; change them to change what is answered */
  readonly conversations: Map<string, WireConversation>;
  readonly activities: WireActivity[];
  /** errors for the next submissions */
  readonly refuse: number[];
  /** by id, for requests of one */
  readonly single: Map<string, WireActivity>;
  /** sees each submission that is not refused */
  onPost: (body: Readonly<Record<string, unknown>>) => void;
  /** every GET fails */
  refuseReads: boolean;
}

export function testService(withEncryption = true): TestService {
  const encryption = testEncryption();
  const service: TestService = {
    encryption,
    sent: [],
    conversations: new Map([['c1', conversation('c1')]]),
    activities: [],
    refuse: [],
    single: new Map(),
    onPost: () => undefined,
    refuseReads: false,
    host: fakeHost({
      peers: withEncryption ? { encryption } : {},
      connect: () =>
        Promise.resolve({
          url: 'https://cloud.test/devices/1',
          webSocketUrl: 'wss://cloud.test',
          userId: me,
          features: { developer: [], entitlement: [], user: [] },
        }),
      request: (options) => serve(options),
    }),
  };
  /** As the service does it: the newest of the range first, unless the oldest are asked for. */
  const page = (path: string, query: Sent['query']): readonly WireActivity[] => {
    const {
      sinceDate = 0,
      maxDate = Infinity,
      limit = 1_000,
    } = query as {
      readonly [name in 'sinceDate' | 'maxDate' | 'limit']?: number;
    };
    const isOldest = query['lastActivityFirst'] === false;
    const found = service.activities
      .filter(({ target, published }) => {
        const ms = Date.parse(published);
        return path.includes(`/${target?.id ?? ''}/`) && ms >= sinceDate && ms <= maxDate;
      })
      .sort((a, b) => Date.parse(a.published) - Date.parse(b.published));
    return (isOldest ? found : found.reverse()).slice(0, limit);
  };
  const serve = (options: RequestOptions): unknown => {
    const url = options.url ?? `${base}/${options.path ?? ''}`;
    const { method = 'GET', query = {}, idempotent } = options;
    const body = (options.body ?? {}) as Record<string, unknown>;
    service.sent.push({ method, url, query, body, idempotent });
    if (service.refuseReads && method === 'GET') throw sdkError('ERR_NETWORK', 'no service');
    const path = url.slice(base.length + 1);
    if (method === 'POST' && path.endsWith('/activities')) {
      const errorCode = service.refuse.shift();
      if (errorCode !== undefined) throw sdkError('ERR_CONFLICT', 'refused', { status: 409, errorCode });
      service.onPost(body);
      return {
        ...structuredClone(body),
        id: `a${String(service.sent.length)}`,
        published: at(service.sent.length),
      };
    }
    if (method === 'POST' && path === 'conversations') service.onPost(body);
    if (path === 'bulk_activities_fetch')
      return {
        multistatus: (body['activityUrls'] as readonly string[]).map((one) => {
          const activity = service.single.get(one.split('?')[0]?.split('/').pop() ?? '');
          return activity
            ? { status: '200', data: { activity: structuredClone(activity) } }
            : { status: '404' };
        }),
      };
    if (method === 'POST') {
      const made = { ...conversation('new'), ...structuredClone(body), activities: { items: [] } };
      return { ...made, kmsResourceObjectUrl: 'kms://kms.test/resources/new' };
    }
    if (path === 'conversations') return { items: structuredClone([...service.conversations.values()]) };
    if (path.endsWith('/activities')) return { items: structuredClone(page(path, query)) };
    const [, activityId = ''] = path.split('/activities/');
    if (activityId !== '') {
      const found = service.single.get(activityId);
      if (!found) throw sdkError('ERR_NOT_FOUND', 'no such activity', { status: 404 });
      return structuredClone(found);
    }
    const kinds = (type: string) => service.activities.filter(({ parent }) => parent?.type === type);
    if (path.endsWith('/parents')) {
      const ids = (type: string) => kinds(type).map(({ parent }) => parent?.id);
      return { reply: ids('reply'), edit: ids('edit'), reaction: ids('reaction') };
    }
    const [, parentId = ''] = path.split('/parents/');
    if (parentId !== '')
      return {
        items: structuredClone(
          kinds(String(query['activityType'])).filter(({ parent }) => parent?.id === parentId),
        ),
      };
    const found = service.conversations.get(path.replace('conversations/', ''));
    if (!found) throw sdkError('ERR_NOT_FOUND', 'no such conversation', { status: 404 });
    return structuredClone(found);
  };
  return service;
}

export const at = (second: number): string => new Date(Date.UTC(2030, 0, 1) + second * 1_000).toISOString();

export const conversation = (id: string, changes: Partial<WireConversation> = {}): WireConversation => ({
  id,
  objectType: 'conversation',
  url: `${base}/conversations/${id}`,
  tags: [],
  displayName: jwe(keyOf(id), `Title of ${id}`),
  encryptionKeyUrl: keyOf(id),
  defaultActivityEncryptionKeyUrl: keyOf(id),
  kmsResourceObjectUrl: `kms://kms.test/resources/${id}`,
  ...changes,
});

let count = 0;
/** A post as it comes in, under the conversation's key. */
export function post(
  text: string,
  changes: Partial<WireActivity> & { readonly to?: string } = {},
): WireActivity {
  const { to = 'c1', ...rest } = changes;
  count += 1;
  return {
    id: `post-${String(count)}`,
    objectType: 'activity',
    verb: 'post',
    url: `${base}/activities/${String(count)}`,
    published: at(count),
    actor: { id: 'user-2', entryUUID: 'user-2', objectType: 'person' },
    object: { objectType: 'comment', displayName: jwe(keyOf(to), text) },
    target: { id: to, url: `${base}/conversations/${to}`, objectType: 'conversation', tags: [] },
    encryptionKeyUrl: keyOf(to),
    ...rest,
  };
}
