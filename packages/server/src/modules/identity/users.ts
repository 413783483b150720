import { sql } from 'kysely';
import { createHash, randomUUID } from 'node:crypto';
import { ApiError, notFound } from '../../kernel/http/errors.js';
import type { Kernel } from '../../kernel/kernel.js';
import { jsonRows, listed, type Write } from '../../kernel/store/index.js';
import type { Identity, NewName, User } from './api.js';
import { hashPassword, verifyPassword } from './passwords.js';
import type { UsersTable } from './schema.js';
import { createUserCache } from './user-cache.js';

/** `spark.kms_orgagent`, as the protocol calls it: may read content keys on behalf of others (compliance). */
export const roles = ['admin', 'agent', 'bot', 'spark.kms_orgagent'] as const;
export type Role = (typeof roles)[number];

export interface NewUser {
  readonly email: string;
  readonly displayName: string;
  readonly password?: string;
  readonly roles?: readonly Role[];
}

/** An account that no one signs in to at the page: it has no address, no password and no dial number. */
interface NewOther {
  readonly displayName: string;
  readonly roles: readonly ['guest'] | readonly ['machine'];
}

/** Longer ones are wrong without being looked at: hashing them would cost us more than asking costs them. */
const longestPassword = 1024;

/** What others need to know; above all, no password. */
const shown = [
  'id',
  'org_id',
  'email',
  'display_name',
  'given_name',
  'family_name',
  'roles',
  'extension',
  'created_ms',
] as const satisfies readonly (keyof UsersTable)[];

const toUser = (row: Pick<UsersTable, (typeof shown)[number]>): User => ({
  id: row.id,
  org_id: row.org_id,
  email: row.email,
  display_name: row.display_name,
  given_name: row.given_name,
  family_name: row.family_name,
  roles: row.roles === '[]' ? [] : (JSON.parse(row.roles) as string[]),
  extension: row.extension,
  created_ms: row.created_ms,
});

// the next free dial number of this organisation
async function nextExtension(write: Write, orgId: string): Promise<string> {
  const { highest } = await write.tx
    .selectFrom('users')
    .select(sql<number | null>`max(cast(extension as integer))`.as('highest'))
    .where('org_id', '=', orgId)
    .where('extension', '!=', '')
    .executeTakeFirstOrThrow();
  return String(Math.max(highest ?? 0, 1000) + 1);
}

/** The parts of a name: as the person gave them, else the first word of the display name and the rest. */
export function nameParts(user: Pick<User, 'display_name' | 'given_name' | 'family_name'>): {
  readonly givenName: string;
  readonly familyName: string;
} {
  const [first = user.display_name, ...rest] = user.display_name.trim().split(/\s+/);
  const given = user.given_name ?? undefined;
  const family = user.family_name ?? undefined;
  if (given !== undefined || family !== undefined)
    return { givenName: given ?? '', familyName: family ?? '' };
  return { givenName: first, familyName: rest.join(' ') };
}

