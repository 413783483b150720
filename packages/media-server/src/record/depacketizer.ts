import type { MediaCodec } from '../sdp/codec.js';
import { splitH264 } from '../rtp/h264.js';
import { parseVp8, vp8Size } from '../rtp/vp8.js';

/** A whole encoded picture. */
export interface EncodedFrame {
  readonly data: Buffer;
  readonly timestamp: number;
  readonly key: boolean;
  readonly size: { readonly width: number; readonly height: number } | undefined;
}

const startCode = Buffer.from([0, 0, 0, 1]);

/**
 * Joins the payloads of one continuous stream, in order, to pictures. After a lost packet it waits for a keyframe, as a
 * decoder would show garbage.
 */
export class Depacketizer {
  #parts: Buffer[] = [];
  #timestamp: number | undefined;
  #key = false;
  #broken = true;

  constructor(readonly codec: MediaCodec) {}

  /** A packet is missing: the picture that it belonged to, and those that follow it, cannot be used. */
  lost(): void {
    this.#parts = [];
    this.#timestamp = undefined;
    this.#broken = true;
  }

  /** @returns a picture when this packet ends one */
  push(payload: Buffer, timestamp: number, marker: boolean, key: boolean): EncodedFrame | undefined {
    if (this.#timestamp !== timestamp) {
      this.#parts = [];
      this.#timestamp = timestamp;
      this.#key = false;
    }
    const parts = this.codec === 'vp8' ? this.#vp8(payload) : this.#h264(payload);
    if (!parts) return undefined;
    this.#parts.push(...parts);
    this.#key ||= key;
    if (!marker) return undefined;
    const data = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#timestamp = undefined;
    if (this.#key) this.#broken = false;
    if (this.#broken || data.length === 0) return undefined;
    const size = this.codec === 'vp8' && this.#key ? vp8Size(data) : undefined;
    return { data, timestamp, key: this.#key, size };
  }

  #vp8(payload: Buffer): readonly Buffer[] | undefined {
    const vp8 = parseVp8(payload, 0, payload.length);
    if (!vp8 || (this.#parts.length === 0 && !vp8.start)) return undefined;
    return [payload.subarray(vp8.dataStart)];
  }
  #h264(payload: Buffer): readonly Buffer[] {
    return splitH264(payload).flatMap(({ data, begins }) => (begins ? [startCode, data] : [data]));
  }
}
