import { createCounters } from './counters.js';
import {
  count,
  indexReport,
  maybe,
  milliseconds,
  percent,
  round,
  selectedPair,
  text,
  type Entry,
  type Indexed,
  type Report,
} from './report.js';
import type { InboundStats, MediaStats, OutboundStats, TransportStats } from './types.js';

export interface Normaliser {
  /**
   * Turns one report of a browser into a measurement.
   *
   * @param session another value for each peer connection
   * @param slotOf  the slot of a mid, or of a track id
   */
  read(
    report: Report,
    nowMs: number,
    session: string,
    slotOf: (mid: string | undefined, trackId: string | undefined) => string | undefined,
  ): MediaStats;
}

/** Keeps what has to be remembered from one report to the next, also across peer connections. */
export function createNormaliser(): Normaliser {
  const counters = createCounters();
  let lastMs: number | undefined;

  const codecOf = (index: Indexed, entry: Entry): string | undefined => {
    const mime = text(index.ref(entry, 'codecId'), 'mimeType');
    return mime?.slice(mime.indexOf('/') + 1);
  };
  const kindOf = (entry: Entry): 'audio' | 'video' => (entry['kind'] === 'audio' ? 'audio' : 'video');

  return {
    read(report, nowMs, session, slotOf) {
      const index = indexReport(report);
      const intervalMs = lastMs === undefined ? 0 : Math.max(0, nowMs - lastMs);
      lastMs = nowMs;
      const rate = (delta: number): number => (intervalMs > 0 ? round((delta * 1000) / intervalMs) : 0);

      const outbound = (entry: Entry, slot: string): OutboundStats => {
        const source = `${session} ${String(entry['ssrc'])}`;
        const reading = (name: string, from: Entry | undefined = entry) =>
          counters.read(`out ${slot} ${name}`, source, count(from, name));
        const remote =
          index.ref(entry, 'remoteId') ??
          index.of('remote-inbound-rtp').find(({ localId }) => localId === entry['id']);
        const media = index.ref(entry, 'mediaSourceId');
        const bytes = reading('bytesSent');
        const packets = reading('packetsSent');
        const lost = reading('packetsLost', remote);
        const frames = reading('framesEncoded');
        const fraction = maybe(remote, 'fractionLost');
        return {
          slot,
          kind: kindOf(entry),
          codec: codecOf(index, entry),
          bytesSent: bytes.total,
          packetsSent: packets.total,
          bitrateBps: rate(bytes.delta * 8),
          packetsLost: lost.total,
          lossPercent: fraction === undefined ? percent(lost.delta, packets.delta) : percent(fraction, 1),
          rttMs: milliseconds(remote, 'roundTripTime'),
          jitterMs: milliseconds(remote, 'jitter'),
          retransmittedPackets: reading('retransmittedPacketsSent').total,
          nackCount: reading('nackCount').total,
          pliCount: reading('pliCount').total,
          framesEncoded: frames.total,
          framesPerSecond: maybe(entry, 'framesPerSecond') ?? rate(frames.delta),
          widthPx: count(entry, 'frameWidth'),
          heightPx: count(entry, 'frameHeight'),
          qualityLimitation: text(entry, 'qualityLimitationReason'),
          audioLevel: Math.min(1, count(media, 'audioLevel')),
          reportedAtMs: maybe(remote, 'timestamp'),
        };
      };

      const inbound = (entry: Entry, slot: string): InboundStats => {
        const source = `${session} ${String(entry['ssrc'])}`;
        const reading = (name: string) => counters.read(`in ${slot} ${name}`, source, count(entry, name));
        const bytes = reading('bytesReceived');
        const packets = reading('packetsReceived');
        const lost = reading('packetsLost');
        const frames = reading('framesDecoded');
        const emitted = reading('jitterBufferEmittedCount');
        const buffered = reading('jitterBufferDelay');
        const samples = reading('totalSamplesReceived');
        const concealed = reading('concealedSamples');
        return {
          slot,
          kind: kindOf(entry),
          codec: codecOf(index, entry),
          bytesReceived: bytes.total,
          packetsReceived: packets.total,
          bitrateBps: rate(bytes.delta * 8),
          packetsLost: lost.total,
          lossPercent: percent(lost.delta, lost.delta + packets.delta),
          jitterMs: milliseconds(entry, 'jitter') ?? 0,
          jitterBufferMs: emitted.delta > 0 ? round((buffered.delta * 1000) / emitted.delta) : 0,
          nackCount: reading('nackCount').total,
          pliCount: reading('pliCount').total,
          framesDecoded: frames.total,
          framesDropped: reading('framesDropped').total,
          framesPerSecond: maybe(entry, 'framesPerSecond') ?? rate(frames.delta),
          widthPx: count(entry, 'frameWidth'),
          heightPx: count(entry, 'frameHeight'),
          freezeCount: reading('freezeCount').total,
          freezeMs: round(reading('totalFreezesDuration').total * 1000),
          concealedPercent: percent(concealed.delta, samples.delta),
          audioLevel: Math.min(1, count(entry, 'audioLevel')),
        };
      };

      const transport = (): TransportStats => {
        const pair = selectedPair(index);
        const local = index.ref(pair, 'localCandidateId');
        const sum = (name: string): number => {
          const entries = index.of('transport').length > 0 ? index.of('transport') : pair ? [pair] : [];
          const value = entries.reduce((total, entry) => total + count(entry, name), 0);
          return counters.read(`transport ${name}`, session, value).total;
        };
        const pairs = index.of('candidate-pair');
        // of all pairs: when the path is lost, the selected one changes
        const checks = (name: string): number | undefined =>
          pairs.some((one) => maybe(one, name) !== undefined)
            ? pairs
                .map((one) => counters.read(`${name} ${session} ${String(one['id'])}`, '', count(one, name)))
                .reduce((total, { total: own }) => total + own, 0)
            : undefined;
        return {
          bytesSent: sum('bytesSent'),
          bytesReceived: sum('bytesReceived'),
          checksReceived: checks('requestsReceived'),
          checkResponsesReceived: checks('responsesReceived'),
          rttMs: milliseconds(pair, 'currentRoundTripTime'),
          availableOutgoingBps: maybe(pair, 'availableOutgoingBitrate'),
          localCandidateType: text(local, 'candidateType'),
          remoteCandidateType: text(index.ref(pair, 'remoteCandidateId'), 'candidateType'),
          protocol: text(local, 'relayProtocol') ?? text(local, 'protocol'),
          relayed: text(local, 'candidateType') === 'relay',
        };
      };

      const bySlot = <T>(
        type: string,
        trackOf: (entry: Entry) => string | undefined,
        make: (entry: Entry, slot: string) => T,
      ): T[] =>
        index.of(type).flatMap((entry) => {
          const slot = slotOf(text(entry, 'mid'), trackOf(entry));
          return slot === undefined ? [] : [make(entry, slot)];
        });
      return {
        atMs: nowMs,
        intervalMs,
        outbound: bySlot(
          'outbound-rtp',
          (entry) => text(index.ref(entry, 'mediaSourceId'), 'trackIdentifier'),
          outbound,
        ),
        inbound: bySlot('inbound-rtp', (entry) => text(entry, 'trackIdentifier'), inbound),
        transport: transport(),
      };
    },
  };
}
