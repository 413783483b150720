import { timestampDifference } from '../rtp/sequence.js';
import type { MediaCodec } from '../sdp/codec.js';
import type { MediaPacket, Sink } from './media-packet.js';
import { Rewriter, type Rewritten } from './rewriter.js';
import type { Layer, Source } from './source.js';

/** When a switch to another source or layer was made. */
export interface SwitchReport {
  readonly source: string;
  readonly layer: number;
  /** from the wish to the first packet, ms */
  readonly waitedMs: number;
}

/**
 * Selects one source and layer and makes one continuous stream of it. The layer before goes on until the next one
 * begins with a keyframe.
 */
export class StreamSwitch implements Sink {
  readonly rewriter = new Rewriter();
  source: Source | undefined;
  /** layer that is wished for */
  target = 0;
  /** layer that flows; undefined while a keyframe is awaited */
  current: number | undefined;
  /** source that the flowing layer belongs to: another one than `source` until that one begins */
  #flowing: Source | undefined;
  #codec: MediaCodec | undefined;
  #wishedAtMs = 0;
  #clockRate = 90_000;
  #paused = false;

  /**
   * @param output  gets each packet of the continuous stream
   * @param accepts says whether the receiver can use a codec
   */
  constructor(
    readonly output: (rewritten: Rewritten, packet: MediaPacket) => void,
    readonly accepts: (codec: MediaCodec) => boolean,
    readonly onSwitch?: (report: SwitchReport) => void,
  ) {}

  /** Selects a source; undefined for none. */
  watch(source: Source | undefined, layer: number, nowMs: number): void {
    if (source === this.source) {
      if (source) this.want(layer, nowMs);
      return;
    }
    if (this.source !== this.#flowing) this.source?.sinks.delete(this);
    this.source = source;
    this.target = layer;
    this.#wishedAtMs = nowMs;
    if (!source) {
      this.#stop();
      return;
    }
    source.sinks.add(this);
    this.#askForKeyframe(nowMs, true);
  }

  /** Selects another layer of the same source. */
  want(layer: number, nowMs: number): void {
    if (layer === this.target || !this.source) return;
    this.target = layer;
    this.#wishedAtMs = nowMs;
    this.#askForKeyframe(nowMs);
  }

  /** While paused nothing flows; afterwards it begins with a keyframe. */
  pause(paused: boolean, nowMs: number): void {
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.#stop();
    if (this.source) this.source.sinks.add(this);
    if (!paused) this.#askForKeyframe(nowMs, true);
  }
  get paused(): boolean {
    return this.#paused;
  }

  /** The receiver has lost its picture. */
  requestKeyframe(nowMs: number): void {
    if (this.#flowing && this.current !== undefined) this.#flowing.requestKeyframe(this.current, nowMs);
    else this.#askForKeyframe(nowMs);
  }

  push(packet: MediaPacket): void {
    if (this.#paused) return;
    const { layer, source, codec } = packet;
    const continues = source === this.#flowing && layer.index === this.current && codec === this.#codec;
    if (!continues && !this.#begin(packet)) return;
    const rewritten = this.rewriter.apply(packet.buffer, packet.header, packet.vp8, packet.nowMs);
    if (rewritten) this.output(rewritten, packet);
  }

  layerReplaced(layer: Layer): void {
    if (layer !== this.#flowing?.layers[this.current ?? -1]) return;
    this.current = undefined;
    this.#flowing = undefined;
  }

  /** True while what was wished for flows. */
  get settled(): boolean {
    return this.current !== undefined && this.source === this.#flowing;
  }

  close(): void {
    this.source?.sinks.delete(this);
    this.source = undefined;
    this.#stop();
  }

  /** The offset that keeps the timestamps of the flowing stream going, from what is known of both. */
  timestampNow(nowMs: number): { readonly timestamp: number; readonly captureMs: number } | undefined {
    const report =
      this.current === undefined ? undefined : this.#flowing?.layers[this.current]?.inbound?.report;
    if (!report || this.rewriter.packets === 0) return undefined;
    const elapsedMs = nowMs - report.atMs;
    const timestamp =
      report.timestamp + Math.round((elapsedMs * this.#clockRate) / 1000) + this.rewriter.timestampOffset;
    return { timestamp: timestamp >>> 0, captureMs: report.captureMs + elapsedMs };
  }

  #stop(): void {
    this.#flowing?.sinks.delete(this);
    this.#flowing = undefined;
    this.current = undefined;
  }

  #begin(packet: MediaPacket): boolean {
    const { layer, source, nowMs } = packet;
    if (source !== this.source || layer.index !== this.#usable()) return false;
    if (!this.accepts(packet.codec)) return false;
    if (!packet.key) {
      this.#askForKeyframe(nowMs);
      return false;
    }
    const { rewriter } = this;
    rewriter.start(packet.header, packet.vp8, packet.clockRate, nowMs, this.#hint(packet));
    if (this.#flowing !== source) this.#flowing?.sinks.delete(this);
    this.current = layer.index;
    this.#flowing = source;
    this.#codec = packet.codec;
    this.#clockRate = packet.clockRate;
    this.onSwitch?.({
      source: source.id,
      layer: layer.index,
      waitedMs: Math.round(nowMs - this.#wishedAtMs),
    });
    return true;
  }

  /** The wished layer, or the best below it while that one is not sent at all. */
  #usable(): number {
    const layers = this.source?.layers ?? [];
    const known = layers.filter(({ ssrc }) => ssrc !== undefined);
    if (known.length === 0) return Math.min(this.target, Math.max(0, layers.length - 1));
    let best = known[0]?.index ?? 0;
    for (const { index } of known) if (index <= this.target) best = index;
    return best;
  }

  /** Two layers of one source, or two sources on one timeline: the same moment has timestamps that can be compared. */
  #hint({ layer, source, clockRate }: MediaPacket): number | undefined {
    const before = this.#flowing;
    if (before?.timeline !== undefined && before !== source && before.timeline === source.timeline)
      return this.rewriter.timestampOffset;
    if (before !== source || this.current === undefined) return undefined;
    const old = source.layers[this.current]?.inbound?.report;
    const fresh = layer.inbound?.report;
    if (!old || !fresh) return undefined;
    const apartMs = fresh.captureMs - old.captureMs;
    const ticks = Math.round((apartMs * clockRate) / 1000);
    return (this.rewriter.timestampOffset + ticks + timestampDifference(old.timestamp, fresh.timestamp)) | 0;
  }

  #askForKeyframe(nowMs: number, atOnce = false): void {
    this.source?.requestKeyframe(this.#usable(), nowMs, atOnce);
  }
}
