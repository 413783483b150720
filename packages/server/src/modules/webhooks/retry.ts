// When a delivery is tried again, and when a webhook has failed too often. Pure: times come in, decisions go out.

/** The result of one attempt. */
export interface Outcome {
  /** undefined: no one answered, or not in time */
  readonly status: number | undefined;
  /** ms, where the target asked for it */
  readonly retryAfterMs?: number | undefined;
}

/** `done`: delivered. `refused`: asking again would not help. `again`: later. */
export type Verdict = 'done' | 'refused' | 'again';

export function verdictOf({ status }: Outcome): Verdict {
  if (status === undefined || status >= 500 || status === 429 || status === 408) return 'again';
  return status >= 200 && status < 300 ? 'done' : 'refused';
}

/** the wait grows up to this many times the first one */
const mostTimes = 256;
/** whatever a target asks for */
const longestAskedMs = 3_600_000;

/**
 * ms until the next attempt: twice as long each time, half of it at random so that not everybody comes back at once,
 * and not before the target wants it.
 *
 * @param attempts that have failed, from 1
 */
export function delayAfter(
  attempts: number,
  firstMs: number,
  asked: number | undefined,
  random: () => number = Math.random,
): number {
  const most = firstMs * Math.min(mostTimes, 2 ** (attempts - 1));
  const own = Math.round(most / 2 + (random() * most) / 2);
  return Math.max(own, Math.min(asked ?? 0, longestAskedMs));
}

/** `Retry-After`, seconds or a date, as ms. */
export function askedDelay(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

const windowMs = 5 * 60_000;
const mostFailures = 100;

/** Failures of one webhook: more than 100 in 5 minutes are too many. */
export class FailureWindow {
  readonly #times: number[] = [];

  /** Returns whether it is too much now. */
  note(nowMs: number): boolean {
    this.#times.push(nowMs);
    if (this.#times.length <= mostFailures) return false;
    const [oldest = 0] = this.#times.splice(0, this.#times.length - mostFailures);
    return nowMs - oldest <= windowMs;
  }
}
