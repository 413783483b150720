const idr = 5;
const sps = 7;
const stapA = 24;
const fuA = 28;
const startsKeyframe = (type: number): boolean => type === idr || type === sps;

/** True when an H.264 payload (RFC 6184) begins an IDR picture or carries its sequence parameter set. */
export function isH264Keyframe(packet: Buffer, start: number, end: number): boolean {
  if (start >= end) return false;
  const type = (packet[start] ?? 0) & 31;
  if (startsKeyframe(type)) return true;
  if (type === fuA) {
    const fu = packet[start + 1] ?? 0;
    return start + 1 < end && (fu & 0x80) !== 0 && startsKeyframe(fu & 31);
  }
  if (type === stapA)
    for (let at = start + 1; at + 3 <= end; at += 2 + packet.readUInt16BE(at))
      if (startsKeyframe((packet[at + 2] ?? 0) & 31)) return true;
  return false;
}

/** The NAL units of a payload; a fragment (FU-A) says whether it begins or ends its unit. */
export interface NalPart {
  readonly data: Buffer;
  /** first bytes of a unit: `data` begins with the NAL header */
  readonly begins: boolean;
  readonly ends: boolean;
}

/** Splits an H.264 payload into its NAL units or the fragment that it is. Packets that are neither give nothing. */
export function splitH264(payload: Buffer): readonly NalPart[] {
  const first = payload[0];
  if (first === undefined) return [];
  const type = first & 31;
  if (type === stapA) {
    const parts: NalPart[] = [];
    for (let at = 1; at + 2 <= payload.length;) {
      const length = payload.readUInt16BE(at);
      if (length === 0 || at + 2 + length > payload.length) break;
      parts.push({ data: payload.subarray(at + 2, at + 2 + length), begins: true, ends: true });
      at += 2 + length;
    }
    return parts;
  }
  if (type === fuA) {
    const fu = payload[1];
    if (fu === undefined) return [];
    const begins = (fu & 0x80) !== 0;
    const rest = payload.subarray(2);
    const header = Buffer.from([(first & 0xe0) | (fu & 31)]);
    return [{ data: begins ? Buffer.concat([header, rest]) : rest, begins, ends: (fu & 0x40) !== 0 }];
  }
  return type >= 1 && type <= 23 ? [{ data: payload, begins: true, ends: true }] : [];
}
