import { createHash } from 'node:crypto';
import { ApiError } from '../../kernel/http/errors.js';

const spanMs = 3_600_000;
/** those that are remembered; anyone who invents more pushes out the oldest */
const mostKept = 20_000;

/**
 * So many an hour for one mailbox or asker. Of mails, whether the mailbox belongs to a user or not: neither is flooded, and
 * neither can be distinguished from the other. Counts in memory; a restart forgets.
 */
export function createAllowance(now: () => number, most: number, what = 'codes were') {
  const taken = new Map<string, readonly number[]>();
  return {
    /** @throws ApiError 429 */
    take(whose: string): void {
      const key = createHash('sha256').update(whose.trim().toLowerCase()).digest('base64url');
      const recent = (taken.get(key) ?? []).filter((at) => at > now() - spanMs);
      taken.delete(key);
      if (recent.length >= most) {
        taken.set(key, recent);
        const waitMs = Math.min(spanMs, (recent[0] ?? now()) + spanMs - now());
        throw new ApiError(429, `Too many ${what} asked for. Try again later.`, {
          retryAfterS: Math.max(1, Math.ceil(waitMs / 1000)),
        });
      }
      taken.set(key, [...recent, now()]);
      if (taken.size > mostKept) taken.delete(taken.keys().next().value ?? '');
    },
  };
}
