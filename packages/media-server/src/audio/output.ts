import { buildRtp } from '../rtp/packet.js';
import type { Source } from '../core/source.js';
import { frameSamples, type OpusEncoder, type OpusLibrary } from './opus.js';

/** Encodes frames into a source that slots, recorders and taps can use like an incoming track. */
export class AudioOutput {
  #encoder: OpusEncoder | undefined;
  #silence: Buffer | undefined;
  #sequence = 0;
  readonly #opus: OpusLibrary;

  /** @param timeline outputs with the same one have comparable timestamps */
  constructor(
    opus: OpusLibrary,
    readonly source: Source,
    timeline: string,
  ) {
    this.#opus = opus;
    source.kind = 'audio';
    source.timeline = timeline;
    source.codec = 'opus';
  }

  /** No one listens: encoding would be for nothing. */
  get idle(): boolean {
    return this.source.sinks.size === 0;
  }

  /** @param samples one frame; undefined for silence, which is encoded once */
  write(samples: Int16Array | undefined, tick: number, nowMs: number): void {
    if (this.idle) return;
    this.#encoder ??= this.#opus.createEncoder();
    const payload = samples
      ? this.#encoder.encode(samples)
      : (this.#silence ??= this.#encoder.encode(new Int16Array(frameSamples)));
    this.#sequence = (this.#sequence + 1) & 0xffff;
    const timestamp = (tick * frameSamples) >>> 0;
    const packet = buildRtp(
      { marker: false, payloadType: 111, sequence: this.#sequence, timestamp, ssrc: 0 },
      payload,
    );
    this.source.emit(packet, 'opus', 48_000, nowMs);
  }

  close(): void {
    this.#encoder?.close();
    this.#encoder = undefined;
    this.source.sinks.clear();
  }
}
