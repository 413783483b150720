import type { Kysely } from 'kysely';
import { randomBytes, randomUUID } from 'node:crypto';
import type { Database, Store } from '../../kernel/store/index.js';
import type { Vault } from '../../kernel/vault/vault.js';
import type { KmsKeysTable } from './schema.js';

export type Tx = Kysely<Database>;
export type KeyRow = Pick<
  KmsKeysTable,
  'uri' | 'wrapped' | 'creator_id' | 'resource_uri' | 'created_ms' | 'bound_ms' | 'retired_ms'
>;

/** Keys, resources and who may use them: the tables of the key service. */
export type KeyStore = ReturnType<typeof createKeyStore>;

/** as many as the rooms of a user who is in very many: else each page of them would push the next one's out */
const cacheSize = 10_000;

export function createKeyStore(store: Store, vault: Vault, host: string) {
  // unwrapped keys of late use; a Map remembers the order of insertion, which makes it an LRU
  const cache = new Map<string, Buffer>();
  const remember = (uri: string, key: Buffer): Buffer => {
    cache.delete(uri);
    cache.set(uri, key);
    if (cache.size > cacheSize) for (const oldest of cache.keys()) return (cache.delete(oldest), key);
    return key;
  };
  const open = (row: KeyRow): Buffer =>
    cache.get(row.uri) ?? remember(row.uri, vault.unwrap(row.uri, row.wrapped));

  return {
    async createKey(
      tx: Tx,
      creatorId: string,
      nowMs: number,
      resourceUri: string | null = null,
    ): Promise<KeyRow> {
      const uri = `kms://${host}/keys/${randomUUID()}`;
      const key = randomBytes(32);
      const row: KeyRow = {
        uri,
        wrapped: vault.wrap(uri, key),
        creator_id: creatorId,
        resource_uri: resourceUri,
        created_ms: nowMs,
        bound_ms: resourceUri === null ? null : nowMs,
        retired_ms: null,
      };
      await tx.insertInto('kms_keys').values(row).execute();
      // at once: the same write encrypts with it
      remember(uri, key);
      return row;
    },
    key: (tx: Tx, uri: string): Promise<KeyRow | undefined> =>
      tx.selectFrom('kms_keys').selectAll().where('uri', '=', uri).executeTakeFirst(),
    keysOf: async (tx: Tx, resourceUri: string): Promise<readonly string[]> =>
      (await tx.selectFrom('kms_keys').select('uri').where('resource_uri', '=', resourceUri).execute()).map(
        (row) => row.uri,
      ),
    async bind(tx: Tx, uri: string, resourceUri: string, nowMs: number): Promise<void> {
      await tx
        .updateTable('kms_keys')
        .set({ resource_uri: resourceUri, bound_ms: nowMs })
        .where('uri', '=', uri)
        .where('resource_uri', 'is', null)
        .execute();
    },
    /** From now on nothing new may be under the keys that this resource has. */
    async retire(tx: Tx, resourceUri: string, nowMs: number): Promise<void> {
      await tx
        .updateTable('kms_keys')
        .set({ retired_ms: nowMs })
        .where('resource_uri', '=', resourceUri)
        .where('retired_ms', 'is', null)
        .execute();
    },
    open,
    /** The key itself where it was used lately: no one needs to wait for it. */
    known: (uri: string): Buffer | undefined => cache.get(uri),
    /** The key itself, for this process. @throws when there is none */
    async bytes(uri: string): Promise<Buffer> {
      const known = cache.get(uri);
      // as long as nothing is pushed out, the order does not matter
      if (known !== undefined) return cache.size < cacheSize ? known : remember(uri, known);
      const row = await store.db.selectFrom('kms_keys').selectAll().where('uri', '=', uri).executeTakeFirst();
      if (row === undefined) throw new Error('the key is gone');
      return open(row);
    },
    /** Reads those that are not known yet, all in one: `bytes` of each has less to do then. */
    async warm(uris: readonly string[]): Promise<void> {
      const unknown = [...new Set(uris)].filter((uri) => !cache.has(uri)).slice(0, cacheSize);
      if (unknown.length === 0) return;
      const rows = await store.db.selectFrom('kms_keys').selectAll().where('uri', 'in', unknown).execute();
      for (const row of rows) open(row);
    },
    async createResource(tx: Tx, nowMs: number): Promise<string> {
      const uri = `kms://${host}/resources/${randomUUID()}`;
      await tx.insertInto('kms_resources').values({ uri, created_ms: nowMs }).execute();
      return uri;
    },
    async authorize(tx: Tx, resourceUri: string, userIds: readonly string[]): Promise<void> {
      if (userIds.length === 0) return;
      const ids = [...new Set(userIds)];
      for (let at = 0; at < ids.length; at += 1_000)
        await tx
          .insertInto('kms_authorizations')
          .values(ids.slice(at, at + 1_000).map((user_id) => ({ resource_uri: resourceUri, user_id })))
          .onConflict((conflict) => conflict.doNothing())
          .execute();
    },
    async revoke(tx: Tx, resourceUri: string, userId: string): Promise<void> {
      await tx
        .deleteFrom('kms_authorizations')
        .where('resource_uri', '=', resourceUri)
        .where('user_id', '=', userId)
        .execute();
    },
    authorized: async (tx: Tx, resourceUri: string): Promise<readonly string[]> =>
      (
        await tx
          .selectFrom('kms_authorizations')
          .select('user_id')
          .where('resource_uri', '=', resourceUri)
          .execute()
      ).map((row) => row.user_id),
    async isAuthorized(tx: Tx, resourceUri: string, userId: string): Promise<boolean> {
      const row = await tx
        .selectFrom('kms_authorizations')
        .select('user_id')
        .where('resource_uri', '=', resourceUri)
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}
