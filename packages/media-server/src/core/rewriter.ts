import type { RtpHeader } from '../rtp/packet.js';
import { sequenceDifference, timestampDifference } from '../rtp/sequence.js';
import type { Vp8Descriptor } from '../rtp/vp8.js';

/** A packet of the continuous outgoing stream. */
export interface Rewritten {
  readonly sequence: number;
  readonly timestamp: number;
  readonly payload: Buffer;
}

/** Makes one continuous outgoing stream of the packets of changing sources or layers. */
export class Rewriter {
  packets = 0;
  octets = 0;
  lastTimestamp = Math.floor(Math.random() * 2 ** 32);
  /** when the last packet left, ms; undefined before the first */
  lastAtMs: number | undefined;
  /** added to a timestamp of the present input */
  timestampOffset = 0;
  #lastSequence = Math.floor(Math.random() * 65_536);
  #sequenceOffset = 0;
  /** first sequence number of the present input */
  #first = 0;
  #lastPictureId = 0;
  #pictureIdOffset = 0;
  #lastTl0 = 0;
  #tl0Offset = 0;

  /**
   * Begins with this packet (a keyframe, for video) of another input.
   *
   * @param hint timestamp offset, where the capture times of both inputs are known; else it follows from arrival
   */
  start(
    header: RtpHeader,
    vp8: Vp8Descriptor | undefined,
    clockRate: number,
    nowMs: number,
    hint?: number,
  ): void {
    const passed = this.lastAtMs === undefined ? 0 : ((nowMs - this.lastAtMs) * clockRate) / 1000;
    let timestamp =
      hint === undefined
        ? (this.lastTimestamp + Math.max(1, Math.round(passed))) >>> 0
        : (header.timestamp + hint) >>> 0;
    if (this.lastAtMs !== undefined && timestampDifference(timestamp, this.lastTimestamp) <= 0)
      timestamp = (this.lastTimestamp + 1) >>> 0;
    this.#sequenceOffset = this.#lastSequence + 1 - header.sequence;
    this.timestampOffset = timestamp - header.timestamp;
    this.#first = header.sequence;
    if (vp8?.pictureId) this.#pictureIdOffset = this.#lastPictureId + 1 - vp8.pictureId.value;
    if (vp8?.tl0PicIdx) this.#tl0Offset = this.#lastTl0 + 1 - vp8.tl0PicIdx.value;
  }

  /** The packet as it goes out; undefined for one from before the switch. */
  apply(
    packet: Buffer,
    header: RtpHeader,
    vp8: Vp8Descriptor | undefined,
    nowMs: number,
  ): Rewritten | undefined {
    const sinceStart = sequenceDifference(header.sequence, this.#first);
    if (sinceStart < 0 && sinceStart > -1000) return undefined;
    if (sinceStart > 20_000) this.#first = (header.sequence - 1000) & 0xffff;
    const sequence = (header.sequence + this.#sequenceOffset) & 0xffff;
    const timestamp = (header.timestamp + this.timestampOffset) >>> 0;
    const payload = Buffer.from(packet.subarray(header.payloadStart, header.payloadEnd));
    const newest = this.lastAtMs === undefined || sequenceDifference(sequence, this.#lastSequence) > 0;
    if (vp8) this.#rewriteVp8(payload, header.payloadStart, vp8, newest);
    if (newest) {
      this.#lastSequence = sequence;
      this.lastTimestamp = timestamp;
      this.lastAtMs = nowMs;
    }
    this.packets += 1;
    this.octets += payload.length;
    return { sequence, timestamp, payload };
  }

  /** Takes the next sequence number for a packet of our own, such as DTMF; what follows moves up by one. */
  insert(nowMs: number): number {
    this.lastAtMs ??= nowMs;
    this.#lastSequence = (this.#lastSequence + 1) & 0xffff;
    this.#sequenceOffset += 1;
    this.packets += 1;
    return this.#lastSequence;
  }
  /** Leaves out one packet of the input without a gap in the output. */
  omit(): void {
    this.#sequenceOffset -= 1;
  }

  #rewriteVp8(
    payload: Buffer,
    start: number,
    { pictureId, tl0PicIdx }: Vp8Descriptor,
    newest: boolean,
  ): void {
    if (pictureId) {
      const { offset, bytes, value } = pictureId;
      const id = (value + this.#pictureIdOffset) & (bytes === 2 ? 0x7fff : 0x7f);
      if (bytes === 2) payload.writeUInt16BE(0x8000 | id, offset - start);
      else payload[offset - start] = id;
      if (newest) this.#lastPictureId = id;
    }
    if (tl0PicIdx) {
      const index = (tl0PicIdx.value + this.#tl0Offset) & 255;
      payload[tl0PicIdx.offset - start] = index;
      if (newest) this.#lastTl0 = index;
    }
  }
}
