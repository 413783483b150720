import { createHash, timingSafeEqual } from 'node:crypto';
import { ApiError } from '../../kernel/http/errors.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Write } from '../../kernel/store/index.js';
import { checkRedirectUri } from './redirects.js';
import type { ClientsTable } from './schema.js';
import { defaultScope } from './scopes.js';
import type { Tokens } from './tokens.js';
import type { Users } from './users.js';

export interface NewClient {
  readonly clientId: string;
  /** left out: a public client, such as a page */
  readonly clientSecret?: string;
  readonly redirectUris: readonly string[];
  /** space separated */
  readonly scopes?: string;
  readonly name?: string;
}

/** A registered client. */
export interface Client {
  readonly id: string;
  readonly name: string;
  /** without a secret: a page or an installed program, which could keep none */
  readonly isPublic: boolean;
  readonly redirectUris: readonly string[];
  /** what it may ask for, space separated */
  readonly scope: string;
}

// a secret is made by a machine, long and random: it needs no slow hash as a password does
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares without revealing by its time how much of it was right. */
export const sameSecret = (given: string, expectedHash: Buffer): boolean => {
  const hash = digest(given);
  return hash.length === expectedHash.length && timingSafeEqual(hash, expectedHash);
};

const uris = (row: Pick<ClientsTable, 'redirect_uris'>): readonly string[] =>
  JSON.parse(row.redirect_uris) as string[];
const toClient = (row: ClientsTable): Client => ({
  id: row.id,
  name: row.name,
  isPublic: row.secret_hash === null,
  redirectUris: uris(row),
  scope: row.scopes === '' ? defaultScope : row.scopes,
});
const isRight = (row: ClientsTable, secret: string | undefined): boolean =>
  row.secret_hash === null || sameSecret(secret ?? '', Buffer.from(row.secret_hash, 'hex'));

/** OAuth clients, as registered by the administrator. */
export function createClients(kernel: Kernel, users: Pick<Users, 'createWithin'>) {
  const row = (id: string): Promise<ClientsTable | undefined> =>
    kernel.store.db.selectFrom('clients').selectAll().where('id', '=', id).executeTakeFirst();
  return {
    async find(id: string): Promise<Client | undefined> {
      const found = await row(id);
      return found && toClient(found);
    },
    /** @throws ApiError 400 when a redirect URI cannot be, 409 when there is such a client */
    async create(client: NewClient): Promise<void> {
      for (const uri of client.redirectUris) checkRedirectUri(uri);
      await kernel.store.write(async (write) => {
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
            created_ms: kernel.now(),
            machine_id: null,
          })
          .execute();
      });
    },
    /** The client, when the secret is right; a public one needs none. */
    async authenticate(id: string | undefined, secret: string | undefined): Promise<Client | undefined> {
      const found = id === undefined ? undefined : await row(id);
      return found !== undefined && isRight(found, secret) ? toClient(found) : undefined;
    },
    /** Whether this id may act: unregistered and public clients always, confidential ones with their secret. */
    async mayAct(id: string | undefined, secret: string | undefined): Promise<boolean> {
      const found = id === undefined ? undefined : await row(id);
      return found === undefined || isRight(found, secret);
    },
    /** All of them, by id. */
    async list(): Promise<readonly (Client & { readonly createdMs: number })[]> {
      const rows = await kernel.store.db.selectFrom('clients').selectAll().orderBy('id').execute();
      return rows.map((found) => ({ ...toClient(found), createdMs: found.created_ms }));
    },
    /** With everything that it was allowed and given, in one write. False when there is none of this id. */
    remove: (id: string, tokens: Pick<Tokens, 'removeHeld'>): Promise<boolean> =>
      kernel.store.write(async (write) => {
        const { tx } = write;
        const gone = await tx.deleteFrom('clients').where('id', '=', id).returning('id').execute();
        await tokens.removeHeld(write, { clientId: id });
        for (const table of ['codes', 'device_codes', 'one_time_codes', 'consents'] as const)
          await tx.deleteFrom(table).where('client_id', '=', id).execute();
        return gone.length > 0;
      }),
    /** Every address that some client registered to return to. */
    async allRedirectUris(): Promise<readonly string[]> {
      const rows = await kernel.store.db.selectFrom('clients').select('redirect_uris').execute();
      return rows.flatMap(uris);
    },
    /** The account that this client acts as when it asks for itself; made at the first use. */
    machineId: (client: Client): Promise<string> =>
      kernel.store.write(async (write: Write) => {
        const { machine_id: id } = await write.tx
          .selectFrom('clients')
          .select('machine_id')
          .where('id', '=', client.id)
          .executeTakeFirstOrThrow();
        if (id !== null) return id;
        const made = await users.createWithin(write, {
          displayName: client.name,
          roles: ['machine'],
        });
        await write.tx
          .updateTable('clients')
          .set({ machine_id: made.id })
          .where('id', '=', client.id)
          .execute();
        return made.id;
      }),
  };
}
export type Clients = ReturnType<typeof createClients>;
