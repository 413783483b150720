import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { removalTime } from '../../kernel/clock.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Write } from '../../kernel/store/index.js';
import type { Caller, User } from './api.js';
import type { TokensTable } from './schema.js';
import { defaultScope, sortScope } from './scopes.js';

/** seconds */
export const accessLifeS = 14 * 86_400;
/** seconds */
const refreshLifeS = 60 * 86_400;

/** ms in which one refresh token may be exchanged several times: by windows that share it, or when asked again at once */
const besideMs = 60_000;

/** ms in which a revoked token still says whose it was */
const justRevokedMs = 300_000;

/** More tokens than this are looked up again. */
const cachedTokens = 20_000;

export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');
export interface Issued {
  readonly accessToken: string;
  /** seconds */
  readonly expiresIn: number;
  readonly scope: string;
}

export interface Granted extends Issued {
  readonly refreshToken: string;
  /** seconds */
  readonly refreshExpiresIn: number;
}
interface Shared {
  readonly clientId: string | null;
  readonly scope: string;
  readonly grantId: string;
}
/** What a client was given, by one person or by all; or what these people hold. */
export type Held =
  { readonly clientId: string; readonly userId?: string } | { readonly userIds: readonly string[] };
export interface GrantOptions {
  readonly clientId?: string | undefined;
  /** seconds */
  readonly expiresIn?: number | undefined;
  readonly scope?: string | undefined;
  readonly grantId?: string | undefined;
}

/** The form of all tokens and codes: clients split on the underscore and take the third part for the organisation. */
export const opaqueToken = (orgId: string): string =>
  `${randomBytes(32).toString('hex')}_${randomBytes(8).toString('hex')}_${orgId}`;

const json64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
/**
 * Clients know a guest by `user_type` of a JWT, so this token has the form of one. It is no less opaque than the others:
 * this service knows it by its hash, and its last part is random, which no one is meant to verify.
 */
const guestToken = (
  orgId: string,
  userId: string,
  times: { readonly nowMs: number; readonly expiresMs: number },
): string =>
  [
    json64({ alg: 'none', typ: 'JWT' }),
    json64({
      sub: userId,
      realm: orgId,
      user_type: 'guest',
      iat: Math.floor(times.nowMs / 1000),
      exp: Math.floor(times.expiresMs / 1000),
    }),
    randomBytes(32).toString('base64url'),
  ].join('.');

