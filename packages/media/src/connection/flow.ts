import type { MediaStats } from '../stats/types.js';
import type { ProblemDirection } from './types.js';

/** What {@link Flow} found in a measurement. */
export interface FlowFinding {
  /** media has flowed once on this peer connection */
  readonly flowed: boolean;
  /** directions in which nothing gets through for too long */
  readonly blocked: ProblemDirection | undefined;
}

/** Tells from measurements whether media really flows, and which way it does not. One per peer connection. */
export interface Flow {
  /**
   * @param sending    whether this side has live tracks on slots that send
   * @param pathIntact whether ICE considers the path alive
   */
  add(stats: MediaStats, sending: boolean, pathIntact: boolean): FlowFinding;
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/**
 * @param oneWayMs silence of one direction that is a problem
 * @param previous the last measurement of the peer connection before this one
 */
export function createFlow(oneWayMs: number, previous?: MediaStats): Flow {
  let flowed = false;
  let before = {
    received: total((previous?.inbound ?? []).map(({ packetsReceived }) => packetsReceived)),
    bytes: previous?.transport.bytesReceived ?? 0,
    reported: 0,
  };
  let lastReceivedMs: number | undefined;
  let lastReportMs: number | undefined;

  return {
    add({ atMs, inbound, outbound, transport }, sending, pathIntact) {
      const now = {
        received: total(inbound.map(({ packetsReceived }) => packetsReceived)),
        bytes: transport.bytesReceived,
        reported: total(outbound.map(({ reportedAtMs = 0 }) => reportedAtMs)),
      };
      lastReceivedMs ??= atMs;
      lastReportMs ??= atMs;
      const arrived = now.received > before.received;
      const heard = now.reported > before.reported;
      if (arrived || now.bytes > before.bytes) lastReceivedMs = atMs;
      const allLost = outbound.some(({ lossPercent, bitrateBps }) => lossPercent >= 99 && bitrateBps > 0);
      if (heard && !allLost) lastReportMs = atMs;
      before = now;
      // a receiver's report proves the way there; without anything to send, the path itself is the proof
      if (arrived || heard || !sending) flowed = true;

      const silentMs = atMs - lastReceivedMs;
      const unheardMs = sending ? atMs - lastReportMs : 0;
      if (!flowed) return { flowed, blocked: undefined };
      if (!pathIntact && silentMs >= Math.min(oneWayMs, 3000)) return { flowed, blocked: 'receiving' };
      // consent checks get no response although packets arrive: what is sent is lost
      if (!pathIntact && silentMs < 2000) return { flowed, blocked: 'sending' };
      if (silentMs < 2000 && unheardMs >= oneWayMs && (allLost || unheardMs >= oneWayMs * 1.5))
        return { flowed, blocked: 'sending' };
      return { flowed, blocked: undefined };
    },
  };
}
