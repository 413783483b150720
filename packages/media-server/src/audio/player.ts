import type { Source } from '../core/source.js';
import { frameMs, frameSamples, type OpusLibrary } from './opus.js';
import { AudioOutput } from './output.js';

/** Gives the next samples (mono, 48 kHz), and undefined at the end. */
export interface SampleReader {
  read(): Promise<Int16Array | undefined>;
  close(): void;
}
/** Opens what is played, once per round. */
export type OpenReader = () => Promise<SampleReader>;

/** samples that are read ahead: half a second */
const aheadSamples = 25 * frameSamples;

/** Samples that are in memory. */
export const readSamples =
  (samples: Int16Array): OpenReader =>
  () => {
    let left: Int16Array | undefined = samples;
    return Promise.resolve({
      read: () => {
        const next = left;
        left = undefined;
        return Promise.resolve(next);
      },
      close: () => undefined,
    });
  };

/** Plays a file or samples as a source: prompts, hold music, messages. */
export class Player {
  readonly output: AudioOutput;
  readonly #chunks: Int16Array[] = [];
  readonly #open: OpenReader;
  readonly #loop: boolean;
  readonly #onEnd: (failure: unknown) => void;
  #reader: SampleReader | undefined;
  #queued = 0;
  #reading = false;
  #finished = false;
  #closed = false;
  #tick = 0;
  #nextMs: number | undefined;

  constructor(
    opus: OpusLibrary,
    source: Source,
    {
      open,
      loop,
      onEnd,
    }: { readonly open: OpenReader; readonly loop: boolean; readonly onEnd: (failure: unknown) => void },
  ) {
    this.output = new AudioOutput(opus, source, source.id);
    this.#open = open;
    this.#loop = loop;
    this.#onEnd = onEnd;
  }

  /** Opens the file. @throws when it cannot be read */
  async start(): Promise<void> {
    this.#reader = await this.#open();
    await this.#fill();
  }

  tick(nowMs: number): void {
    if (this.#closed) return;
    this.#nextMs ??= nowMs;
    if (nowMs - this.#nextMs > 200) this.#nextMs = nowMs;
    for (; this.#nextMs <= nowMs; this.#nextMs += frameMs) {
      const frame = this.#take();
      if (!frame) {
        if (this.#finished) this.#end(undefined);
        return;
      }
      this.#tick += 1;
      this.output.write(frame, this.#tick, nowMs);
    }
    if (this.#queued < aheadSamples && !this.#reading)
      this.#fill().catch((failure: unknown) => {
        this.#end(failure);
      });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#reader?.close();
    this.output.close();
  }

  #end(failure: unknown): void {
    if (this.#closed) return;
    this.close();
    this.#onEnd(failure);
  }

  async #fill(): Promise<void> {
    this.#reading = true;
    let rounds = 0;
    while (!this.#closed && !this.#finished && this.#queued < aheadSamples) {
      const samples = await this.#reader?.read();
      if (samples) {
        if (samples.length > 0) rounds = 0;
        this.#chunks.push(samples);
        this.#queued += samples.length;
      } else {
        this.#reader?.close();
        rounds += 1;
        // an empty file must not be opened for ever
        if (this.#loop && rounds < 2) this.#reader = await this.#open();
        else this.#finished = true;
      }
    }
    this.#reading = false;
  }

  /** The next frame; the last one is filled up with silence. */
  #take(): Int16Array | undefined {
    if (this.#queued === 0 || (this.#queued < frameSamples && !this.#finished)) return undefined;
    const frame = new Int16Array(frameSamples);
    let filled = 0;
    while (filled < frameSamples) {
      const [chunk] = this.#chunks;
      if (!chunk) break;
      const part = chunk.subarray(0, frameSamples - filled);
      frame.set(part, filled);
      filled += part.length;
      this.#queued -= part.length;
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    return frame;
  }
}
