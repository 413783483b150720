import type { Source } from '../core/source.js';
import { AudioInput } from './input.js';
import { frameMs, frameSamples, type OpusLibrary } from './opus.js';

/** Decodes a source for a consumer: one frame each 20 ms, silence included. */
export class AudioTap {
  readonly #input: AudioInput;
  #nextMs: number | undefined;

  constructor(
    opus: OpusLibrary,
    readonly source: Source,
    readonly onFrame: (samples: Int16Array, nowMs: number) => void,
  ) {
    this.#input = new AudioInput(opus);
    source.sinks.add(this.#input);
  }

  tick(nowMs: number): void {
    this.#nextMs ??= nowMs;
    if (nowMs - this.#nextMs > 200) this.#nextMs = nowMs;
    for (; this.#nextMs <= nowMs; this.#nextMs += frameMs)
      this.onFrame(this.#input.frame(nowMs) ?? new Int16Array(frameSamples), nowMs);
  }

  close(): void {
    this.source.sinks.delete(this.#input);
    this.#input.close();
  }
}
