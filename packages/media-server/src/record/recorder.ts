import { open, type FileHandle } from 'node:fs/promises';
import {
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  Output,
  StreamTarget,
  type StreamTargetChunk,
  WebMOutputFormat,
} from 'mediabunny';
import type { Source } from '../core/source.js';
import { mediaError } from '../errors.js';
import { blackSize } from './fillers.js';
import { RecordedTrack, type FilePacket, type TrackSummary } from './track.js';

export interface RecorderTrackOptions {
  readonly name: string;
  readonly kind: 'audio' | 'video';
  readonly source: Source | undefined;
}

/** A finished recording. */
export interface RecordingSummary {
  readonly path: string;
  readonly durationMs: number;
  /** nothing of any participant is in it */
  readonly empty: boolean;
  readonly tracks: readonly TrackSummary[];
}

/**
 * Records sources to a WebM file: Opus and VP8. A cluster is written each time
 * all tracks have a keyframe, so that what was recorded is
 * playable even when the process is killed.
 */
export class Recorder {
  readonly #path: string;
  readonly #tracks: readonly RecordedTrack[];
  readonly #output: Output;
  readonly #onFailure: (message: string) => void;
  #startedAtMs = 0;
  #chain: Promise<void> = Promise.resolve();
  #failure: unknown;
  #ended = false;
  #file: FileHandle | undefined;

  constructor(path: string, tracks: readonly RecorderTrackOptions[], onFailure: (message: string) => void) {
    this.#path = path;
    this.#onFailure = onFailure;
    this.#output = new Output({
      format: new WebMOutputFormat({ minimumClusterDuration: 0.5 }),
      // not mediabunny's target for paths: that keeps the file open when a write fails
      target: new StreamTarget(
        new WritableStream<StreamTargetChunk>({
          write: async ({ data, position }) => {
            await this.#file?.write(data, 0, data.byteLength, position);
          },
        }),
      ),
    });
    this.#tracks = tracks.map(({ name, kind }) => this.#addTrack(name, kind));
  }

  async start(tracks: readonly RecorderTrackOptions[], nowMs: number): Promise<void> {
    try {
      this.#file = await open(this.#path, 'w');
      await this.#output.start();
    } catch (cause) {
      await this.#file?.close();
      throw mediaError(
        'ERR_MEDIA_FILE',
        'record',
        `recorder: ${this.#path} cannot be written. Check folder and rights.`,
        {
          cause,
        },
      );
    }
    this.#startedAtMs = nowMs;
    for (const track of this.#tracks) {
      track.start(nowMs);
      track.watch(tracks.find(({ name }) => name === track.name)?.source, nowMs);
    }
  }

  /** Selects what a track records from now on. */
  route(name: string, source: Source | undefined, nowMs: number): void {
    const track = this.#tracks.find((one) => one.name === name);
    if (!track)
      throw mediaError(
        'ERR_MEDIA_UNKNOWN',
        'record',
        `recorder: expected the name of one of its tracks, got ${name}.`,
      );
    track.watch(source, nowMs);
  }

  /** Every 20 ms. */
  tick(nowMs: number): void {
    if (this.#ended) return;
    for (const track of this.#tracks) track.tick(nowMs);
  }

  async stop(nowMs: number): Promise<RecordingSummary> {
    this.#ended = true;
    const tracks = this.#tracks.map((track) => track.finish(nowMs));
    await this.#chain;
    try {
      await this.#output.finalize();
    } catch (error) {
      this.#failure ??= error;
    } finally {
      await this.#file?.close();
    }
    if (this.#failure !== undefined)
      throw mediaError(
        'ERR_MEDIA_FILE',
        'record',
        `recorder: writing ${this.#path} failed. What was written is kept.`,
        {
          cause: this.#failure,
        },
      );
    return {
      path: this.#path,
      durationMs: Math.round(nowMs - this.#startedAtMs),
      empty: tracks.every(({ packets }) => packets === 0),
      tracks,
    };
  }

  #addTrack(name: string, kind: 'audio' | 'video'): RecordedTrack {
    if (kind === 'audio') {
      const source = new EncodedAudioPacketSource('opus');
      this.#output.addAudioTrack(source, { name });
      const decoderConfig = { codec: 'opus', numberOfChannels: 1, sampleRate: 48_000 };
      return new RecordedTrack(
        name,
        kind,
        this.#writer((packet, first) => source.add(packet, first ? { decoderConfig } : undefined)),
      );
    }
    const source = new EncodedVideoPacketSource('vp8');
    this.#output.addVideoTrack(source, { name });
    const decoderConfig = { codec: 'vp8', codedWidth: blackSize.width, codedHeight: blackSize.height };
    return new RecordedTrack(
      name,
      kind,
      this.#writer((packet, first) => source.add(packet, first ? { decoderConfig } : undefined)),
    );
  }

  /** Writes in order, one after the other; the first failure ends the recording. */
  #writer(add: (packet: EncodedPacket, first: boolean) => Promise<void>): (packet: FilePacket) => void {
    let first = true;
    return ({ data, key, atMs, durationMs }) => {
      const packet = new EncodedPacket(data, key ? 'key' : 'delta', atMs / 1000, durationMs / 1000);
      const isFirst = first;
      first = false;
      this.#chain = this.#chain
        .then(() => (this.#failure === undefined ? add(packet, isFirst) : undefined))
        .catch((error: unknown) => {
          this.#failure = error;
          this.#onFailure(error instanceof Error ? error.message : String(error));
        });
    };
  }
}
