/** Time, injectable. Unit tests give sinon's fake timers or `fakeClock()`. */
export interface Clock {
  /** epoch ms */
  now(): number;
  /** Runs once after `delayMs`; the answer cancels it. Does not keep a Node process alive when `unref` is set. */
  after(delayMs: number, run: () => void, options?: { readonly unref?: boolean }): () => void;
}

// what setTimeout can hold; a longer delay would fire at once
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The machine's own clock. Looks the timers up at each call, so that fake timers installed later are seen. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, run, options) => {
    const timer: unknown = setTimeout(run, Math.min(delayMs, MAX_DELAY_MS));
    // only Node's timers have unref
    if (options?.unref === true && typeof timer === 'object') (timer as { unref?: () => void }).unref?.();
    return () => {
      clearTimeout(timer as Parameters<typeof clearTimeout>[0]);
    };
  },
};
