import { StreamSwitch } from '../core/stream-switch.js';
import type { Source } from '../core/source.js';
import type { MediaCodec } from '../sdp/codec.js';
import { Depacketizer } from './depacketizer.js';
import { FileTime } from './file-time.js';
import { blackKeyframe, silentOpus } from './fillers.js';
import { Reorder } from './reorder.js';

/** One encoded picture or audio packet for the file. */
export interface FilePacket {
  readonly data: Buffer;
  readonly key: boolean;
  /** ms since the recording began */
  readonly atMs: number;
  readonly durationMs: number;
}
interface Waiting {
  readonly payload: Buffer;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly key: boolean;
  readonly atMs: number;
}

/** What a track of a finished recording holds. */
export interface TrackSummary {
  readonly name: string;
  readonly kind: 'audio' | 'video';
  /** packets or pictures of participants, silence and black pictures not counted */
  readonly packets: number;
  readonly keyframes: number;
  /** RTP packets that never came */
  readonly lost: number;
}

const patienceMs = 400;
/** audio pauses longer than this are filled with silence */
const audioPauseMs = 600;
/** a picture that stands longer than this turns black: the camera is off */
const videoPauseMs = 2000;
/** what is filled ends so long ago, so that late packets still fit */
const fillBehindMs = 450;
const packetMs = 20;
/** a hole in the sound that is longer than this is filled */
const maxHoleMs = 60;
const keyframeEveryMs = 1500;

/**
 * One track of a recording. It has no holes: a pause is filled with silence or a black picture, so that the file can
 * always be written and starts with all tracks.
 */
export class RecordedTrack {
  readonly stream: StreamSwitch;
  packets = 0;
  keyframes = 0;
  readonly #reorder = new Reorder<Waiting>(patienceMs);
  readonly #time: FileTime;
  readonly #depacketizer: Depacketizer | undefined;
  #startMs = 0;
  #keyframeAtMs = -Infinity;
  #black = false;
  readonly #write: (packet: FilePacket) => void;

  constructor(
    readonly name: string,
    readonly kind: 'audio' | 'video',
    write: (packet: FilePacket) => void,
  ) {
    this.#write = write;
    const codec: MediaCodec = kind === 'audio' ? 'opus' : 'vp8';
    this.#time = new FileTime(kind === 'audio' ? 48_000 : 90_000);
    this.#depacketizer = kind === 'video' ? new Depacketizer(codec) : undefined;
    this.stream = new StreamSwitch(
      ({ sequence, timestamp, payload }, { header: { marker }, key, nowMs }) => {
        this.#reorder.push(sequence, { payload, timestamp, marker, key, atMs: nowMs }, nowMs);
      },
      (one) => one === codec,
    );
  }

  start(nowMs: number): void {
    this.#startMs = nowMs;
    this.#fill(0);
  }

  /** Selects what is recorded; undefined for nothing. */
  watch(source: Source | undefined, nowMs: number): void {
    this.stream.watch(source, 99, nowMs);
  }

  /** Writes what is in order, and fills pauses. */
  tick(nowMs: number): void {
    this.#drain(nowMs);
    const fileMs = nowMs - this.#startMs;
    if (this.kind === 'audio') {
      if (fileMs - this.#time.lastMs > audioPauseMs) this.#fillAudio(fileMs - fillBehindMs);
      return;
    }
    // a cluster of the file ends at a keyframe: without them a kill would lose everything since the last one
    if (this.stream.source && nowMs - this.#keyframeAtMs > keyframeEveryMs) {
      this.#keyframeAtMs = nowMs;
      this.stream.requestKeyframe(nowMs);
    }
    if (fileMs - this.#time.lastMs > videoPauseMs) this.#fill(fileMs - fillBehindMs);
  }

  finish(nowMs: number): TrackSummary {
    this.stream.close();
    this.#drain(Infinity);
    const endMs = nowMs - this.#startMs;
    if (this.kind === 'audio') this.#fillAudio(endMs - packetMs);
    const { name, kind, packets, keyframes } = this;
    return { name, kind, packets, keyframes, lost: this.#reorder.lost };
  }

  #drain(nowMs: number): void {
    for (const { value, gap } of this.#reorder.take(nowMs)) {
      const arrivalMs = value.atMs - this.#startMs;
      if (!this.#depacketizer) {
        this.#fillAudio(arrivalMs - maxHoleMs);
        const atMs = this.#time.at(value.timestamp, arrivalMs);
        this.#emit({ data: value.payload, key: true, atMs, durationMs: packetMs });
        continue;
      }
      if (gap) {
        this.#depacketizer.lost();
        this.stream.requestKeyframe(value.atMs);
      }
      const frame = this.#depacketizer.push(value.payload, value.timestamp, value.marker, value.key);
      if (!frame || (this.#black && !frame.key)) continue;
      this.#black = false;
      const atMs = this.#time.at(frame.timestamp, arrivalMs);
      this.#emit({ data: frame.data, key: frame.key, atMs, durationMs: 0 });
    }
  }

  #emit(packet: FilePacket): void {
    this.packets += 1;
    if (packet.key) this.keyframes += 1;
    this.#write(packet);
  }

  #fillAudio(untilMs: number): void {
    for (let at = this.#time.lastMs + packetMs; at <= untilMs; at += packetMs) this.#fill(at);
  }
  #fill(fileMs: number): void {
    const atMs = this.#time.reserve(fileMs);
    if (this.kind === 'audio') {
      this.#write({ data: silentOpus, key: true, atMs, durationMs: packetMs });
      return;
    }
    this.#write({ data: blackKeyframe, key: true, atMs, durationMs: 0 });
    // pictures that refer to one before the black one cannot be decoded any more
    this.#black = true;
    this.#depacketizer?.lost();
    if (this.stream.source) this.stream.requestKeyframe(fileMs + this.#startMs);
  }
}
