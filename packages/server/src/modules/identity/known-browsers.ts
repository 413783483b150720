import type { FastifyReply, FastifyRequest } from 'fastify';
import { randomBytes } from 'node:crypto';
import { removalTime } from '../../kernel/clock.js';
import type { Kernel } from '../../kernel/kernel.js';
import { hashToken } from './tokens.js';

/** ms; as long as browsers keep a cookie */
const lifeMs = 400 * 86_400_000;
/** browsers that are remembered of one person */
const mostOfOne = 50;

/**
 * Browsers in which a person gave the right password before. It proves nothing but that: failures of others do not count
 * there, so that no one can lock a person out of their own browser.
 */
export function createKnownBrowsers(kernel: Kernel, orgId: string) {
  const { store } = kernel;
  const plainName = `trunkline_known_${orgId.slice(0, 8)}`;
  const isTls = (request: FastifyRequest): boolean => kernel.urls(request).base.startsWith('https:');
  const nameFor = (request: FastifyRequest): string => (isTls(request) ? `__Secure-${plainName}` : plainName);
  const given = (request: FastifyRequest): string | undefined => {
    const value = request.cookies[nameFor(request)];
    return value !== undefined && /^[\w-]{43}$/.test(value) ? hashToken(value) : undefined;
  };

  return {
    /** A name for this browser, when the account of that address was signed in there before. */
    async find(request: FastifyRequest, email: string): Promise<string | undefined> {
      const hash = given(request);
      if (hash === undefined) return undefined;
      const row = await store.db
        .selectFrom('known_browsers')
        .innerJoin('users', 'users.id', 'known_browsers.user_id')
        .select('known_browsers.hash')
        .where('known_browsers.hash', '=', hash)
        .where('users.email', '=', email.trim().toLowerCase())
        .where('known_browsers.used_ms', '>', removalTime(kernel) - lifeMs)
        .executeTakeFirst();
      return row?.hash;
    },
    /** Remembers the browser, under a new cookie: one that was planted beforehand stays worthless. */
    async remember(request: FastifyRequest, reply: FastifyReply, userId: string): Promise<void> {
      const before = given(request);
      const cookie = randomBytes(32).toString('base64url');
      const hash = hashToken(cookie);
      await store.write(async ({ tx }) => {
        if (before !== undefined) {
          await tx
            .deleteFrom('known_browsers')
            .where('hash', '=', before)
            .where('user_id', '=', userId)
            .execute();
          // others who signed in here keep their place
          await tx.updateTable('known_browsers').set({ hash }).where('hash', '=', before).execute();
        }
        const old = await tx
          .selectFrom('known_browsers')
          .select('hash')
          .where('user_id', '=', userId)
          .orderBy('used_ms', 'desc')
          .offset(mostOfOne - 1)
          .limit(mostOfOne)
          .execute();
        for (const row of old)
          await tx
            .deleteFrom('known_browsers')
            .where('user_id', '=', userId)
            .where('hash', '=', row.hash)
            .execute();
        await tx
          .insertInto('known_browsers')
          .values({ hash, user_id: userId, used_ms: removalTime(kernel) })
          .execute();
      });
      void reply.setCookie(nameFor(request), cookie, {
        path: '/idbroker',
        httpOnly: true,
        sameSite: 'lax',
        secure: isTls(request),
        maxAge: lifeMs / 1000,
      });
    },
    sweep: (): Promise<unknown> =>
      store.write(({ tx }) =>
        tx
          .deleteFrom('known_browsers')
          .where('used_ms', '<=', removalTime(kernel) - lifeMs)
          .execute(),
      ),
  };
}
export type KnownBrowsers = ReturnType<typeof createKnownBrowsers>;
