import { count, indexReport, type Report } from '../stats/report.js';
import type { MediaStats } from '../stats/types.js';
import type { ProblemDirection } from './types.js';

/**
 * Whether media has flowed on a peer connection: something arrived, or the other side has reported what it received. With
 * nothing to send, the path itself has to do.
 */
export function hasFlowed(report: Report, sending: boolean): boolean {
  const index = indexReport(report);
  return (
    !sending ||
    index.of('remote-inbound-rtp').length > 0 ||
    index.of('inbound-rtp').some((entry) => count(entry, 'packetsReceived') > 0)
  );
}

/** Finds in measurements the direction in which media does not get through. One per peer connection, once media has flowed. */
export interface Flow {
  /**
   * @param sending    whether this side has live tracks on slots that send
   * @param pathIntact whether ICE considers the path alive
   * @returns the direction in which nothing gets through
   */
  add(stats: MediaStats, sending: boolean, pathIntact: boolean): ProblemDirection | undefined;
}

/** A gap in what arrives that cannot be a coincidence: checks are answered every 2.5 s at least, even when no one sends media. */
const silenceMs = 4000;

/** Notes when a counter grew for the last time. */
function createPulse(): (count: number, nowMs: number) => number {
  let last: number | undefined;
  let grewMs = 0;
  return (count, nowMs) => {
    if (last === undefined || count > last) grewMs = nowMs;
    last = Math.max(last ?? 0, count);
    return nowMs - grewMs;
  };
}

/** @param oneWayMs how long nothing that is sent may be confirmed */
export function createFlow(oneWayMs: number): Flow {
  const [arrivals, responses, reports] = [createPulse(), createPulse(), createPulse()];
  let confirmed = 0;

  return {
    add({ atMs, outbound, transport }, sending, pathIntact) {
      const { bytesReceived, checksReceived, checkResponsesReceived } = transport;
      const countsChecks = checkResponsesReceived !== undefined;
      const silentMs = arrivals(bytesReceived + (checksReceived ?? 0) + (checkResponsesReceived ?? 0), atMs);
      const unansweredMs = responses(checkResponsesReceived ?? 0, atMs);
      const allLost = outbound.some(({ lossPercent, bitrateBps }) => lossPercent >= 99 && bitrateBps > 0);
      // a report that says that nothing arrived confirms nothing
      if (!allLost) confirmed = Math.max(confirmed, ...outbound.map(({ reportedAtMs = 0 }) => reportedAtMs));
      const unconfirmedMs = reports(confirmed, atMs);

      // without a count of checks, silence may be that of a meeting in which no one sends
      if (silentMs >= silenceMs) return pathIntact && !countsChecks ? undefined : 'receiving';
      // from here on something arrives: what does not work is the way out
      if (!pathIntact || (countsChecks && unansweredMs >= oneWayMs)) return 'sending';
      return sending && confirmed > 0 && unconfirmedMs >= oneWayMs ? 'sending' : undefined;
    },
  };
}
