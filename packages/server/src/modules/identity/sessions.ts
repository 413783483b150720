import type { FastifyReply, FastifyRequest } from 'fastify';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { removalTime } from '../../kernel/clock.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { User } from './api.js';
import { hashToken } from './tokens.js';

const lifeMs = 7 * 86_400_000;

/** What one browser shows: a random text, with a user signed in behind it or not yet. */
export interface Visit {
  readonly cookie: string;
  readonly user: User | undefined;
}

export interface OwnSession {
  /** no secret: the cookie is not to be had from it */
  readonly id: string;
  /** epoch ms; 0: not known */
  readonly startedMs: number;
  readonly agent: string;
  readonly isThis: boolean;
}

/**
 * Who is signed in at the sign-in page. Every visitor gets a random cookie, from which the token against forged forms
 * is derived; signing in gives a new one, so that no one can plant theirs beforehand. Kept as a hash.
 */
export function createSessions(
  kernel: Kernel,
  orgId: string,
  userById: (id: string) => Promise<User | undefined>,
) {
  const { store } = kernel;
  // browsers share cookies among the ports of a host: two services there must not sign each other out
  const plainName = `trunkline_${orgId.slice(0, 8)}`;
  const isTls = (request: FastifyRequest): boolean => kernel.urls(request).base.startsWith('https:');
  // and where TLS set a cookie, browsers let no page without it set one of that name
  const nameFor = (request: FastifyRequest): string => (isTls(request) ? `__Secure-${plainName}` : plainName);
  const set = (request: FastifyRequest, reply: FastifyReply, value: string): void => {
    void reply.setCookie(nameFor(request), value, {
      path: '/idbroker',
      httpOnly: true,
      sameSite: 'lax',
      secure: isTls(request),
    });
  };
  const given = (request: FastifyRequest): string | undefined => {
    const value = request.cookies[nameFor(request)];
    return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined;
  };

  async function userOf(cookie: string): Promise<User | undefined> {
    const row = await store.db
      .selectFrom('sessions')
      .selectAll()
      .where('hash', '=', hashToken(cookie))
      .executeTakeFirst();
    return row === undefined || row.expires_ms <= removalTime(kernel) ? undefined : userById(row.user_id);
  }

  /** For the forms of one visitor: who does not know the cookie cannot make it. */
  const formToken = (cookie: string): string =>
    createHash('sha256').update(`trunkline form\n${cookie}`).digest('base64url');

  return {
    formToken,
    async visit(request: FastifyRequest, reply: FastifyReply): Promise<Visit> {
      const cookie = given(request);
      if (cookie !== undefined) return { cookie, user: await userOf(cookie) };
      const fresh = randomBytes(32).toString('base64url');
      set(request, reply, fresh);
      return { cookie: fresh, user: undefined };
    },
    /** Who is signed in in this browser; sets no cookie. */
    async userOf(request: FastifyRequest): Promise<User | undefined> {
      const cookie = given(request);
      return cookie === undefined ? undefined : userOf(cookie);
    },
    hasCookie: (request: FastifyRequest): boolean => given(request) !== undefined,
    /** Whether a form that came was one that we showed to this very browser. */
    isOwnForm(request: FastifyRequest, token: string | undefined): boolean {
      const cookie = given(request);
      const site = request.headers['sec-fetch-site'];
      if (cookie === undefined || token === undefined) return false;
      if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
      const [right, shown] = [Buffer.from(formToken(cookie)), Buffer.from(token)];
      return right.length === shown.length && timingSafeEqual(right, shown);
    },
    async start(request: FastifyRequest, reply: FastifyReply, user: User): Promise<void> {
      const before = given(request);
      const fresh = randomBytes(32).toString('base64url');
      await store.write(async ({ tx }) => {
        if (before !== undefined)
          await tx.deleteFrom('sessions').where('hash', '=', hashToken(before)).execute();
        await tx
          .insertInto('sessions')
          .values({
            hash: hashToken(fresh),
            user_id: user.id,
            expires_ms: removalTime(kernel) + lifeMs,
            started_ms: kernel.now(),
            agent: (request.headers['user-agent'] ?? '').slice(0, 200),
          })
          .execute();
      });
      set(request, reply, fresh);
    },
    async end(request: FastifyRequest, reply: FastifyReply): Promise<void> {
      const cookie = given(request);
      if (cookie === undefined) return;
      await store.write(({ tx }) =>
        tx.deleteFrom('sessions').where('hash', '=', hashToken(cookie)).execute(),
      );
      void reply.clearCookie(nameFor(request), { path: '/idbroker', secure: isTls(request) });
    },
    /** Of one person: where they are signed in, the newest first. */
    async ofUser(userId: string, request: FastifyRequest): Promise<readonly OwnSession[]> {
      const cookie = given(request);
      const own = cookie === undefined ? undefined : hashToken(cookie);
      const rows = await store.db
        .selectFrom('sessions')
        .selectAll()
        .where('user_id', '=', userId)
        .where('expires_ms', '>', removalTime(kernel))
        .orderBy('started_ms', 'desc')
        .limit(100)
        .execute();
      return rows.map(({ hash, started_ms, agent }) => ({
        id: hash,
        startedMs: started_ms,
        agent,
        isThis: hash === own,
      }));
    },
    /** One of them, or all. */
    endOf: (userId: string, id?: string): Promise<unknown> =>
      store.write(({ tx }) => {
        const all = tx.deleteFrom('sessions').where('user_id', '=', userId);
        return (id === undefined ? all : all.where('hash', '=', id)).execute();
      }),
    sweep: (): Promise<unknown> =>
      store.write(({ tx }) =>
        tx.deleteFrom('sessions').where('expires_ms', '<', removalTime(kernel)).execute(),
      ),
  };
}
export type Sessions = ReturnType<typeof createSessions>;
