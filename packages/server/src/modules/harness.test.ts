import { rest } from '../api/index.js';
import { fakeModule, openTestStore, startModules, testBase, testKernel } from '../kernel/harness.test.js';
import { audience } from './audience/index.js';
import { conversation } from './conversation/index.js';
import { files as filesModule } from './files/index.js';
import { identity as identityModule } from './identity/index.js';
import { kms as kmsModule } from './kms/index.js';
import type { Presence } from './presence/api.js';
// The services that hold content, over a real store and real identity; mercury only writes down what it was handed.
import type { ActivityEventData, KmsResponse, RsaJwk, WireActivity } from '@trunkline/wire';
import type { InjectOptions } from 'fastify';
import { compactDecrypt, CompactEncrypt, compactVerify, importJWK } from 'jose';
import { createECDH, hkdfSync, randomUUID } from 'node:crypto';
import { type ServerOptions } from '../kernel/config.js';
import { maskBase, unmaskBase } from '../kernel/http/urls.js';
import { type Store } from '../kernel/store/index.js';
import type { Role, User } from './identity/api.js';
import type { Mercury, NewEvent } from './mercury/api.js';

export { testBase };
export interface Person extends User {
  readonly token: string;
  readonly deviceId: string;
}
export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly body: T;
  readonly headers: Readonly<Record<string, string | undefined>>;
}
export interface ToldEvent extends NewEvent {
  readonly pos: number;
}
export type ContentCloud = Awaited<ReturnType<typeof startContent>>;

export async function startContent(
  options: ServerOptions = {},
  now: () => number = Date.now,
  /** what stands between the services and their store, to watch it */
  watched: (store: Store) => Store = (store) => store,
) {
  const memory = await openTestStore(options.data ?? 'memory');
  const store = watched(memory);
  const kernel = await testKernel(options, { now, store });
  const told: ToldEvent[] = [];
  const frames = new Map<string, NewEvent['data'][]>();
  const mercury: Partial<Mercury> = {
    append: async (write, event) => {
      const { insertId } = await write.tx
        .insertInto('events')
        .values({
          id: randomUUID(),
          conversation_id: event.conversationId ?? null,
          user_id: event.userId ?? null,
          type: event.data.eventType,
          payload: event.text ?? maskBase(event.data),
          created_ms: now(),
        })
        .executeTakeFirstOrThrow();
      const pos = Number(insertId);
      const data = JSON.parse(unmaskBase(event.text ?? maskBase(event.data), testBase)) as NewEvent['data'];
      write.afterCommit(() => told.push({ ...event, data, pos }));
      return pos;
    },
    sendToDevice: (_userId, deviceId, data) => {
      frames.set(deviceId, [...(frames.get(deviceId) ?? []), data]);
      return true;
    },
    sendToUsers: () => undefined,
    membershipChanged: () => undefined,
  };
  const availability = new Map<string, ReturnType<Presence['availabilityOf']>>();
  const running = await startModules(kernel, [
    audience,
    identityModule,
    fakeModule('mercury', mercury),
    kmsModule,
    filesModule,
    conversation,
    fakeModule('presence', {
      availabilityOf: (id) => availability.get(id) ?? { status: 'unknown', lastActiveMs: undefined },
    }),
    rest,
  ]);
  const { app } = running;
  const { conversation: conversations, files, identity, kms } = running.apis;
  await app.ready();

  async function call<T = Record<string, unknown>>(
    who: Person | undefined,
    method: NonNullable<InjectOptions['method']>,
    url: string,
    payload?: object,
  ): Promise<Answer<T>> {
    const reply = await app.inject({
      method,
      url: url.replace(testBase, ''),
      headers: { trackingid: 'test', ...(who && { authorization: `Bearer ${who.token}` }) },
      ...(payload === undefined ? {} : { payload }),
    });
    let body: unknown = reply.payload;
    try {
      body = JSON.parse(reply.payload);
    } catch {
      // bytes, or nothing
    }
    return { status: reply.statusCode, body: body as T, headers: reply.headers as Answer['headers'] };
  }
  async function ok<T = Record<string, unknown>>(...parameters: Parameters<typeof call>): Promise<T> {
    const answer = await call<T>(...parameters);
    if (answer.status >= 300)
      throw new Error(`${String(answer.status)} ${JSON.stringify(answer.body)} ${parameters[2]}`);
    return answer.body;
  }

  return {
    app,
    call,
    ok,
    store,
    /** what presence knows, by id */
    availability,
    /** removes what has expired */
    sweep: () => running.sweep(),
    audience: running.apis.audience,
    kernel,
    kms,
    conversations,
    files,
    identity,
    frames,
    told,
    /** Activities that were announced, in order. */
    activities: (): readonly WireActivity[] =>
      told.flatMap(({ data }) =>
        data.eventType === 'conversation.activity' ? [(data as unknown as ActivityEventData).activity] : [],
      ),
    person: async (name: string, roles: readonly Role[] = []): Promise<Person> => {
      const user = await identity.users.create({
        email: `${name}@example.com`,
        displayName: `${name} Test`,
        roles,
      });
      const { accessToken } = await identity.tokens.grant(user.id, {});
      const caller = await identity.callerOfToken(accessToken);
      return { ...(caller?.user ?? user), token: accessToken, deviceId: randomUUID() };
    },
    close: async (): Promise<void> => {
      await running.lifecycle.close();
      await store.close();
    },
  };
}