/** People of the organisation, out of the store. */
export function createUsers(kernel: Kernel, orgId: string) {
  const { db } = kernel.store;
  const hashOf = (email: string): string => createHash('sha256').update(email).digest('hex');
  /** of all people who can be written to; made at its first use */
  let emailHashes: Promise<Set<string>> | undefined;
  const allHashes = async (): Promise<Set<string>> => {
    const rows = await db.selectFrom('users').select('email').where('extension', '!=', '').execute();
    return new Set(rows.map(({ email }) => hashOf(email)));
  };
  const listeners = new Set<(id: string) => void>();
  const cache = createUserCache(async (ids) =>
    (
      await jsonRows<UsersTable, (typeof shown)[number]>(
        db,
        shown,
        sql`${listed(ids)} cross join users where users.id = listed`,
      )
    ).map(toUser),
  );
  /** Every change of an existing user that others can see goes through here: what is cached is dropped after COMMIT. */
  async function change(
    write: Write,
    id: string,
    values: Partial<Pick<UsersTable, Exclude<(typeof shown)[number], 'id'>>>,
  ): Promise<User> {
    const row = await write.tx
      .updateTable('users')
      .set(values)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) throw notFound();
    write.afterCommit(() => {
      cache.forget(id);
      for (const listener of listeners) listener(id);
    });
    return toUser(row);
  }
  return {
    /** Calls the listener after the COMMIT of each change of an existing user. */
    onChanged(listener: (id: string) => void): void {
      listeners.add(listener);
    },
    change,
    async hasEmailHash(hash: string): Promise<boolean> {
      emailHashes ??= allHashes();
      return (await emailHashes.catch(() => (emailHashes = undefined)))?.has(hash.toLowerCase()) === true;
    },
    async create(user: NewUser): Promise<User> {
      const email = user.email.toLowerCase();
      const passwordHash = user.password === undefined ? null : await hashPassword(user.password);
      return kernel.store.write(async (write) => {
        const taken = await write.tx
          .selectFrom('users')
          .select('id')
          .where('email', '=', email)
          .executeTakeFirst();
        if (taken !== undefined) throw new ApiError(409, `There is a user with the email ${email} already.`);
        const row: UsersTable = {
          id: randomUUID(),
          org_id: orgId,
          email,
          display_name: user.displayName,
          given_name: null,
          family_name: null,
          password_hash: passwordHash,
          roles: JSON.stringify(user.roles ?? []),
          extension: await nextExtension(write, orgId),
          created_ms: kernel.now(),
        };
        await write.tx.insertInto('users').values(row).execute();
        write.afterCommit(() => {
          void emailHashes?.then((hashes) => hashes.add(hashOf(email))).catch(() => undefined);
        });
        return toUser(row);
      });
    },
    async createWithin(write: Write, other: NewOther): Promise<User> {
      const id = randomUUID();
      const row: UsersTable = {
        id,
        org_id: orgId,
        // RFC 2606: nothing can be sent there
        email: `${other.roles[0]}-${id}@trunkline.invalid`,
        display_name: other.displayName,
        given_name: null,
        family_name: null,
        password_hash: null,
        roles: JSON.stringify(other.roles),
        extension: '',
        created_ms: kernel.now(),
      };
      await write.tx.insertInto('users').values(row).execute();
      return toUser(row);
    },
    /** The person, when the password is right. As slow for those who are not there as for those who are. */
    async verify(email: string, password: string): Promise<User | undefined> {
      if (password.length > longestPassword) return undefined;
      const row = await db
        .selectFrom('users')
        .selectAll()
        .where('email', '=', email.toLowerCase())
        .executeTakeFirst();
      const right = await verifyPassword(password, row?.password_hash ?? null);
      return right && row !== undefined ? toUser(row) : undefined;
    },
    async hasPassword(id: string): Promise<boolean> {
      const row = await db
        .selectFrom('users')
        .select('password_hash')
        .where('id', '=', id)
        .executeTakeFirst();
      return row !== undefined && row.password_hash !== null;
    },
    /** The caller has checked who asks. */
    async setPasswordHash({ tx }: Write, id: string, password_hash: string): Promise<void> {
      await tx.updateTable('users').set({ password_hash }).where('id', '=', id).execute();
    },
    rename: (id: string, { displayName, givenName, familyName }: NewName): Promise<User> =>
      kernel.store.write((write) =>
        change(write, id, {
          display_name: displayName,
          given_name: givenName ?? null,
          family_name: familyName ?? null,
        }),
      ),
    byId: (id: string): Promise<User | undefined> => cache.get(id),
    byIds: (ids: readonly string[]): Promise<ReadonlyMap<string, User>> => cache.all(ids),
    async byEmail(email: string): Promise<User | undefined> {
      const row = await db
        .selectFrom('users')
        .selectAll()
        .where('email', '=', email.toLowerCase())
        .executeTakeFirst();
      return row && toUser(row);
    },
    async search(org: string, query: Parameters<Identity['searchUsers']>[1]): Promise<readonly User[]> {
      let select = db.selectFrom('users').selectAll().where('org_id', '=', org);
      // programs and guests are not people to be found
      if (query.email === undefined) select = select.where('extension', '!=', '');
      else {
        // an account that is not a person is found by its whole address
        const email = query.email.toLowerCase();
        const isWhole = sql<boolean>`email = ${email}`;
        select =
          email === ''
            ? select.where(isWhole)
            : select
                .where(
                  sql<boolean>`(${isWhole} or (extension != '' and email like ${containing(email)} escape '\\'))`,
                )
                // callers that want one person take the first
                .orderBy(isWhole, 'desc');
      }
      if (query.among !== undefined)
        select = select.where('id', 'in', sql<string>`(select listed from ${listed(query.among)})`);
      if (query.displayName !== undefined)
        select = select.where(
          sql<boolean>`lower(display_name) like ${containing(query.displayName.toLowerCase())} escape '\\'`,
        );
      const { after } = query;
      if (after !== undefined) {
        const email = (query.email ?? '').toLowerCase();
        const follows = sql<boolean>`(display_name, id) > (${after.displayName}, ${after.id})`;
        // the whole address came first, wherever its name belongs
        select =
          email === ''
            ? select.where(follows)
            : select.where(
                sql<boolean>`email != ${email} and (${follows} or (select email from users where id = ${after.id}) = ${email})`,
              );
      }
      return (await select.orderBy('display_name').orderBy('id').limit(query.max).execute()).map(toUser);
    },
  };
}
/** A LIKE pattern for text anywhere in a value, whatever it holds. */
const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

export type Users = ReturnType<typeof createUsers>;