/** Access and refresh tokens: issued once, kept as hashes. */
export function createTokens(
  kernel: Kernel,
  orgId: string,
  userById: (id: string) => Promise<User | undefined>,
) {
  const { store } = kernel;
  // lifetimes are measured and checked by this clock alone: a wall clock set ahead ends no sign-in
  const expiryNow = (): number => removalTime(kernel);
  // a request with a known token costs a hash and a look-up; revoking removes it here in the same moment
  const known = new Map<string, Caller>();
  const listeners = new Set<(hashes: ReadonlySet<string>) => void>();
  const removers = new Set<(write: Write, held: Held) => Promise<void>>();

  const recentlyRevoked = new Map<string, { readonly userId: string; readonly untilMs: number }>();

  let revision = 0;
  const notifyRevoked = (hashes: ReadonlySet<string>): void => {
    revision += 1;
    for (const hash of hashes) known.delete(hash);
    for (const listener of listeners) listener(hashes);
  };

  async function insert(
    write: Write,
    row: Omit<TokensTable, 'created_ms' | 'parent' | 'spent_ms'> & { readonly parent?: string },
  ): Promise<void> {
    await write.tx
      .insertInto('tokens')
      .values({ parent: null, ...row, created_ms: expiryNow(), spent_ms: null })
      .execute();
  }

  async function insertAccess(
    write: Write,
    userId: string,
    options: Shared & {
      readonly expiresMs: number;
      readonly guest?: boolean | undefined;
      /** hash of the access token that this one is a part of */
      readonly parent?: string | undefined;
    },
  ): Promise<Issued> {
    const accessToken =
      options.guest === true
        ? guestToken(orgId, userId, { nowMs: kernel.now(), expiresMs: options.expiresMs })
        : opaqueToken(orgId);
    const scope = sortScope(options.scope);
    await insert(write, {
      hash: hashToken(accessToken),
      kind: 'access',
      user_id: userId,
      client_id: options.clientId,
      scope,
      grant_id: options.grantId,
      expires_ms: options.expiresMs,
      ...(options.parent === undefined ? {} : { parent: options.parent }),
    });
    return {
      accessToken,
      scope,
      expiresIn: Math.max(0, Math.round((options.expiresMs - expiryNow()) / 1000)),
    };
  }

  async function insertRefresh(
    write: Write,
    userId: string,
    shared: Shared,
    parent?: string,
  ): Promise<string> {
    const refreshToken = opaqueToken(orgId);
    await insert(write, {
      hash: hashToken(refreshToken),
      kind: 'refresh',
      user_id: userId,
      client_id: shared.clientId,
      scope: shared.scope,
      grant_id: shared.grantId,
      expires_ms: expiryNow() + refreshLifeS * 1000,
      ...(parent === undefined ? {} : { parent }),
    });
    return refreshToken;
  }

  async function removeGrant(write: Write, grantId: string): Promise<number> {
    const rows = await write.tx
      .deleteFrom('tokens')
      .where('grant_id', '=', grantId)
      .returning('hash')
      .execute();
    write.afterCommit(() => {
      notifyRevoked(new Set(rows.map((row) => row.hash)));
    });
    return rows.length;
  }

  /** An access token with everything that was derived from it, however many steps away. */
  async function removeWithDerived(write: Write, hash: string): Promise<number> {
    const hashes = new Set<string>();
    let next: readonly string[] = [hash];
    while (next.length > 0) {
      for (const each of next) hashes.add(each);
      const derived = await write.tx
        .selectFrom('tokens')
        .select('hash')
        .where('kind', '=', 'access')
        .where('parent', 'in', next.slice(0, 1000))
        .execute();
      next = [...next.slice(1000), ...derived.map((row) => row.hash).filter((each) => !hashes.has(each))];
    }
    const all = [...hashes];
    let removed = 0;
    for (let at = 0; at < all.length; at += 1000) {
      const gone = await write.tx
        .deleteFrom('tokens')
        .where('hash', 'in', all.slice(at, at + 1000))
        .returning('hash')
        .execute();
      removed += gone.length;
    }
    write.afterCommit(() => {
      notifyRevoked(hashes);
    });
    return removed;
  }

  const expire = (userId: string | undefined): Promise<number> =>
    store.write(async (write) => {
      const access = write.tx.deleteFrom('tokens').where('kind', '=', 'access').returning('hash');
      const rows = await (userId === undefined ? access : access.where('user_id', '=', userId)).execute();
      write.afterCommit(() => {
        notifyRevoked(new Set(rows.map((row) => row.hash)));
      });
      return rows.length;
    });

  return {
    /**
     * A new access token that is a part of `origin`: it ends with it, at the latest. The scope must have been checked.
     *
     * @returns undefined when `origin` was revoked in the meantime
     */
    reduce: (origin: TokensTable, scope: string): Promise<Issued | undefined> =>
      store.write(async (write) => {
        const still = await write.tx
          .selectFrom('tokens')
          .select('hash')
          .where('hash', '=', origin.hash)
          .executeTakeFirst();
        if (still === undefined) return undefined;
        return insertAccess(write, origin.user_id, {
          clientId: origin.client_id,
          scope,
          grantId: origin.grant_id,
          expiresMs: origin.expires_ms,
          parent: origin.hash,
        });
      }),

    /** A new grant: a refresh token and its first access token. Within `write` where one is given. */
    grant(userId: string, options: GrantOptions = {}, write?: Write): Promise<Granted> {
      const shared: Shared = {
        clientId: options.clientId ?? null,
        scope: sortScope(options.scope ?? defaultScope),
        grantId: options.grantId ?? randomUUID(),
      };
      const make = async (within: Write): Promise<Granted> => {
        const issued = await insertAccess(within, userId, {
          ...shared,
          expiresMs: expiryNow() + (options.expiresIn ?? accessLifeS) * 1000,
        });
        return {
          ...issued,
          refreshToken: await insertRefresh(within, userId, shared),
          refreshExpiresIn: refreshLifeS,
        };
      };
      return write === undefined ? store.write(make) : make(write);
    },

    /** A grant without a refresh token: anyone who holds it asks again in the same way. */
    grantOnce: (userId: string, options: GrantOptions & { readonly guest?: boolean }): Promise<Issued> =>
      store.write((write) =>
        insertAccess(write, userId, {
          clientId: options.clientId ?? null,
          scope: options.scope ?? defaultScope,
          grantId: options.grantId ?? randomUUID(),
          guest: options.guest,
          expiresMs: expiryNow() + (options.expiresIn ?? accessLifeS) * 1000,
        }),
      ),

    /**
     * A new access token for a refresh token; undefined when it is not valid.
     *
     * With `rotate` (clients without a secret) there is a new refresh token as well. The one shown stays good until the
     * new one is used, because an answer can get lost on its way; shown after that it was stolen, and everything that
     * came from this sign-in falls. Two windows that refresh at the same time each get one of their own.
     */
    refresh: (
      refreshToken: string,
      client: { readonly id: string | undefined; readonly rotate: boolean },
    ): Promise<Granted | undefined> =>
      store.write(async (write) => {
        const { tx } = write;
        const now = expiryNow();
        const row = await tx
          .selectFrom('tokens')
          .selectAll()
          .where('hash', '=', hashToken(refreshToken))
          .where('kind', '=', 'refresh')
          .executeTakeFirst();
        if (row === undefined || row.expires_ms <= now) return undefined;
        if (row.client_id !== null && row.client_id !== client.id) return undefined;
        if (row.spent_ms !== null) {
          await removeGrant(write, row.grant_id);
          return undefined;
        }
        if (row.parent !== null)
          await tx.updateTable('tokens').set({ spent_ms: now }).where('hash', '=', row.parent).execute();
        const shared: Shared = { clientId: row.client_id, scope: row.scope, grantId: row.grant_id };
        const issued = await insertAccess(write, row.user_id, {
          ...shared,
          expiresMs: now + accessLifeS * 1000,
        });
        if (!client.rotate)
          return {
            ...issued,
            refreshToken,
            refreshExpiresIn: Math.floor((row.expires_ms - now) / 1000),
          };
        // its answer got lost: no one may show it any more
        await tx
          .updateTable('tokens')
          .set({ spent_ms: now })
          .where('parent', '=', row.hash)
          .where('created_ms', '<', now - besideMs)
          .execute();
        return {
          ...issued,
          refreshToken: await insertRefresh(write, row.user_id, shared, row.hash),
          refreshExpiresIn: refreshLifeS,
        };
      }),

    /** The kept token, when it is known and not expired. */
    async find(token: string, kind?: TokensTable['kind']): Promise<TokensTable | undefined> {
      const row = await store.db
        .selectFrom('tokens')
        .selectAll()
        .where('hash', '=', hashToken(token))
        .executeTakeFirst();
      return row !== undefined &&
        row.expires_ms > expiryNow() &&
        row.spent_ms === null &&
        (kind ?? row.kind) === row.kind
        ? row
        : undefined;
    },

    async caller(accessToken: string): Promise<Caller | undefined> {
      const tokenHash = hashToken(accessToken);
      const before = known.get(tokenHash);
      if (before !== undefined) {
        if (before.expiresMs > expiryNow()) return before;
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
        clientId: row.client_id,
        tokenHash,
        expiresMs: row.expires_ms,
      };
      // something was revoked while we read: it may have been this one, so do not remember it
      if (revision !== revisionBefore) return caller;
      if (known.size >= cachedTokens) known.delete(known.keys().next().value ?? '');
      known.set(tokenHash, caller);
      return caller;
    },

    /** Whether {@link caller} found this token valid before, and it still is. */
    isKnown: (accessToken: string): boolean =>
      (known.get(hashToken(accessToken))?.expiresMs ?? 0) > expiryNow(),

    /** Something about this person changed: their tokens are looked up again. */
    forgetUser(userId: string): void {
      revision += 1;
      for (const [hash, caller] of known) if (caller.user.id === userId) known.delete(hash);
    },

    /**
     * Revokes a token and everything that came from it: of an access token what was reduced from it, of a refresh token
     * the whole sign-in.
     *
     * @returns how many tokens were removed
     */
    revoke: (token: string): Promise<number> =>
      store.write(async (write) => {
        const row = await write.tx
          .selectFrom('tokens')
          .select(['hash', 'kind', 'grant_id', 'user_id'])
          .where('hash', '=', hashToken(token))
          .executeTakeFirst();
        if (row === undefined) return 0;
        if (recentlyRevoked.size >= 10_000) recentlyRevoked.clear();
        recentlyRevoked.set(row.hash, { userId: row.user_id, untilMs: expiryNow() + justRevokedMs });
        return row.kind === 'refresh' ? removeGrant(write, row.grant_id) : removeWithDerived(write, row.hash);
      }),
    /** Whose token this was, when it was revoked just now: clients revoke it before they go to the logout page. */
    ownerOfRevoked(token: string): string | undefined {
      const found = recentlyRevoked.get(hashToken(token));
      return found !== undefined && found.untilMs > expiryNow() ? found.userId : undefined;
    },
    /** Everything that came from the same sign-in. Returns how many tokens were removed. */
    revokeGrant: (grantId: string): Promise<number> => store.write((write) => removeGrant(write, grantId)),
    /** Within a write: every other sign-in of the person whose access token this is, with codes that would give new ones. */
    async removeOthers(write: Write, userId: string, tokenHash: string): Promise<void> {
      const { tx } = write;
      const kept = await tx
        .selectFrom('tokens')
        .select('grant_id')
        .where('hash', '=', tokenHash)
        .executeTakeFirst();
      const rows = await tx
        .deleteFrom('tokens')
        .where('user_id', '=', userId)
        .where('grant_id', '!=', kept?.grant_id ?? '')
        .returning('hash')
        .execute();
      for (const table of ['codes', 'device_codes', 'one_time_codes'] as const)
        await tx.deleteFrom(table).where('user_id', '=', userId).execute();
      write.afterCommit(() => {
        notifyRevoked(new Set(rows.map((row) => row.hash)));
      });
    },
    /** The same within a write. */
    removeGrant,
    /** Everything that a client was given, by one person or by all; or that these people hold. */
    async removeHeld(write: Write, held: Held): Promise<void> {
      for (const also of removers) await also(write, held);
      const remove = write.tx.deleteFrom('tokens').returning('hash');
      const hashes = new Set<string>();
      const take = (rows: readonly { hash: string }[]): void => {
        for (const { hash } of rows) hashes.add(hash);
      };
      if ('userIds' in held)
        // SQLite takes 32766 parameters at most
        for (let at = 0; at < held.userIds.length; at += 1000)
          take(await remove.where('user_id', 'in', held.userIds.slice(at, at + 1000)).execute());
      else {
        const ofClient = remove.where('client_id', '=', held.clientId);
        const { userId } = held;
        take(await (userId === undefined ? ofClient : ofClient.where('user_id', '=', userId)).execute());
      }
      write.afterCommit(() => {
        notifyRevoked(hashes);
      });
    },
    /** All access tokens of one person or of everybody; refresh tokens stay. */
    expireAccess: (userId?: string): Promise<number> => expire(userId),
    /** Calls `listener` with access tokens that are revoked before they expire. Returns an unsubscribe function. */
    onRevoked(listener: (hashes: ReadonlySet<string>) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** What else goes, within the same write, when a client or people lose all that they held. */
    onRemoveHeld(also: (write: Write, held: Held) => Promise<void>): void {
      removers.add(also);
    },
    /** Removes what has expired. */
    sweep: (): Promise<unknown> =>
      store.write((write) => write.tx.deleteFrom('tokens').where('expires_ms', '<', expiryNow()).execute()),
  };
}
export type Tokens = ReturnType<typeof createTokens>;
