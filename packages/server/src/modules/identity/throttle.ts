import { createHash } from 'node:crypto';
import { FairSlots } from '../../kernel/fair-slots.js';
import { addressKey } from '../../kernel/http/rate-limits.js';

interface Rule {
  /** failures that cost nothing: people mistype */
  readonly free: number;
  /** ms; the wait doubles from one second up to this */
  readonly longestMs: number;
}
const longestMs = 5 * 60_000;
const rules = {
  /** one account in a browser in which its person signed in before: no other failure counts there */
  browser: { free: 10, longestMs },
  /** one account at one address */
  pair: { free: 5, longestMs },
  /** the same at an address that failed for many accounts: each account still has its own tries there */
  pairOfBusyAddress: { free: 1, longestMs },
  /** one account over all addresses at which its person is not known */
  account: { free: 50, longestMs },
} as const satisfies Record<string, Rule>;

/** failures of one address, over all accounts, after which each account has fewer free ones there */
const busyAddress = 100;
/** ms without a failure after which it is forgotten */
const memoryMs = 3_600_000;
/** counters kept of each kind; more names than this push out the ones that were used longest ago */
const mostKept = 20_000;
/** password checks at the same time: each costs a core some 50 ms and 16 MiB */
const mostAtOnce = 16;
/** … of which one address has at most so many, and as many as these wait */
const mostAtOncePerAddress = 4;
const mostWaiting = 200;

interface Counter {
  failures: number;
  lastMs: number;
}

/** Who tries. */
export interface Attempting {
  /** what was typed as the account's name */
  readonly account: string;
  /** of the client, not of a proxy */
  readonly address: string | undefined;
  /** the browser, when this account was signed in there before */
  readonly knownBrowser?: string | undefined;
}

export type Attempt =
  | { readonly ok: false; readonly waitS: number }
  /**
   * Call `done` in every case, and when it was right: `succeeded`, which forgets what failed before at this account and
   * address; or `undo`, which takes back this attempt alone, where anyone can make attempts that are right.
   */
  | {
      readonly ok: true;
      readonly succeeded: () => void;
      readonly undo: () => void;
      readonly done: () => void;
    };

class Counters {
  readonly #kept = new Map<string, Counter>();

  constructor(private readonly now: () => number) {}

  failures(key: string): number {
    const counter = this.#kept.get(key);
    return counter === undefined || counter.lastMs + memoryMs < this.now() ? 0 : counter.failures;
  }
  waitMs(key: string, { free, longestMs }: Rule): number {
    const failures = this.failures(key);
    if (failures < free) return 0;
    const pause = Math.min(longestMs, 1000 * 2 ** Math.min(30, failures - free));
    return Math.max(0, (this.#kept.get(key)?.lastMs ?? 0) + pause - this.now());
  }
  add(key: string): void {
    const failures = this.failures(key) + 1;
    // removed first: the map's order is that of use
    this.#kept.delete(key);
    this.#kept.set(key, { failures, lastMs: this.now() });
    if (this.#kept.size > mostKept) this.#kept.delete(this.#kept.keys().next().value ?? '');
  }
  undo(key: string, times = 1): void {
    const counter = this.#kept.get(key);
    if (counter !== undefined) counter.failures = Math.max(0, counter.failures - times);
  }
  forget(key: string): void {
    this.#kept.delete(key);
  }
}

/**
 * Slows down guessing with waits that double, without giving anyone a way to lock out others: failures count for the
 * account at the address where they happen. A person's own browser has tries of its own, and an address that failed for
 * many accounts leaves each further account at least one try. An account that does not exist is counted like one that
 * does, so that nothing shows which it is.
 *
 * @param now ms of a clock that never jumps
 */
export function createThrottle(now: () => number) {
  const counters = {
    browser: new Counters(now),
    pair: new Counters(now),
    account: new Counters(now),
    address: new Counters(now),
  };
  /** accounts and addresses that were right together */
  const together = new Map<string, true>();
  const slots = new FairSlots(mostAtOnce, mostAtOncePerAddress);

  // names are kept as hashes: what people type into the wrong field should not be remembered
  const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

  return {
    /** Counts an attempt as failed before it is made, so that a thousand at the same time are a thousand. */
    async attempt({ account: name, address, knownBrowser }: Attempting): Promise<Attempt> {
      const account = digest(name.trim().toLowerCase());
      const network = addressKey(address);
      const pair = `${account} ${network}`;
      const browser = knownBrowser === undefined ? undefined : `${account} ${knownBrowser}`;
      const counted: readonly (readonly [keyof typeof counters, string])[] =
        browser === undefined
          ? [
              ['pair', pair],
              ['account', account],
              ['address', network],
            ]
          : [['browser', browser]];
      const wait =
        browser === undefined
          ? Math.max(
              counters.pair.waitMs(
                pair,
                counters.address.failures(network) < busyAddress ? rules.pair : rules.pairOfBusyAddress,
              ),
              together.has(pair) ? 0 : counters.account.waitMs(account, rules.account),
            )
          : counters.browser.waitMs(browser, rules.browser);
      if (wait > 0) return { ok: false, waitS: Math.ceil(wait / 1000) };
      const lane = browser ?? network;
      if (slots.waitingOf(lane) >= mostWaiting) return { ok: false, waitS: 1 };
      for (const [kind, key] of counted) counters[kind].add(key);
      const done = await slots.enter(lane);
      const undo = (): void => {
        for (const [kind, key] of counted) counters[kind].undo(key);
      };
      return {
        ok: true,
        undo,
        succeeded: () => {
          undo();
          // the mistakes of this account here were honest; what others did at the address or to the account still counts
          const mistakes = counters.pair.failures(pair);
          counters.address.undo(network, mistakes);
          counters.account.undo(account, mistakes);
          counters.pair.forget(pair);
          if (browser !== undefined) counters.browser.forget(browser);
          together.delete(pair);
          together.set(pair, true);
          if (together.size > mostKept) together.delete(together.keys().next().value ?? '');
        },
        done,
      };
    },
  };
}
export type Throttle = ReturnType<typeof createThrottle>;
