import type { KmsResponse } from '@trunkline/wire';
import { isUuid, joseHeader } from '@trunkline/wire';
import { ApiError, badRequest } from '../../kernel/http/errors.js';
import { fields, type Fields, isFields, text } from '../../kernel/http/untrusted.js';
import { deviceIdOf } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import { defineModule, type Needs } from '../../kernel/module.js';
import { allows, type Caller } from '../identity/api.js';
import type { Kms } from './api.js';
import { decryptDirect, encryptContent, encryptSession } from './jwe.js';
import { createKeyStore } from './key-store.js';
import { agentRole, type Asker, createOperations, isRead } from './operations.js';
import { kmsRoutes } from './routes.js';
import { createSessions, type Session } from './sessions.js';
import { loadStaticKey } from './static-key.js';

/** The message of such an error is a key message. @source protocol/kms-and-encryption.md §5.2 */
const proxiedRefusal = 1900000;

/** A session that this service does not know (any more): the client must agree on a new key. */
const unknownSession = (): ApiError =>
  new ApiError(400, 'The key agreed with the key service is unknown or has expired; agree on a new one.', {
    errorCode: 1400101,
  });

/** @source protocol/kms-and-encryption.md */
export const kms = defineModule({
  name: 'kms',
  needs: ['audience', 'identity', 'mercury'],
  setup: createKms,
});

