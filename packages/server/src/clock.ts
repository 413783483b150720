/** The time of the service: epoch ms. */
export interface ServiceClock {
  /** Goes with the wall clock and never back: when that was set back, it goes at half speed until the two meet. */
  readonly now: () => number;
  /**
   * Like {@link now} at the start, and then only by time that really passed: never ahead because somebody set the wall
   * clock ahead. What is removed for its age must be old by this one as well.
   */
  readonly steady: () => number;
}

/** ms by which the two clocks may differ without anybody having set one */
const tolerance = 1000;

/**
 * @param wall  epoch ms, may jump
 * @param ticks ms since anything, may not
 */
export function createClock(
  wall: () => number = Date.now,
  ticks: () => number = () => performance.now(),
): ServiceClock {
  const start = { wall: wall(), ticks: ticks() };
  let last = start.wall;
  let lastTicks = start.ticks;
  return {
    now: () => {
      const shown = wall();
      const at = ticks();
      const passed = at - lastTicks;
      lastTicks = at;
      // ahead, by a little or by a jump (or after a machine slept): that is what everybody else goes by, too
      if (shown >= last) last = shown;
      else if (last - shown > tolerance) last += passed / 2;
      return Math.floor(last);
    },
    steady: () => Math.floor(start.wall + (ticks() - start.ticks)),
  };
}
