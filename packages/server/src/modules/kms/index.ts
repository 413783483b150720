import type { KmsResponse } from '@trunkline/wire';
import { isUuid, joseHeader } from '@trunkline/wire';
import { ApiError, badRequest } from '../../kernel/http/errors.js';
import { deviceIdOf } from '../../kernel/http/urls.js';
import type { Store, Write } from '../../kernel/store/index.js';
import type { Caller, Context, Identity, Kms, Mercury, Routes } from '../contracts.js';
import { allows } from '../identity/index.js';
import { fields, isFields, text, type Fields } from '../../kernel/http/untrusted.js';
import { decryptDirect, encryptContent, encryptSession } from './jwe.js';
import { createKeyStore, type Tx } from './key-store.js';
import { loadMasterKey, masterKeyId, masterKeyName, type NeededKey } from '../../kernel/vault/master-key.js';
import { agentRole, createOperations, isRead, type Asker, type MembershipOf } from './operations.js';
import { kmsRoutes } from './routes.js';
import { createSessions, type Session } from './sessions.js';
import { loadStaticKey, staticKeyName } from './static-key.js';
import { createVault, type Vault } from '../../kernel/vault/vault.js';

/** What the conversation service needs beyond {@link Kms}. */
export interface KmsService extends Kms {
  readonly routes: Routes;
  readonly vault: Vault;
  /** Who is in the conversation that owns a resource: asked at every use of its keys. */
  useMembership(membershipOf: MembershipOf): void;
  /**
   * Whether new content of this resource may be under this key; an unbound key of that person is bound to it. `retired`:
   * it could once, until somebody who could have the key left.
   */
  claim(
    write: Write,
    userId: string,
    keyUrl: string,
    kroUrl: string,
  ): Promise<'usable' | 'retired' | 'foreign'>;
  /** From now on nothing new may be under the keys of this resource; what is under them stays readable for its members. */
  retireKeys(write: Write, kroUrl: string): Promise<void>;
  /** Several texts at once, in this order; undefined for each that cannot be read (any more). */
  decryptAll(
    sealed: readonly { readonly keyUrl: string; readonly jwe: string }[],
  ): Promise<readonly (string | undefined)[]>;
  /** What this person wrote under a key that they may use; undefined when they may not, or it cannot be read. */
  decryptFor(userId: string, keyUrl: string, jwe: string): Promise<string | undefined>;
  /** One key more for a resource. */
  createKey(write: Write, creatorId: string, kroUrl: string): Promise<string>;
}

/** The message of such an error is a key message. @source protocol/kms-and-encryption.md §5.2 */
const proxiedRefusal = 1900000;

/** A session that this service does not know (any more): the client must agree on a new key. */
const unknownSession = (): ApiError =>
  new ApiError(400, 'The key agreed with the key service is unknown or has expired; agree on a new one.', {
    errorCode: 1400101,
  });

async function neededKey(store: Store): Promise<NeededKey | undefined> {
  const rows = await store.db
    .selectFrom('meta')
    .select(['key', 'value'])
    .where('key', 'in', [masterKeyName, staticKeyName])
    .execute();
  return rows.length === 0 ? undefined : { id: rows.find(({ key }) => key === masterKeyName)?.value };
}

/** Stores the key's id, so that `restore` and a start with another key can say which one is needed. */
async function keepMasterKeyId(store: Store, value: string): Promise<void> {
  await store.write(({ tx }) =>
    tx
      .insertInto('meta')
      .values({ key: masterKeyName, value })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute(),
  );
}

/** @source protocol/kms-and-encryption.md */
export async function createKms(context: Context, identity: Identity, mercury: Mercury): Promise<KmsService> {
  const { store, config } = context;
  const masterKey = loadMasterKey(config, await neededKey(store));
  const vault = createVault(masterKey);
  const own = await loadStaticKey(store, vault, context.now());
  await keepMasterKeyId(store, masterKeyId(masterKey));
  const keys = createKeyStore(store, vault, own.host);
  const sessions = createSessions(store, vault, own.host, context);
  let membershipOf: MembershipOf = () => Promise.resolve(undefined);
  const execute = createOperations(
    keys,
    (tx: Tx, uri, userId) => membershipOf(tx, uri, userId),
    () => context.now(),
  );
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
    // packed before its sender refreshed: whoever sends it now may do the same in their own name
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
        createDate: new Date(context.now()).toISOString(),
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
    context.log.info(
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

  const service: Omit<KmsService, 'routes'> = {
    vault,
    useMembership: (next) => {
      membershipOf = next;
    },
    claim: async (write, userId, keyUrl, kroUrl) => {
      const { tx } = write;
      const known = bound.get(keyUrl);
      if (known !== undefined) return known === kroUrl ? 'usable' : 'foreign';
      const row = await keys.key(tx, keyUrl);
      if (row === undefined) return 'foreign';
      if (row.resource_uri === null) {
        if (row.creator_id !== userId) return 'foreign';
        await keys.bind(tx, keyUrl, kroUrl, context.now());
      } else if (row.resource_uri !== kroUrl) return 'foreign';
      else if (row.retired_ms !== null) return 'retired';
      write.afterCommit(() => {
        if (bound.size > 10_000) bound.clear();
        bound.set(keyUrl, kroUrl);
      });
      return 'usable';
    },
    retireKeys: async (write, kroUrl) => {
      await keys.retire(write.tx, kroUrl, context.now());
      const forget = (): void => {
        for (const [keyUrl, of] of bound) if (of === kroUrl) bound.delete(keyUrl);
      };
      // at once for the writes that follow, and once more after those that were before us in the same transaction
      forget();
      write.afterCommit(forget);
    },
    createKey: async ({ tx }, creatorId, kroUrl) =>
      (await keys.createKey(tx, creatorId, context.now(), kroUrl)).uri,
    createConversationKey: async ({ tx }, creatorId, userIds) => {
      const kroUrl = await keys.createResource(tx, context.now());
      const { uri } = await keys.createKey(tx, creatorId, context.now(), kroUrl);
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
      const [plain] = await service.decryptAll([{ keyUrl, jwe }]);
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
  return { ...service, routes: kmsRoutes(identity, own, handle) };
}
