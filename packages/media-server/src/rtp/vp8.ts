/** What the VP8 payload descriptor (RFC 7741) of a packet says, with the offsets that a rewriter changes. */
export interface Vp8Descriptor {
  /** the packet begins a frame */
  readonly start: boolean;
  /** the packet begins a keyframe */
  readonly key: boolean;
  /** offset of the frame's data, after the descriptor */
  readonly dataStart: number;
  readonly pictureId: { readonly value: number; readonly offset: number; readonly bytes: 1 | 2 } | undefined;
  readonly tl0PicIdx: { readonly value: number; readonly offset: number } | undefined;
  readonly temporalLayer: number;
}

/** Reads the descriptor of the payload at `start`; undefined when the payload ends within it. */
export function parseVp8(packet: Buffer, start: number, end: number): Vp8Descriptor | undefined {
  if (start >= end) return undefined;
  const first = packet[start] ?? 0;
  let at = start + 1;
  let pictureId: Vp8Descriptor['pictureId'];
  let tl0PicIdx: Vp8Descriptor['tl0PicIdx'];
  let temporalLayer = 0;
  if ((first & 0x80) !== 0) {
    const extension = packet[at] ?? 0;
    at += 1;
    if ((extension & 0x80) !== 0) {
      const bytes = ((packet[at] ?? 0) & 0x80) === 0 ? 1 : 2;
      if (at + bytes > end) return undefined;
      pictureId = {
        value: bytes === 2 ? packet.readUInt16BE(at) & 0x7fff : (packet[at] ?? 0),
        offset: at,
        bytes,
      };
      at += bytes;
    }
    if ((extension & 0x40) !== 0) {
      if (at >= end) return undefined;
      tl0PicIdx = { value: packet[at] ?? 0, offset: at };
      at += 1;
    }
    if ((extension & 0x30) !== 0) {
      temporalLayer = (packet[at] ?? 0) >> 6;
      at += 1;
    }
  }
  if (at > end) return undefined;
  const begins = (first & 0x10) !== 0 && (first & 7) === 0;
  return {
    start: begins,
    key: begins && at < end && ((packet[at] ?? 1) & 1) === 0,
    dataStart: at,
    pictureId,
    tl0PicIdx,
    temporalLayer,
  };
}

/** Width and height in pixels, from the first bytes of a VP8 keyframe (RFC 6386 §9.1). */
export function vp8Size(frame: Buffer): { readonly width: number; readonly height: number } | undefined {
  if (frame.length < 10 || frame[3] !== 0x9d || frame[4] !== 0x01 || frame[5] !== 0x2a) return undefined;
  return { width: frame.readUInt16LE(6) & 0x3fff, height: frame.readUInt16LE(8) & 0x3fff };
}
