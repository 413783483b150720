// A conversation service that remembers what it was sent, and an encryption peer one can see through.
import { sdkError, type RequestOptions } from '@trunkline/core';
import { fakeHost, type FakeHost } from '@trunkline/testing/fakes';
import type { EncryptionPeer, WireActivity, WireConversation } from '@trunkline/wire';

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
      return {
        ...structuredClone(body),
        id: `a${String(service.sent.length)}`,
        published: at(service.sent.length),
      };
    }
    if (method === 'POST') {
      const made = { ...conversation('new'), ...structuredClone(body), activities: { items: [] } };
      return { ...made, kmsResourceObjectUrl: 'kms://kms.test/resources/new' };
    }
    if (path === 'conversations') return { items: structuredClone([...service.conversations.values()]) };
    if (path.endsWith('/activities')) {
      const since = Number(query['sinceDate'] ?? 0);
      const found = service.activities.filter(
        ({ target, published }) => path.includes(`/${target?.id ?? ''}/`) && Date.parse(published) >= since,
      );
      return { items: structuredClone(found.slice(0, Number(query['limit'] ?? 1_000))) };
    }
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
