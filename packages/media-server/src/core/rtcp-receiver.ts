import {
  feedback,
  fromNtp,
  keyframeTargets,
  parseNack,
  parseRemb,
  parseReportBlocks,
  parseSenderReport,
  rtcpType,
  splitRtcp,
  type RtcpPart,
} from '../rtp/rtcp.js';
import { parseTransportCc } from '../rtp/transport-cc.js';
import type { Counters } from './counters.js';
import type { Demux } from './demux.js';
import type { Downlink } from './downlink.js';
import type { Sender } from './sender.js';

/** What RTCP of one client acts on. */
export interface RtcpContext {
  readonly nowMs: number;
  readonly epochMs: number;
  readonly demux: Demux;
  readonly downlink: Downlink;
  readonly counters: Counters;
  /** from the client's clock to ours; set by its first sender report */
  readonly captureClock: { offsetMs: number | undefined };
  readonly sender: (ssrc: number) => Sender | undefined;
  /** the link is overused just now */
  readonly overused: () => void;
}

/** Acts on an RTCP compound of a client. */
export function receiveRtcp(compound: Buffer, context: RtcpContext): void {
  for (const part of splitRtcp(compound)) {
    if (part.type === rtcpType.senderReport || part.type === rtcpType.receiverReport)
      receiveReport(part, context);
    else if (part.data.length < 12) continue;
    else if (part.type === rtcpType.transportFeedback) receiveTransportFeedback(part, context);
    else if (part.type === rtcpType.payloadFeedback) receivePayloadFeedback(part, context);
  }
}

function receiveReport(
  part: RtcpPart,
  { nowMs, epochMs, demux, downlink, sender, captureClock }: RtcpContext,
): void {
  const report = part.type === rtcpType.senderReport ? parseSenderReport(part.data) : undefined;
  const incoming = report && demux.bySsrc(report.ssrc);
  if (report && incoming?.layer.inbound && !incoming.isRtx) {
    // the client's clock is another one: all of its streams keep the distance to ours that the first report showed
    captureClock.offsetMs ??= epochMs - fromNtp(report.ntp);
    const captureMs = fromNtp(report.ntp) + captureClock.offsetMs;
    incoming.layer.inbound.report = { ...report, atMs: nowMs, captureMs };
  }
  for (const { ssrc, fractionLost, lastSenderReport, delaySinceLast } of parseReportBlocks(part)) {
    const one = sender(ssrc);
    if (one)
      downlink.onReceiverReport(fractionLost, one.roundTripMs(lastSenderReport, delaySinceLast, nowMs));
  }
}

function receiveTransportFeedback({ format, data }: RtcpPart, context: RtcpContext): void {
  const { nowMs, downlink, counters } = context;
  if (format === feedback.nack) {
    const sequences = parseNack(data);
    counters.nackReceived += sequences.length;
    context.sender(data.readUInt32BE(8))?.resend(sequences, nowMs);
  } else if (format === feedback.transportCc) {
    downlink.onTransportCc(parseTransportCc(data), nowMs);
    if (downlink.overusedAtMs === nowMs) context.overused();
  }
}

function receivePayloadFeedback(part: RtcpPart, { nowMs, downlink, counters, sender }: RtcpContext): void {
  if (part.format === feedback.remb) {
    const bitsPerSecond = parseRemb(part.data);
    if (bitsPerSecond !== undefined) downlink.onRemb(bitsPerSecond, nowMs);
    return;
  }
  for (const ssrc of keyframeTargets(part)) {
    counters.keyframesWished += 1;
    sender(ssrc)?.stream.requestKeyframe(nowMs);
  }
}
