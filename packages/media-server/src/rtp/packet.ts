/** Where a header extension's value is in its packet. */
export interface ExtensionValue {
  readonly offset: number;
  readonly length: number;
}

/** The header of an RTP packet (RFC 3550), with offsets into the buffer that it was parsed from. */
export interface RtpHeader {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  /** in units of the codec's clock */
  readonly timestamp: number;
  readonly ssrc: number;
  /** by extension id (RFC 8285); undefined when the packet has none */
  readonly extensions: ReadonlyMap<number, ExtensionValue> | undefined;
  /** offset of the first byte of the payload */
  readonly payloadStart: number;
  /** offset after the last byte of the payload, padding left out */
  readonly payloadEnd: number;
}

/** A header extension to write: its id (1 to 14) and value (1 to 16 bytes). */
export type ExtensionToWrite = readonly [id: number, value: Buffer];

export interface RtpFields {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

/** True for RTCP, by the packet type that RFC 5761 reserves. */
export const isRtcp = (packet: Buffer): boolean => {
  const type = packet[1] ?? 0;
  return packet.length >= 8 && type >= 192 && type <= 223;
};

function readExtensions(packet: Buffer, start: number, end: number, oneByte: boolean) {
  const found = new Map<number, ExtensionValue>();
  let at = start;
  while (at < end) {
    const first = packet[at] ?? 0;
    if (first === 0) {
      at += 1;
      continue;
    }
    const id = oneByte ? first >> 4 : first;
    if (oneByte && id === 15) break;
    const length = oneByte ? (first & 15) + 1 : (packet[at + 1] ?? 0);
    const offset = at + (oneByte ? 1 : 2);
    if (offset + length > end) break;
    found.set(id, { offset, length });
    at = offset + length;
  }
  return found;
}

/** Reads the header of an RTP packet; undefined when the packet is malformed. */
export function parseRtp(packet: Buffer): RtpHeader | undefined {
  if (packet.length < 12) return undefined;
  const first = packet[0] ?? 0;
  const second = packet[1] ?? 0;
  if (first >> 6 !== 2) return undefined;
  let payloadStart = 12 + (first & 15) * 4;
  let extensions: Map<number, ExtensionValue> | undefined;
  if ((first & 16) !== 0) {
    if (payloadStart + 4 > packet.length) return undefined;
    const profile = packet.readUInt16BE(payloadStart);
    const end = payloadStart + 4 + packet.readUInt16BE(payloadStart + 2) * 4;
    if (end > packet.length) return undefined;
    const oneByte = profile === 0xbede;
    if (oneByte || profile >> 4 === 0x100)
      extensions = readExtensions(packet, payloadStart + 4, end, oneByte);
    payloadStart = end;
  }
  const padding = (first & 32) === 0 ? 0 : (packet[packet.length - 1] ?? 0);
  const payloadEnd = packet.length - padding;
  if (payloadEnd < payloadStart) return undefined;
  return {
    marker: second >> 7 === 1,
    payloadType: second & 127,
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
    extensions,
    payloadStart,
    payloadEnd,
  };
}

/** The text of a header extension, such as a RID; undefined when the packet does not have it. */
export function extensionText(packet: Buffer, header: RtpHeader, id: number | undefined): string | undefined {
  const value = id === undefined ? undefined : header.extensions?.get(id);
  return value && packet.toString('latin1', value.offset, value.offset + value.length);
}

/** Builds an RTP packet; extensions are written in the one-byte form. */
export function buildRtp(
  { marker, payloadType, sequence, timestamp, ssrc }: RtpFields,
  payload: Uint8Array,
  extensions: readonly ExtensionToWrite[] = [],
): Buffer {
  let bytes = 0;
  for (const [, value] of extensions) bytes += 1 + value.length;
  const extensionBytes = extensions.length > 0 ? 4 + ((bytes + 3) & ~3) : 0;
  const packet = Buffer.allocUnsafe(12 + extensionBytes + payload.length);
  packet[0] = 0x80 | (extensionBytes > 0 ? 16 : 0);
  packet[1] = (marker ? 128 : 0) | payloadType;
  packet.writeUInt16BE(sequence, 2);
  packet.writeUInt32BE(timestamp >>> 0, 4);
  packet.writeUInt32BE(ssrc, 8);
  if (extensionBytes > 0) {
    packet.fill(0, 12, 12 + extensionBytes);
    packet.writeUInt16BE(0xbede, 12);
    packet.writeUInt16BE(extensionBytes / 4 - 1, 14);
    let at = 16;
    for (const [id, value] of extensions) {
      packet[at] = (id << 4) | (value.length - 1);
      value.copy(packet, at + 1);
      at += 1 + value.length;
    }
  }
  packet.set(payload, 12 + extensionBytes);
  return packet;
}
