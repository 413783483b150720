import { sequenceDifference } from './sequence.js';

/** RTCP packet types (RFC 3550, RFC 4585). */
export const rtcpType = {
  senderReport: 200,
  receiverReport: 201,
  bye: 203,
  transportFeedback: 205,
  payloadFeedback: 206,
};
/** Feedback message formats. */
export const feedback = { nack: 1, transportCc: 15, pli: 1, fir: 4, remb: 15 };

/** One packet of an RTCP compound. */
export interface RtcpPart {
  /** report count or feedback format */
  readonly format: number;
  readonly type: number;
  /** the whole packet, header included */
  readonly data: Buffer;
}

/** The packets of an RTCP compound; it ends at the first malformed one. */
export function* splitRtcp(compound: Buffer): Generator<RtcpPart> {
  for (let at = 0; at + 4 <= compound.length;) {
    const end = at + (compound.readUInt16BE(at + 2) + 1) * 4;
    const first = compound[at] ?? 0;
    if (end > compound.length || first >> 6 !== 2) return;
    yield { format: first & 31, type: compound[at + 1] ?? 0, data: compound.subarray(at, end) };
    at = end;
  }
}

export function rtcpHeader(format: number, type: number, words: number): Buffer {
  const packet = Buffer.alloc(words * 4);
  packet[0] = 0x80 | format;
  packet[1] = type;
  packet.writeUInt16BE(words - 1, 2);
  return packet;
}
export function feedbackHeader(
  format: number,
  type: number,
  words: number,
  sender: number,
  media: number,
): Buffer {
  const packet = rtcpHeader(format, type, words);
  packet.writeUInt32BE(sender, 4);
  packet.writeUInt32BE(media, 8);
  return packet;
}

/** A keyframe request (picture loss indication, RFC 4585). */
export const buildPli = (sender: number, media: number): Buffer =>
  feedbackHeader(feedback.pli, rtcpType.payloadFeedback, 3, sender, media);

/** The SSRCs that a PLI or FIR asks a keyframe of. */
export function keyframeTargets({ format, data }: RtcpPart): readonly number[] {
  if (format === feedback.pli) return data.length >= 12 ? [data.readUInt32BE(8)] : [];
  const targets: number[] = [];
  if (format === feedback.fir)
    for (let at = 12; at + 8 <= data.length; at += 8) targets.push(data.readUInt32BE(at));
  return targets;
}

/** Asks for lost packets again (generic NACK, RFC 4585). `sequences` are ascending. */
export function buildNack(sender: number, media: number, sequences: readonly number[]): Buffer {
  const items: { readonly first: number; mask: number }[] = [];
  for (const sequence of sequences) {
    const last = items.at(-1);
    const distance = last ? sequenceDifference(sequence, last.first) : 0;
    if (last && distance > 0 && distance <= 16) last.mask |= 1 << (distance - 1);
    else items.push({ first: sequence, mask: 0 });
  }
  const packet = feedbackHeader(feedback.nack, rtcpType.transportFeedback, 3 + items.length, sender, media);
  items.forEach(({ first, mask }, index) => {
    packet.writeUInt16BE(first, 12 + index * 4);
    packet.writeUInt16BE(mask, 14 + index * 4);
  });
  return packet;
}

/** The sequence numbers that a generic NACK asks for. */
export function parseNack(data: Buffer): readonly number[] {
  const sequences: number[] = [];
  for (let at = 12; at + 4 <= data.length; at += 4) {
    const first = data.readUInt16BE(at);
    const mask = data.readUInt16BE(at + 2);
    sequences.push(first);
    for (let bit = 0; bit < 16; bit += 1)
      if (((mask >> bit) & 1) === 1) sequences.push((first + bit + 1) & 0xffff);
  }
  return sequences;
}

/** A receiver's bandwidth estimate for these SSRCs (draft-alvestrand-rmcat-remb). */
export function buildRemb(sender: number, bitsPerSecond: number, ssrcs: readonly number[]): Buffer {
  const packet = feedbackHeader(feedback.remb, rtcpType.payloadFeedback, 5 + ssrcs.length, sender, 0);
  packet.write('REMB', 12);
  let mantissa = Math.floor(bitsPerSecond);
  let exponent = 0;
  while (mantissa > 0x3ffff) {
    mantissa = Math.floor(mantissa / 2);
    exponent += 1;
  }
  packet[16] = ssrcs.length;
  packet[17] = (exponent << 2) | (mantissa >> 16);
  packet.writeUInt16BE(mantissa & 0xffff, 18);
  ssrcs.forEach((ssrc, index) => packet.writeUInt32BE(ssrc, 20 + index * 4));
  return packet;
}

/** The estimate of a REMB in bit/s; undefined for another message. */
export function parseRemb(data: Buffer): number | undefined {
  if (data.length < 20 || data.toString('latin1', 12, 16) !== 'REMB') return undefined;
  const head = data[17] ?? 0;
  return (((head & 3) << 16) | data.readUInt16BE(18)) * 2 ** (head >> 2);
}