/** What a client does to talk to the key service, with a library that is not ours. */
export async function agree(cloud: ContentCloud, who: Person) {
  const info = await cloud.ok<{ kmsCluster: string; rsaPublicKey: string }>(
    who,
    'GET',
    `/encryption/api/v1/kms/${who.id}`,
  );
  const jwk = JSON.parse(info.rsaPublicKey) as RsaJwk;
  const client = {
    clientId: `${testBase}/wdm/api/v1/devices/${who.deviceId}`,
    credential: { userId: who.id, bearer: who.token },
  };
  const submit = (message: string): Promise<Answer> =>
    cloud.call(who, 'POST', '/encryption/api/v1/kms/messages', {
      destination: info.kmsCluster,
      kmsMessages: [message],
    });
  const received = (): string => {
    const data = cloud.frames.get(who.deviceId)?.shift() as
      { encryption: { kmsMessages: readonly string[] } } | undefined;
    return data?.encryption.kmsMessages[0] ?? '';
  };
  const own = createECDH('prime256v1');
  const point = own.generateKeys();
  const request = {
    method: 'create',
    uri: `${info.kmsCluster}/ecdhe`,
    requestId: 'r1',
    client,
    jwk: {
      kty: 'EC',
      crv: 'P-256',
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    },
  };
  const rsa = { kty: 'RSA', n: jwk.n, e: jwk.e };
  await submit(
    await new CompactEncrypt(Buffer.from(JSON.stringify(request)))
      .setProtectedHeader({ alg: 'RSA-OAEP', enc: 'A256GCM', kid: jwk.kid })
      .encrypt(await importJWK(rsa, 'RSA-OAEP')),
  );
  const { payload, protectedHeader } = await compactVerify(received(), await importJWK(rsa, 'RS256'));
  const answer = JSON.parse(Buffer.from(payload).toString()) as {
    status: number;
    requestId: string;
    key: { uri: string; jwk: { x: string; y: string } };
  };
  const theirs = answer.key.jwk;
  const shared = own.computeSecret(
    Buffer.concat([Buffer.from([4]), Buffer.from(theirs.x, 'base64url'), Buffer.from(theirs.y, 'base64url')]),
  );
  const key = new Uint8Array(hkdfSync('sha256', shared, '', '', 32));
  const wrap = (fields: object): Promise<string> =>
    new CompactEncrypt(Buffer.from(JSON.stringify({ requestId: randomUUID(), client, ...fields })))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: answer.key.uri })
      .encrypt(key);
  return {
    answer,
    protectedHeader,
    cluster: info.kmsCluster,
    jwk,
    wrap,
    submit,
    /** an answer that came within another service's */
    unwrap: async (jwe: string | undefined): Promise<KmsResponse> => {
      const { plaintext } = await compactDecrypt(jwe ?? '', key);
      return JSON.parse(Buffer.from(plaintext).toString()) as KmsResponse;
    },
    ask: async (fields: object): Promise<KmsResponse> => {
      const posted = await submit(await wrap(fields));
      if (posted.status !== 202) throw new Error(`the key service answered ${String(posted.status)}`);
      const { plaintext } = await compactDecrypt(received(), key);
      return JSON.parse(Buffer.from(plaintext).toString()) as KmsResponse;
    },
  };
}

/** Content under a key, as a client writes it. */
export const encryptAs = (k: string, text: string): Promise<string> =>
  new CompactEncrypt(Buffer.from(text))
    .setProtectedHeader({ enc: 'A256GCM', alg: 'dir' })
    .encrypt(Buffer.from(k, 'base64url'));
