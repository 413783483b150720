import type { Clock } from '../clock.js';

/** Routes the service asked to leave alone for a while. */
export interface RateLimits {
  /** nothing is limited: the usual case */
  readonly none: boolean;
  /** Milliseconds a call to this URL has to wait now; 0 for none. */
  waitMs(url: string, base: string): number;
  /** Holds back the route of this URL, for ten minutes at most; returns the route. */
  hold(url: string, base: string, askedMs: number): string;
}

export function createRateLimits(clock: Clock): RateLimits {
  const held = new Map<string, { readonly untilMs: number; readonly forMs: number }>();
  return {
    get none() {
      return held.size === 0;
    },
    waitMs: (url, base) => {
      const route = routeOf(url, base);
      const hold = held.get(route);
      if (hold === undefined) return 0;
      const left = hold.untilMs - clock.now();
      // more than there was: the clock was set back
      if (left > 0 && left <= hold.forMs) return left;
      held.delete(route);
      return 0;
    },
    hold: (url, base, askedMs) => {
      const forMs = Math.min(askedMs, MAX_HOLD_MS);
      const route = routeOf(url, base);
      const untilMs = clock.now() + forMs;
      if (!((held.get(route)?.untilMs ?? 0) > untilMs)) held.set(route, { untilMs, forMs });
      return route;
    },
  };
}

/** The longest wait that a service can ask for, in milliseconds: one hour. */
export const MAX_SERVER_WAIT_MS = 3_600_000;
// after this a route is tried again, whatever the service said: one mistaken response must not shut it for long
const MAX_HOLD_MS = 600_000;

/**
 * `Retry-After` in milliseconds, from seconds or a date of the service's own clock, at most {@link MAX_SERVER_WAIT_MS};
 * undefined when it is neither.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const asked = askedMs(headers, nowMs);
  return asked === undefined ? undefined : Math.min(asked, MAX_SERVER_WAIT_MS);
}
function askedMs(headers: Headers, nowMs: number): number | undefined {
  const text = headers.get('retry-after')?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  // another origin's page is not shown what time it is there
  const thereMs = Date.parse(headers.get('date') ?? '') || nowMs;
  return Number.isNaN(at) ? undefined : Math.max(0, at - thereMs);
}

/** A service's base and the first word below it: that is how far one limit reaches. */
function routeOf(url: string, base: string): string {
  const from = base === '' ? url.indexOf('/', url.indexOf('://') + 3) : base.length;
  if (from < 0) return url;
  return url.slice(0, from) + (/^\/[^/?#]*/.exec(url.slice(from))?.[0] ?? '');
}