async function createKms(
  kernel: Kernel,
  { audience, identity, mercury }: Needs<'audience' | 'identity' | 'mercury'>,
) {
  const { store, vault } = kernel;
  const own = await loadStaticKey(store, vault, kernel.now());
  const keys = createKeyStore(store, vault, own.host);
  const sessions = createSessions(store, vault, own.host, kernel);
  const execute = createOperations(keys, audience.isMemberByResource, () => kernel.now());
  // keys never change their resource: what was found once holds
  const bound = new Map<string, string>();

  const parsed = (plaintext: string): Fields => {
    const request: unknown = JSON.parse(plaintext);
    if (!isFields(request) || typeof request['requestId'] !== 'string')
      throw badRequest('The key message is incomplete.');
    return request;
  };

  /** The bearer inside must allow key use and be of the person who sent the outer request. */
  async function checkBearer(caller: Caller, request: Fields): Promise<void> {
    const bearer = text(fields(fields(request['client'])['credential'])['bearer']);
    const inner =
      bearer === undefined ? undefined : await identity.callerOfToken(bearer.replace(/^Bearer /, ''));
    // packed before its sender refreshed: anyone who sends it now may do the same in their own name
    if (inner === undefined && allows(caller.scopes, 'spark:kms')) return;
    if (inner?.user.id !== caller.user.id || !allows(inner.scopes, 'spark:kms'))
      throw new ApiError(403, 'The credential inside the key message is not accepted.');
  }

  async function unwrap(caller: Caller, jwe: string): Promise<{ session: Session; request: Fields }> {
    const session = await sessions.find(joseHeader(jwe)?.kid ?? '');
    // another's session is as good as none
    if (session?.userId !== caller.user.id) throw unknownSession();
    let request: Fields;
    try {
      request = parsed(decryptDirect(session.key, jwe));
    } catch {
      throw badRequest('The key message cannot be read.');
    }
    return { session, request };
  }

  const seal = (session: Session, request: Fields, answer: Omit<KmsResponse, 'requestId'>): string =>
    encryptSession(session.key, session.uri, JSON.stringify({ ...answer, requestId: request['requestId'] }));

  const send = (userId: string, clientId: string, message: string): void => {
    const deviceId = deviceIdOf(clientId);
    if (deviceId !== undefined)
      mercury.sendToDevice(userId, deviceId, {
        eventType: 'encryption.kms_message',
        encryption: { kmsMessages: [message] },
      });
  };

  async function agree(caller: Caller, jwe: string): Promise<void> {
    let request: Fields;
    try {
      request = parsed(await own.decrypt(jwe));
    } catch {
      throw badRequest('The key message cannot be read.');
    }
    await checkBearer(caller, request);
    const clientId = text(fields(request['client'])['clientId']) ?? '';
    const requestId = request['requestId'];
    const sign = async (answer: object): Promise<void> => {
      send(caller.user.id, clientId, await own.sign(JSON.stringify({ ...answer, requestId })));
    };
    if (request['method'] !== 'create' || text(request['uri'])?.endsWith('/ecdhe') !== true)
      return sign({ status: 405, reason: 'Only a key agreement may be sent under the public key.' });
    let made: Awaited<ReturnType<typeof sessions.agree>>;
    try {
      made = await sessions.agree(fields(request['jwk']), caller.user.id, clientId);
    } catch {
      return sign({ status: 400, reason: 'The public key to agree with must be a point of P-256.' });
    }
    const { session, jwk } = made;
    return sign({
      status: 201,
      key: {
        uri: session.uri,
        jwk,
        userId: caller.user.id,
        clientId,
        createDate: new Date(kernel.now()).toISOString(),
        expirationDate: new Date(session.expiresMs).toISOString(),
      },
    });
  }

  /** Whose rights count: the caller's own, or those of the person they read a key for. Undefined when they may not. */
  async function onWhoseBehalf(caller: Caller, request: Fields): Promise<string | undefined> {
    const other = text(fields(fields(request['client'])['credential'])['onBehalfOf']);
    if (other === undefined || other === caller.user.id) return caller.user.id;
    const user = isUuid(other) ? await identity.userById(other) : undefined;
    const may =
      caller.user.roles.includes(agentRole) &&
      user?.org_id === caller.user.org_id &&
      request['method'] === 'retrieve';
    if (!may) return undefined;
    kernel.log.info(
      { agent: caller.user.id, onBehalfOf: other, uri: text(request['uri']) },
      'a key is read on behalf of another person',
    );
    return other;
  }

  async function handle(caller: Caller, message: string): Promise<void> {
    if (joseHeader(message)?.kid === own.jwk.kid) return agree(caller, message);
    const { session, request } = await unwrap(caller, message);
    const refuse = (status: number, reason: string): void => {
      send(caller.user.id, session.clientId, seal(session, request, { status, reason }));
    };
    try {
      await checkBearer(caller, request);
    } catch {
      refuse(401, 'The credential is not accepted.');
      return;
    }
    const userId = await onWhoseBehalf(caller, request);
    if (userId === undefined) {
      refuse(403, `Only an account with the role ${agentRole} may read keys on behalf of another person.`);
      return;
    }
    const asker: Asker = { userId, clientId: session.clientId, embedded: false };
    const { answer } = isRead(request)
      ? await execute(store.db, asker, request)
      : await store.write(({ tx }) => execute(tx, asker, request));
    send(caller.user.id, session.clientId, seal(session, request, answer));
  }

  const api: Kms = {
    claim: async (write, userId, keyUrl, kroUrl) => {
      const { tx } = write;
      const known = bound.get(keyUrl);
      if (known !== undefined) return known === kroUrl ? 'usable' : 'foreign';
      const row = await keys.key(tx, keyUrl);
      if (row === undefined) return 'foreign';
      if (row.resource_uri === null) {
        if (row.creator_id !== userId) return 'foreign';
        await keys.bind(tx, keyUrl, kroUrl, kernel.now());
      } else if (row.resource_uri !== kroUrl) return 'foreign';
      else if (row.retired_ms !== null) return 'retired';
      write.afterCommit(() => {
        if (bound.size > 10_000) bound.clear();
        bound.set(keyUrl, kroUrl);
      });
      return 'usable';
    },
    retireKeys: async (write, kroUrl) => {
      await keys.retire(write.tx, kroUrl, kernel.now());
      const forget = (): void => {
        for (const [keyUrl, of] of bound) if (of === kroUrl) bound.delete(keyUrl);
      };
      // at once for the writes that follow, and once more after those that were before us in the same transaction
      forget();
      write.afterCommit(forget);
    },
    createKey: async ({ tx }, creatorId, kroUrl) =>
      (await keys.createKey(tx, creatorId, kernel.now(), kroUrl)).uri,
    createConversationKey: async ({ tx }, creatorId, userIds) => {
      const kroUrl = await keys.createResource(tx, kernel.now());
      const { uri } = await keys.createKey(tx, creatorId, kernel.now(), kroUrl);
      await keys.authorize(tx, kroUrl, userIds);
      return { keyUrl: uri, kroUrl };
    },
    authorize: ({ tx }, kroUrl, userIds) => keys.authorize(tx, kroUrl, userIds),
    revoke: ({ tx }, kroUrl, userId) => keys.revoke(tx, kroUrl, userId),
    encrypt: async (keyUrl, plaintext) =>
      encryptContent(keys.known(keyUrl) ?? (await keys.bytes(keyUrl)), plaintext),
    decrypt: async (keyUrl, jwe) => decryptDirect(await keys.bytes(keyUrl), jwe),
    decryptAll: async (sealed) => {
      await keys.warm(sealed.map(({ keyUrl }) => keyUrl));
      return Promise.all(
        sealed.map(async ({ jwe, keyUrl }) => {
          try {
            return decryptDirect(await keys.bytes(keyUrl), jwe);
          } catch {
            return undefined;
          }
        }),
      );
    },
    decryptFor: async (userId, keyUrl, jwe) => {
      const asker: Asker = { userId, clientId: '', embedded: false };
      const { answer } = await execute(store.db, asker, { method: 'retrieve', uri: keyUrl });
      if (answer.key === undefined) return undefined;
      const [plain] = await api.decryptAll([{ keyUrl, jwe }]);
      return plain;
    },
    embedded: async ({ tx }, caller, jwe) => {
      const { session, request } = await unwrap(caller, jwe);
      await checkBearer(caller, request);
      const asker: Asker = { userId: caller.user.id, clientId: session.clientId, embedded: true };
      const { answer, keyUris, kroUrl } = await execute(tx, asker, request);
      const sealed = seal(session, request, answer);
      // only the client can read why: its own request stands under this session's key
      if (answer.status >= 400) throw new ApiError(400, sealed, { errorCode: proxiedRefusal });
      return { keyUris, kroUrl, answer: sealed };
    },
  };
  return { api, routes: [kmsRoutes(identity, own, handle)] };
}
