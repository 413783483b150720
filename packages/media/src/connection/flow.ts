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

/** Tells from measurements which way media does not get through. One per peer connection, once media has flowed. */
export interface Flow {
  /**
   * @param sending    whether this side has live tracks on slots that send
   * @param pathIntact whether ICE considers the path alive
   * @returns the direction in which nothing gets through
   */
  add(stats: MediaStats, sending: boolean, pathIntact: boolean): ProblemDirection | undefined;
}

/** A gap in what arrives that is no coincidence: media and consent checks come several times a second. */
const silenceMs = 3000;

/** @param oneWayMs how long nothing that is sent may be confirmed */
export function createFlow(oneWayMs: number): Flow {
  let before: { readonly bytes: number; readonly reported: number } | undefined;
  let lastReceivedMs = 0;
  let lastReportMs = 0;

  return {
    add({ atMs, outbound, transport }, sending, pathIntact) {
      const reported = Math.max(0, ...outbound.map(({ reportedAtMs = 0 }) => reportedAtMs));
      const now = { bytes: transport.bytesReceived, reported };
      const allLost = outbound.some(({ lossPercent, bitrateBps }) => lossPercent >= 99 && bitrateBps > 0);
      if (before === undefined || now.bytes > before.bytes) lastReceivedMs = atMs;
      // a report that says that nothing arrived confirms nothing
      if (before === undefined || (reported > before.reported && !allLost)) lastReportMs = atMs;
      before = now;
      if (atMs - lastReceivedMs >= silenceMs) return pathIntact ? undefined : 'receiving';
      // packets arrive, but consent checks get no response, or no report confirms anything: what is sent is lost
      if (!pathIntact) return 'sending';
      return sending && reported > 0 && atMs - lastReportMs >= oneWayMs ? 'sending' : undefined;
    },
  };
}
