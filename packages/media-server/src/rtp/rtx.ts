import { parseRtp, type RtpHeader } from './packet.js';

/**
 * Wraps a packet for retransmission (RFC 4588): the original sequence number goes before the payload.
 *
 * @returns undefined when `packet` is not RTP
 */
export function wrapRtx(
  packet: Buffer,
  {
    ssrc,
    payloadType,
    sequence,
  }: { readonly ssrc: number; readonly payloadType: number; readonly sequence: number },
): Buffer | undefined {
  const header = parseRtp(packet);
  if (!header) return undefined;
  const wrapped = Buffer.allocUnsafe(packet.length + 2);
  packet.copy(wrapped, 0, 0, header.payloadStart);
  wrapped[1] = (header.marker ? 128 : 0) | payloadType;
  wrapped.writeUInt16BE(sequence, 2);
  wrapped.writeUInt32BE(ssrc, 8);
  wrapped.writeUInt16BE(header.sequence, header.payloadStart);
  packet.copy(wrapped, header.payloadStart + 2, header.payloadStart);
  return wrapped;
}

/** Restores the original packet; undefined for a packet of nothing but padding, which is a bandwidth probe. */
export function unwrapRtx(
  packet: Buffer,
  header: RtpHeader,
  { ssrc, payloadType }: { readonly ssrc: number; readonly payloadType: number },
): Buffer | undefined {
  if (header.payloadEnd - header.payloadStart < 3) return undefined;
  const original = Buffer.allocUnsafe(header.payloadEnd - 2);
  packet.copy(original, 0, 0, header.payloadStart);
  packet.copy(original, header.payloadStart, header.payloadStart + 2, header.payloadEnd);
  original[0] = (original[0] ?? 0) & ~32;
  original[1] = (header.marker ? 128 : 0) | payloadType;
  original.writeUInt16BE(packet.readUInt16BE(header.payloadStart), 2);
  original.writeUInt32BE(ssrc, 8);
  return original;
}
