import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { elapsedTime, removalTime } from '../../kernel/clock.js';
import { ApiError } from '../../kernel/http/errors.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { DeviceCodesTable } from './schema.js';
import { type Granted, hashToken, type Tokens } from './tokens.js';

/** seconds. @source protocol/identity-and-services.md §3.5 */
export const deviceCodeLifeS = 300;
/** seconds between two questions of a device */
export const deviceIntervalS = 2;
/** ms by which a device may be early: timers and networks are not exact */
const earlyMs = 400;
/** ms for which a code is remembered after its time, to say that it is over */
const rememberedMs = 3_600_000;
/** codes of one client that wait at the same time */
const mostWaiting = 5000;

// no vowels, so that no words appear, and nothing that looks like something else: 20^8 codes
const letters = 'BCDFGHJKLMNPQRSTVWXZ';

/** `BCDF-GHJK`, however it was typed; undefined when it cannot be one. */
export function readUserCode(text: string | undefined): string | undefined {
  const bare = (text ?? '').toUpperCase().replace(/[^A-Z0-9]/g, '');
  return /^[BCDFGHJKLMNPQRSTVWXZ]{8}$/.test(bare) ? `${bare.slice(0, 4)}-${bare.slice(4)}` : undefined;
}
const newUserCode = (): string => {
  const bare = Array.from({ length: 8 }, () => letters[randomInt(letters.length)] ?? '').join('');
  return `${bare.slice(0, 4)}-${bare.slice(4)}`;
};
const hashUserCode = (code: string): string =>
  createHash('sha256').update(`trunkline user code\n${code}`).digest('hex');

export type Polled = 'pending' | 'slow_down' | 'denied' | 'expired' | 'unknown' | 'used' | Granted;
export type Waiting = Pick<DeviceCodesTable, 'client_id' | 'scope'>;

/** Sign-ins of devices that have no browser: the device waits, a person decides elsewhere. Codes are kept as hashes. */
export function createDeviceCodes(kernel: Kernel, tokens: Tokens) {
  const { store } = kernel;
  // of codes that are waited for; a restart only forgets that a user was in a hurry
  const askedMs = new Map<string, number>();

  return {
    /** @throws ApiError 429 when too many of this client wait already */
    async create(clientId: string, scope: string): Promise<{ deviceCode: string; userCode: string }> {
      const deviceCode = randomBytes(32).toString('base64url');
      const userCode = newUserCode();
      const now = removalTime(kernel);
      await store.write(async ({ tx }) => {
        const { waiting } = await tx
          .selectFrom('device_codes')
          .select((each) => each.fn.countAll<number>().as('waiting'))
          .where('client_id', '=', clientId)
          .where('expires_ms', '>', now)
          .executeTakeFirstOrThrow();
        if (waiting >= mostWaiting)
          throw new ApiError(429, 'Too many devices of this client wait to be signed in.', {
            retryAfterS: 60,
          });
        await tx
          .insertInto('device_codes')
          .values({
            hash: hashToken(deviceCode),
            user_code_hash: hashUserCode(userCode),
            client_id: clientId,
            scope,
            state: 'pending',
            user_id: null,
            grant_id: randomUUID(),
            expires_ms: now + deviceCodeLifeS * 1000,
          })
          .execute();
      });
      return { deviceCode, userCode };
    },

    /** What waits for this person's code; undefined when nothing does, or not any more. */
    waiting: (userCode: string): Promise<Waiting | undefined> =>
      store.db
        .selectFrom('device_codes')
        .select(['client_id', 'scope'])
        .where('user_code_hash', '=', hashUserCode(userCode))
        .where('state', '=', 'pending')
        .where('expires_ms', '>', removalTime(kernel))
        .executeTakeFirst(),

    /** Returns what was decided on, or undefined when it was too late. */
    decide: (userCode: string, userId: string, state: 'allowed' | 'denied'): Promise<Waiting | undefined> =>
      store.write(({ tx }) =>
        tx
          .updateTable('device_codes')
          .set({ state, user_id: userId })
          .where('user_code_hash', '=', hashUserCode(userCode))
          .where('state', '=', 'pending')
          .where('expires_ms', '>', removalTime(kernel))
          .returning(['client_id', 'scope'])
          .executeTakeFirst(),
      ),

    /** What the device gets. A code shown again after it gave tokens was stolen: what it gave falls. */
    async poll(deviceCode: string, clientId: string): Promise<Polled> {
      const hash = hashToken(deviceCode);
      const row = await store.db
        .selectFrom('device_codes')
        .selectAll()
        .where('hash', '=', hash)
        .executeTakeFirst();
      // another client's code cannot be distinguished from an unknown one
      if (row === undefined || row.client_id !== clientId) return 'unknown';
      const now = removalTime(kernel);
      if (row.state === 'pending' && row.expires_ms > now) {
        const at = elapsedTime(kernel);
        const before = askedMs.get(hash);
        askedMs.set(hash, at);
        return before !== undefined && at - before < deviceIntervalS * 1000 - earlyMs
          ? 'slow_down'
          : 'pending';
      }
      askedMs.delete(hash);
      if (row.state === 'denied') return 'denied';
      return store.write(async (write) => {
        const taken = await write.tx
          .updateTable('device_codes')
          .set({ state: 'used' })
          .where('hash', '=', hash)
          .where('state', '=', 'allowed')
          .where('expires_ms', '>', now)
          .returning(['user_id', 'scope', 'grant_id'])
          .executeTakeFirst();
        if (taken?.user_id != null)
          return tokens.grant(
            taken.user_id,
            { clientId, scope: taken.scope, grantId: taken.grant_id },
            write,
          );
        if (row.expires_ms <= now && row.state !== 'used') return 'expired';
        await tokens.removeGrant(write, row.grant_id);
        return 'used';
      });
    },

    sweep: (): Promise<unknown> => {
      const now = removalTime(kernel);
      const elapsed = elapsedTime(kernel);
      for (const [hash, at] of askedMs) if (at < elapsed - 2 * deviceCodeLifeS * 1000) askedMs.delete(hash);
      return store.write(({ tx }) =>
        tx
          .deleteFrom('device_codes')
          .where('expires_ms', '<', now - rememberedMs)
          .execute(),
      );
    },
  };
}
export type DeviceCodes = ReturnType<typeof createDeviceCodes>;
