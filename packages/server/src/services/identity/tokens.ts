import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { TokensTable, Write } from '../../store/index.js';
import type { Caller, Context, User } from '../contracts.js';

const defaultScope = 'spark:all spark:kms';
/** seconds */
export const accessLifeS = 14 * 86_400;
/** seconds */
const refreshLifeS = 60 * 86_400;

/** More tokens than this are looked up again. */
const cachedTokens = 20_000;

export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');
/** Sorted, single spaces: the order in which a client writes its scopes means nothing. */
export const sortScope = (scope: string): string =>
  [...new Set(scope.split(/\s+/).filter((part) => part !== ''))].sort().join(' ');

/** `spark:all` covers every scope of messaging but the right to keys. */
export const allows = (scopes: ReadonlySet<string>, wanted: string): boolean =>
  scopes.has(wanted) || (wanted.startsWith('spark:') && wanted !== 'spark:kms' && scopes.has('spark:all'));

export interface Issued {
  readonly accessToken: string;
  /** seconds */
  readonly expiresIn: number;
  readonly scope: string;
}

/** Access and refresh tokens: issued once, kept as hashes. */
export function createTokens(
  context: Context,
  orgId: string,
  userById: (id: string) => Promise<User | undefined>,
) {
  const { store } = context;
  // a request with a known token costs a hash and a look-up; revoking removes it here in the same moment
  const known = new Map<string, Caller>();
  const listeners = new Set<(hashes: ReadonlySet<string>) => void>();

  let revision = 0;
  const fell = (hashes: ReadonlySet<string>): void => {
    revision += 1;
    for (const hash of hashes) known.delete(hash);
    for (const listener of listeners) listener(hashes);
  };

  async function insert(write: Write, row: Omit<TokensTable, 'created_ms'>): Promise<void> {
    await write.tx
      .insertInto('tokens')
      .values({ ...row, created_ms: context.now() })
      .execute();
  }

  const forget = (
    where: 'hash' | 'grant_id' | 'user_id' | undefined,
    value: string,
    kind?: 'access',
  ): Promise<number> =>
    store.write(async (write) => {
      let remove = write.tx.deleteFrom('tokens').returning('hash');
      if (where !== undefined) remove = remove.where(where, '=', value);
      if (kind !== undefined) remove = remove.where('kind', '=', kind);
      const hashes = new Set((await remove.execute()).map((row) => row.hash));
      write.afterCommit(() => {
        fell(hashes);
      });
      return hashes.size;
    });

  return {
    /** A new access token; the scope must have been checked. */
    async access(
      userId: string,
      options: { clientId: string | null; scope: string; grantId: string; expiresMs: number },
    ): Promise<Issued> {
      // the client splits on the underscore and takes the third part for the organisation
      const accessToken = `${randomBytes(32).toString('hex')}_${randomBytes(8).toString('hex')}_${orgId}`;
      const scope = sortScope(options.scope);
      await store.write((write) =>
        insert(write, {
          hash: hashToken(accessToken),
          kind: 'access',
          user_id: userId,
          client_id: options.clientId,
          scope,
          grant_id: options.grantId,
          expires_ms: options.expiresMs,
        }),
      );
      return {
        accessToken,
        scope,
        expiresIn: Math.max(0, Math.round((options.expiresMs - context.now()) / 1000)),
      };
    },

    /** A new grant: a refresh token and its first access token. */
    async grant(
      userId: string,
      options: {
        clientId?: string | undefined;
        expiresIn?: number | undefined;
        scope?: string | undefined;
      } = {},
    ): Promise<Issued & { readonly refreshToken: string }> {
      const refreshToken = randomBytes(48).toString('hex');
      const grantId = randomUUID();
      const shared = {
        clientId: options.clientId ?? null,
        scope: sortScope(options.scope ?? defaultScope),
        grantId,
      };
      const [issued] = await Promise.all([
        this.access(userId, {
          ...shared,
          expiresMs: context.now() + (options.expiresIn ?? accessLifeS) * 1000,
        }),
        store.write((write) =>
          insert(write, {
            hash: hashToken(refreshToken),
            kind: 'refresh',
            user_id: userId,
            client_id: shared.clientId,
            scope: shared.scope,
            grant_id: grantId,
            expires_ms: context.now() + refreshLifeS * 1000,
          }),
        ),
      ]);
      return { ...issued, refreshToken };
    },

    /** The kept token, when it is known and not expired. */
    async find(token: string, kind?: TokensTable['kind']): Promise<TokensTable | undefined> {
      const row = await store.db
        .selectFrom('tokens')
        .selectAll()
        .where('hash', '=', hashToken(token))
        .executeTakeFirst();
      return row !== undefined && row.expires_ms > context.now() && (kind ?? row.kind) === row.kind
        ? row
        : undefined;
    },

    async caller(accessToken: string): Promise<Caller | undefined> {
      const tokenHash = hashToken(accessToken);
      const before = known.get(tokenHash);
      if (before !== undefined) {
        if (before.expiresMs > context.now()) return before;
        known.delete(tokenHash);
        return undefined;
      }
      const revisionBefore = revision;
      const row = await this.find(accessToken, 'access');
      const user = row && (await userById(row.user_id));
      if (row === undefined || user === undefined) return undefined;
      const caller: Caller = {
        user,
        scopes: new Set(row.scope.split(' ')),
        tokenHash,
        expiresMs: row.expires_ms,
      };
      // something was revoked while we read: it may have been this one, so do not remember it
      if (revision !== revisionBefore) return caller;
      if (known.size >= cachedTokens) known.delete(known.keys().next().value ?? '');
      known.set(tokenHash, caller);
      return caller;
    },

    /** This token alone. Answers how many fell. */
    revoke: (token: string): Promise<number> => forget('hash', hashToken(token)),
    /** Everything that came from the same sign-in. */
    revokeGrant: (grantId: string): Promise<number> => forget('grant_id', grantId),
    /** All access tokens of one person or of everybody; refresh tokens stay. */
    expireAccess: (userId?: string): Promise<number> =>
      userId === undefined ? forget(undefined, '', 'access') : forget('user_id', userId, 'access'),
    /** Tells of access tokens that are no good any more, before their time. Answers the way off. */
    onFell(listener: (hashes: ReadonlySet<string>) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** Removes what has expired. */
    sweep: (): Promise<unknown> =>
      store.write((write) => write.tx.deleteFrom('tokens').where('expires_ms', '<', context.now()).execute()),
  };
}
export type Tokens = ReturnType<typeof createTokens>;
