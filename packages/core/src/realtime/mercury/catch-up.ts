import type { BufferStateData } from '@trunkline/wire';
import type { Emitter } from '../../kit/events.js';
import type { Gap, GapOutcome } from '../../kernel/host.js';
import type { SocketEvents } from '../../kernel/socket.js';

/** After a reconnect: missed events arrive late, or a listener fetches them, or the app is notified. */
export interface CatchUp {
  /** whether the service said that it sends again what was not acknowledged */
  readonly redelivers: boolean;
  /**
   * A connection has opened.
   *
   * @param away       when nothing arrived; undefined for the first connection and for a switch-over
   * @param sameDevice the service keeps frames by device: a new one has nothing to send again
   */
  opened(
    first: BufferStateData,
    away: { readonly sinceMs: number; readonly untilMs: number } | undefined,
    sameDevice: boolean,
    nowMs: number,
  ): void;
  /** A frame that was sent before has been given to its listeners, or dropped as known. */
  redelivered(fresh: boolean): void;
}
export type GapListener = (gap: Gap) => Promise<GapOutcome>;

export function createCatchUp(
  events: Emitter<SocketEvents>,
  listeners: ReadonlySet<GapListener>,
  report: (error: unknown, context: string) => void,
): CatchUp {
  let redelivers = false;
  let expected = 0;
  let late = 0;
  let done: (() => void) | undefined;

  const fill = async (gap: Gap, already: number): Promise<void> => {
    const outcomes = await Promise.allSettled([...listeners].map((listener) => listener(gap)));
    let missed = already;
    let filled = outcomes.length > 0;
    for (const outcome of outcomes)
      if (outcome.status === 'fulfilled') missed += outcome.value.missed;
      else {
        filled = false;
        report(outcome.reason, 'fetching what was missed');
      }
    if (filled) events.emit('caughtUp', { missed, gapMs: gap.untilMs - gap.sinceMs });
    else events.emit('gap', gap);
  };

  return {
    get redelivers() {
      return redelivers;
    },
    opened: (first, away, sameDevice, nowMs) => {
      expected = late = 0;
      done = undefined;
      const { replayed, lost = 0 } = first;
      redelivers = typeof replayed === 'number';
      const { sinceMs, untilMs } = away ?? { sinceMs: nowMs, untilMs: nowMs };
      if (!redelivers || !sameDevice) {
        if (away) void fill({ sinceMs, untilMs, lost: undefined }, 0);
        return;
      }
      if (!away && replayed === 0 && lost === 0) return;
      done = () => {
        done = undefined;
        if (lost > 0) void fill({ sinceMs, untilMs, lost }, late);
        else events.emit('caughtUp', { missed: late, gapMs: untilMs - sinceMs });
      };
      expected = replayed ?? 0;
      if (expected === 0) done();
    },
    redelivered: (fresh) => {
      if (done === undefined) return;
      if (fresh) late += 1;
      expected -= 1;
      if (expected <= 0) done();
    },
  };
}
