import type { MediaPacket, Sink } from '../core/media-packet.js';
import { JitterBuffer } from './jitter-buffer.js';
import { levelOf, silenceDb } from './level.js';
import { frameSamples, type OpusDecoder, type OpusLibrary } from './opus.js';

/** a queue longer than this is cut: 100 ms */
const maxQueuedSamples = 5 * frameSamples;

/** One audio source of a mix or tap: puts its packets in order and decodes them into frames of 20 ms. */
export class AudioInput implements Sink {
  /** of the last frame, dB below full scale */
  levelDb = silenceDb;
  /** decoding is only needed for levels, and those come in a header extension */
  levelOnly = false;
  /** of the last packet's extension; undefined when the client sends none */
  #saidDb: number | undefined;
  #saidAtMs = -Infinity;
  readonly #buffer = new JitterBuffer();
  readonly #opus: OpusLibrary;
  #decoder: OpusDecoder | undefined;
  #queue = new Int16Array(0);
  #last: Int16Array | undefined;

  constructor(opus: OpusLibrary) {
    this.#opus = opus;
  }

  push({ buffer, header, codec, levelDb, nowMs }: MediaPacket): void {
    this.#saidDb = levelDb;
    this.#saidAtMs = nowMs;
    if (codec !== 'opus' || (this.levelOnly && levelDb !== undefined)) return;
    this.#buffer.push(header.sequence, buffer.subarray(header.payloadStart, header.payloadEnd));
  }

  /** The next 20 ms; undefined when there is no sound. */
  frame(nowMs: number): Int16Array | undefined {
    if (this.levelOnly && this.#saidDb !== undefined) {
      this.levelDb = nowMs - this.#saidAtMs < 100 ? this.#saidDb : silenceDb;
      return undefined;
    }
    while (this.#queue.length < frameSamples) if (!this.#decodeNext()) break;
    if (this.#queue.length < frameSamples) {
      this.levelDb = silenceDb;
      return undefined;
    }
    const frame = this.#queue.subarray(0, frameSamples);
    this.#queue = this.#queue.subarray(frameSamples);
    this.levelDb = levelOf(frame);
    return frame;
  }

  close(): void {
    this.#decoder?.close();
    this.#decoder = undefined;
  }

  #decodeNext(): boolean {
    const pulled = this.#buffer.pull();
    if (pulled === 'empty') return false;
    if (pulled === 'lost') {
      this.#conceal();
      return true;
    }
    this.#decoder ??= this.#opus.createDecoder();
    const samples = this.#decoder.decode(pulled.payload);
    if (samples) {
      this.#last = samples;
      this.#enqueue(samples);
    } else this.#conceal();
    return true;
  }

  /** The last frame again, quieter each time: neither library conceals losses. */
  #conceal(): void {
    const faded = (this.#last ?? new Int16Array(frameSamples)).map((sample) => sample >> 1);
    this.#last = faded;
    this.#enqueue(faded);
  }

  #enqueue(samples: Int16Array): void {
    const joined = new Int16Array(this.#queue.length + samples.length);
    joined.set(this.#queue);
    joined.set(samples, this.#queue.length);
    this.#queue =
      joined.length > maxQueuedSamples ? joined.subarray(joined.length - maxQueuedSamples) : joined;
  }
}
