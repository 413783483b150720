/** The time of the service: epoch ms. */
export interface ServiceClock {
  /**
   * Follows the wall clock. When the wall clock is set back, it runs at half speed until the two meet, so that times
   * do not repeat. It goes back only when the wall clock had been set ahead by mistake and is corrected.
   */
  readonly now: () => number;
  /**
   * Time that really passed since the start: not affected when the wall clock is set ahead. What is removed because of
   * its age must be old by this clock as well, see {@link removalTime}.
   */
  readonly steady: () => number;
  /** Continues the steady clock of the previous run, if the wall clock is ahead of it. */
  readonly resume?: (steadyMs: number) => void;
}

/** ms by which the two clocks may differ without anyone having set one */
const tolerance = 1000;
/** ms that a wall clock must have been set ahead by before it may also be followed back */
const jumpMs = 60_000;
/** ms that the wall clock must stay ahead before the steady clock catches up, at double speed */
const believedAfterMs = 3_600_000;

/**
 * @param wall  epoch ms, may jump
 * @param ticks ms since any moment, never jumps
 */
export function createClock(
  wall: () => number = Date.now,
  ticks: () => number = () => performance.now(),
): ServiceClock {
  let last = wall();
  let lastTicks = ticks();
  let steady = last;
  /** ticks since which the wall clock has been ahead of the steady one without a break */
  let aheadSince: number | undefined;

  function advance(): void {
    const shown = wall();
    const at = ticks();
    const passed = at - lastTicks;
    lastTicks = at;
    steady += passed;
    if (shown - steady <= tolerance) aheadSince = undefined;
    else {
      aheadSince ??= at;
      // a machine that slept, or a service that was stopped: after an hour this is more likely than a mistake
      if (at - aheadSince > believedAfterMs) steady = Math.min(shown, steady + passed);
    }
    if (shown >= last) last = shown;
    else if (last - shown > jumpMs && Math.abs(shown - steady) < last - shown) {
      // closer to the time that really passed: the earlier jump ahead was the mistake
      last = shown;
    } else if (last - shown > tolerance) last += passed / 2;
  }

  return {
    now: () => {
      advance();
      return Math.floor(last);
    },
    steady: () => {
      advance();
      return Math.floor(steady);
    },
    resume: (steadyMs) => {
      steady = Math.min(steady, steadyMs);
    },
  };
}

interface Clocks {
  now(): number;
  steady?(): number;
}

/**
 * The time that every removal by age goes by: a wall clock that was set ahead must not remove anything that is not old.
 *
 * @returns epoch ms
 */
export const removalTime = (clocks: Clocks): number => Math.min(clocks.now(), clocks.steady?.() ?? Infinity);

/**
 * For durations that are measured within one run, such as waits after failures: never jumps.
 *
 * @returns ms
 */
export const elapsedTime = (clocks: Clocks): number => clocks.steady?.() ?? clocks.now();
