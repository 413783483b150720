import type { Clock } from '../../kernel/clock.js';

/** Timers that run at once when the client closes. */
export interface Delays {
  /** Runs `act` after a delay, or at `flush`. Returns a function that cancels it. */
  readonly later: (delayMs: number, act: () => void) => () => void;
  flush(): void;
}

export function createDelays(clock: Clock): Delays {
  const pending = new Set<() => void>();
  return {
    later: (delayMs, act) => {
      const off = (): void => {
        pending.delete(now);
        cancel();
      };
      const now = (): void => {
        off();
        act();
      };
      const cancel = clock.after(delayMs, now, { unref: true });
      pending.add(now);
      return off;
    },
    flush() {
      for (const act of [...pending]) act();
    },
  };
}
