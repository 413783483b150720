import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';

interface Rule {
  /** failures that cost nothing: people mistype */
  readonly free: number;
  /** ms; the wait doubles from one second up to this */
  readonly longestMs: number;
}
const rules = {
  account: { free: 5, longestMs: 5 * 60_000 },
  // many people may sit behind one address
  address: { free: 30, longestMs: 15 * 60_000 },
} as const satisfies Record<string, Rule>;
type Kind = keyof typeof rules;

/** ms without a failure after which everything is forgotten */
const memoryMs = 3_600_000;
/** counters kept; whoever invents more names pushes out the oldest */
const mostKept = 20_000;
/** password checks at the same time: each costs a core some 50 ms and 16 MiB */
const mostAtOnce = 16;

interface Counter {
  failures: number;
  lastMs: number;
}

export type Attempt =
  | { readonly ok: false; readonly waitS: number }
  /**
   * Call `done` in every case, and when it was right: `succeeded`, which forgets what failed before at this account; or
   * `undo`, which takes back this attempt alone, where anybody can make attempts that are right.
   */
  | { readonly ok: true; succeeded(): void; undo(): void; done(): void };

/** A /64 is one household, and all of it is one attacker's. */
const network = (address: string): string =>
  isIPv6(address) && !address.startsWith('::ffff:') ? expand(address).slice(0, 4).join(':') : address;
function expand(address: string): readonly string[] {
  const [head = '', tail = ''] = address.split('::');
  const [left, right] = [head, tail].map((part) => part.split(':').filter(Boolean)) as [string[], string[]];
  return [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
}

/**
 * Slows down guessing, for each account and each address, with waits that double. An account that does not exist is
 * counted like one that does, so that nobody learns which it is.
 */
export function createThrottle(now: () => number) {
  const counters = new Map<string, Counter>();
  let running = 0;

  // names are kept as hashes: what people type into the wrong field is none of our memory's business
  const keys = (email: string, address: string): readonly (readonly [Kind, string])[] => [
    ['account', `a${createHash('sha256').update(email.trim().toLowerCase()).digest('base64url')}`],
    ['address', `n${network(address)}`],
  ];

  function waitMs(kind: Kind, key: string): number {
    const counter = counters.get(key);
    if (counter === undefined || counter.lastMs + memoryMs < now()) return 0;
    const { free, longestMs } = rules[kind];
    if (counter.failures < free) return 0;
    const pause = Math.min(longestMs, 1000 * 2 ** Math.min(30, counter.failures - free));
    // never longer than the pause itself, also when the clock was set back
    return Math.max(0, Math.min(pause, counter.lastMs + pause - now()));
  }

  function count(key: string): void {
    const before = counters.get(key);
    const fresh = before === undefined || before.lastMs + memoryMs < now();
    // set anew: the map's order is that of use
    counters.delete(key);
    counters.set(key, { failures: fresh ? 1 : before.failures + 1, lastMs: now() });
    if (counters.size > mostKept) counters.delete(counters.keys().next().value ?? '');
  }

  return {
    /** Counts an attempt as failed before it is made: a thousand at the same time are a thousand. */
    attempt(email: string, address: string): Attempt {
      const both = keys(email, address);
      const wait = Math.max(...both.map(([kind, key]) => waitMs(kind, key)));
      if (wait > 0) return { ok: false, waitS: Math.ceil(wait / 1000) };
      if (running >= mostAtOnce) return { ok: false, waitS: 1 };
      running += 1;
      for (const [, key] of both) count(key);
      const undo = (): void => {
        for (const [, key] of both) {
          const counter = counters.get(key);
          if (counter !== undefined) counter.failures = Math.max(0, counter.failures - 1);
        }
      };
      return {
        ok: true,
        undo,
        succeeded: () => {
          // of the address only this one attempt: an attacker's own account must not wipe out what they did to others
          undo();
          for (const [kind, key] of both) if (kind === 'account') counters.delete(key);
        },
        done: () => {
          running -= 1;
        },
      };
    },
  };
}
export type Throttle = ReturnType<typeof createThrottle>;
