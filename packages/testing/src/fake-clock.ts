import type { Clock } from '@trunkline/core';

/** A clock that stands still until the test advances it. */
export interface FakeClock extends Clock {
  /**
   * Lets time pass: what is due runs in order of its time, also what is set up meanwhile. Promises that settle by it
   * are seen after an `await` of your own.
   */
  advance(ms: number): void;
  /** timers that wait */
  readonly pending: number;
}

/**
 * Creates a clock that the test advances.
 *
 * @param startMs epoch ms at the beginning
 * @example
 * const clock = fakeClock();
 * clock.after(100, () => console.log('now'));
 * clock.advance(100);
 */
export function fakeClock(startMs = Date.UTC(2030, 0, 1)): FakeClock {
  const timers = new Set<{ readonly atMs: number; readonly run: () => void }>();
  let nowMs = startMs;
  return {
    now: () => nowMs,
    after: (delayMs, run) => {
      const timer = { atMs: nowMs + Math.max(0, delayMs), run };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    advance: (ms) => {
      const endMs = nowMs + ms;
      for (;;) {
        // sets keep the order of coming, and this sort keeps it within the same time
        const due = [...timers].sort((a, b) => a.atMs - b.atMs)[0];
        if (due === undefined || due.atMs > endMs) break;
        nowMs = due.atMs;
        timers.delete(due);
        due.run();
      }
      nowMs = endMs;
    },
    get pending() {
      return timers.size;
    },
  };
}
