import { createHash, timingSafeEqual } from 'node:crypto';
import { ApiError } from '../../http/errors.js';
import type { ClientsTable } from '../../store/index.js';
import type { Context } from '../contracts.js';

export interface NewClient {
  readonly clientId: string;
  /** left out: a public client, such as a page */
  readonly clientSecret?: string;
  readonly redirectUris: readonly string[];
  /** space separated */
  readonly scopes?: string;
  readonly name?: string;
}

// a secret is made by a machine, long and random: it needs no slow hash as a password does
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares without telling by its time how much of it was right. */
export const sameSecret = (given: string, expectedHash: Buffer): boolean => {
  const hash = digest(given);
  return hash.length === expectedHash.length && timingSafeEqual(hash, expectedHash);
};
export const hashSecret = digest;

/** OAuth clients, as registered by the administrator. */
export function createClients(context: Context) {
  const find = (id: string): Promise<ClientsTable | undefined> =>
    context.store.db.selectFrom('clients').selectAll().where('id', '=', id).executeTakeFirst();
  return {
    find,
    async create(client: NewClient): Promise<void> {
      await context.store.write(async (write) => {
        const taken = await write.tx
          .selectFrom('clients')
          .select('id')
          .where('id', '=', client.clientId)
          .execute();
        if (taken.length > 0)
          throw new ApiError(409, `There is a client with the id ${client.clientId} already.`);
        await write.tx
          .insertInto('clients')
          .values({
            id: client.clientId,
            secret_hash:
              client.clientSecret === undefined ? null : digest(client.clientSecret).toString('hex'),
            redirect_uris: JSON.stringify(client.redirectUris),
            scopes: client.scopes ?? '',
            name: client.name ?? client.clientId,
            created_ms: context.now(),
          })
          .execute();
      });
    },
    /** Whether this id may act: unregistered and public clients always, confidential ones with their secret. */
    async mayAct(id: string | undefined, secret: string | undefined): Promise<boolean> {
      const client = id === undefined ? undefined : await find(id);
      if (client?.secret_hash == null) return true;
      return sameSecret(secret ?? '', Buffer.from(client.secret_hash, 'hex'));
    },
    /** Whether some client registered this address to return to. */
    async isRedirectUri(uri: string): Promise<boolean> {
      const rows = await context.store.db.selectFrom('clients').select('redirect_uris').execute();
      return rows.some((row) => (JSON.parse(row.redirect_uris) as string[]).includes(uri));
    },
  };
}
export type Clients = ReturnType<typeof createClients>;