/** One report block (RFC 3550 §6.4.1). */
export interface ReportBlock {
  readonly ssrc: number;
  /** lost since the previous report, 0 to 1 */
  readonly fractionLost: number;
  /** lost packets since the start */
  readonly lost: number;
  /** extended highest sequence number received */
  readonly highest: number;
  /** in units of the codec's clock */
  readonly jitter: number;
  /** middle 32 bits of the NTP time of the last sender report, 0 when there was none */
  readonly lastSenderReport: number;
  /** since that report, in 1/65536 s */
  readonly delaySinceLast: number;
}

export function buildReceiverReport(sender: number, blocks: readonly ReportBlock[]): Buffer {
  const packet = rtcpHeader(blocks.length, rtcpType.receiverReport, 2 + 6 * blocks.length);
  packet.writeUInt32BE(sender, 4);
  blocks.forEach((block, index) => {
    const at = 8 + index * 24;
    packet.writeUInt32BE(block.ssrc, at);
    packet[at + 4] = Math.min(255, Math.floor(block.fractionLost * 256));
    packet.writeUIntBE(block.lost & 0xffffff, at + 5, 3);
    packet.writeUInt32BE(block.highest >>> 0, at + 8);
    packet.writeUInt32BE(block.jitter >>> 0, at + 12);
    packet.writeUInt32BE(block.lastSenderReport >>> 0, at + 16);
    packet.writeUInt32BE(block.delaySinceLast >>> 0, at + 20);
  });
  return packet;
}

/** The report blocks of a sender or receiver report. */
export function parseReportBlocks({ type, format, data }: RtcpPart): readonly ReportBlock[] {
  const blocks: ReportBlock[] = [];
  let at = type === rtcpType.senderReport ? 28 : 8;
  for (let index = 0; index < format && at + 24 <= data.length; index += 1, at += 24)
    blocks.push({
      ssrc: data.readUInt32BE(at),
      fractionLost: (data[at + 4] ?? 0) / 256,
      lost: data.readIntBE(at + 5, 3),
      highest: data.readUInt32BE(at + 8),
      jitter: data.readUInt32BE(at + 12),
      lastSenderReport: data.readUInt32BE(at + 16),
      delaySinceLast: data.readUInt32BE(at + 20),
    });
  return blocks;
}

/** NTP time of a moment: seconds since 1900 and their fraction, 32 bits each. */
export interface NtpTime {
  readonly seconds: number;
  readonly fraction: number;
}
const secondsFrom1900To1970 = 2_208_988_800;
/** @param epochMs ms since 1970 */
export function toNtp(epochMs: number): NtpTime {
  const whole = Math.floor(epochMs / 1000);
  return {
    seconds: (whole + secondsFrom1900To1970) >>> 0,
    fraction: Math.floor(((epochMs - whole * 1000) / 1000) * 2 ** 32) >>> 0,
  };
}
/** @returns ms since 1970 */
export const fromNtp = ({ seconds, fraction }: NtpTime): number =>
  (seconds - secondsFrom1900To1970) * 1000 + (fraction / 2 ** 32) * 1000;
/** The middle 32 bits of an NTP time, as report blocks carry them. */
export const compactNtp = ({ seconds, fraction }: NtpTime): number =>
  ((seconds & 0xffff) * 65_536 + (fraction >>> 16)) >>> 0;

/** What a sender report says about its stream: that `timestamp` was captured at `ntp`. */
export interface SenderReport {
  readonly ssrc: number;
  readonly ntp: NtpTime;
  readonly timestamp: number;
}
export function parseSenderReport(data: Buffer): SenderReport | undefined {
  if (data.length < 28) return undefined;
  return {
    ssrc: data.readUInt32BE(4),
    ntp: { seconds: data.readUInt32BE(8), fraction: data.readUInt32BE(12) },
    timestamp: data.readUInt32BE(16),
  };
}

/** A sender report with its SDES CNAME, which RFC 3550 wants in each compound. */
export function buildSenderReport(
  { ssrc, ntp, timestamp }: SenderReport,
  counts: { readonly packets: number; readonly octets: number },
  cname: string,
): Buffer {
  const report = rtcpHeader(0, rtcpType.senderReport, 7);
  const values = [ssrc, ntp.seconds, ntp.fraction, timestamp, counts.packets, counts.octets];
  values.forEach((value, index) => report.writeUInt32BE(value >>> 0, 4 + index * 4));
  const name = Buffer.from(cname, 'latin1').subarray(0, 255);
  // SSRC, item type and length, the name, and at least one zero byte
  const words = 2 + Math.ceil((2 + name.length + 1) / 4);
  const description = rtcpHeader(1, 202, words);
  description.writeUInt32BE(ssrc, 4);
  description[8] = 1;
  description[9] = name.length;
  name.copy(description, 10);
  return Buffer.concat([report, description]);
}
