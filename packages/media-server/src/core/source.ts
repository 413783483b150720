import { isH264Keyframe } from '../rtp/h264.js';
import { parseRtp, type RtpHeader } from '../rtp/packet.js';
import { parseVp8, vp8Size } from '../rtp/vp8.js';
import type { MediaCodec } from '../sdp/codec.js';
import type { Inbound } from './inbound.js';
import type { Sink } from './media-packet.js';

/** One layer of a source: a simulcast picture size, or all there is. */
export interface Layer {
  /** 0 is the smallest */
  readonly index: number;
  readonly rid: string | undefined;
  ssrc: number | undefined;
  inbound: Inbound | undefined;
  bytes: number;
  /** bit/s over the last second; 0 while it is silent */
  bitrateBps: number;
  /** pixels of the last VP8 keyframe */
  size: { readonly width: number; readonly height: number } | undefined;
  keyframeAskedAtMs: number;
}

/** What is known of a packet beside its header. */
export interface Published {
  readonly codec: MediaCodec;
  /** Hz */
  readonly clockRate: number;
  readonly levelDb: number | undefined;
}

/** a keyframe takes a round trip: asking faster does not help */
const keyframeGapMs = 400;

/**
 * What one media section of a client sends, or a player: an incoming track of the port. It exists from the first time
 * that anybody names it, so that routes may be set before the media is negotiated.
 */
export class Source {
  kind: 'audio' | 'video' | undefined;
  slides = false;
  readonly layers: Layer[] = [];
  readonly sinks = new Set<Sink>();
  /** sources with the same timeline have comparable timestamps */
  timeline: string | undefined;
  /** the last codec that was seen */
  codec: MediaCodec | undefined;
  firstPacketMs: number | undefined;
  lastPacketMs: number | undefined;
  /** asks the sender of the layer for a keyframe */
  onKeyframeNeeded: ((layer: Layer) => void) | undefined;
  #bytesBefore: number[] = [];
  #measuredAtMs: number | undefined;

  /** @param id of the track, in the whole engine */
  constructor(readonly id: string) {}

  layer(index: number, rid?: string): Layer {
    for (let next = this.layers.length; next <= index; next += 1)
      this.layers.push({
        index: next,
        rid,
        ssrc: undefined,
        inbound: undefined,
        bytes: 0,
        bitrateBps: 0,
        size: undefined,
        keyframeAskedAtMs: -Infinity,
      });
    return this.layers[index] as Layer;
  }

  /** Gives a layer its SSRC. Another one than before is another stream. */
  bind(layer: Layer, ssrc: number, inbound: Inbound): void {
    const replaced = layer.ssrc !== undefined && layer.ssrc !== ssrc;
    layer.ssrc = ssrc;
    layer.inbound = inbound;
    layer.keyframeAskedAtMs = -Infinity;
    if (replaced) for (const sink of this.sinks) sink.layerReplaced?.(layer);
  }

  /** Asks for a keyframe of a layer, at most every 400 ms. */
  requestKeyframe(index: number, nowMs: number, atOnce = false): void {
    const layer = this.layers[index];
    if (this.kind !== 'video' || !layer || (!atOnce && nowMs - layer.keyframeAskedAtMs < keyframeGapMs))
      return;
    layer.keyframeAskedAtMs = nowMs;
    this.onKeyframeNeeded?.(layer);
  }

  /** Gives a packet to every sink. `buffer` is not changed afterwards. */
  publish(
    layer: Layer,
    buffer: Buffer,
    header: RtpHeader,
    { codec, clockRate, levelDb }: Published,
    nowMs: number,
  ): void {
    layer.bytes += buffer.length;
    this.firstPacketMs ??= nowMs;
    this.lastPacketMs = nowMs;
    this.codec = codec;
    if (header.payloadEnd === header.payloadStart) return;
    const { payloadStart, payloadEnd } = header;
    const vp8 = codec === 'vp8' ? parseVp8(buffer, payloadStart, payloadEnd) : undefined;
    if (codec === 'vp8' && !vp8) return;
    const key =
      vp8?.key ??
      (codec.startsWith('h264') ? isH264Keyframe(buffer, payloadStart, payloadEnd) : this.kind === 'audio');
    if (vp8?.key) layer.size = vp8Size(buffer.subarray(vp8.dataStart, payloadEnd)) ?? layer.size;
    const packet = { source: this, layer, buffer, header, codec, clockRate, vp8, key, levelDb, nowMs };
    for (const sink of this.sinks) sink.push(packet);
  }

  /** As {@link publish}, for a source that is made here and has no SSRC of a client. */
  emit(buffer: Buffer, codec: MediaCodec, clockRate: number, nowMs: number): void {
    this.emitLayer(0, buffer, codec, clockRate, nowMs);
  }
  emitLayer(index: number, buffer: Buffer, codec: MediaCodec, clockRate: number, nowMs: number): void {
    const header = parseRtp(buffer);
    if (header)
      this.publish(this.layer(index), buffer, header, { codec, clockRate, levelDb: undefined }, nowMs);
  }

  /** Called once a second. */
  measure(nowMs: number): void {
    const passedMs = this.#measuredAtMs === undefined ? undefined : nowMs - this.#measuredAtMs;
    for (const layer of this.layers) {
      if (passedMs !== undefined && passedMs > 0)
        layer.bitrateBps = ((layer.bytes - (this.#bytesBefore[layer.index] ?? 0)) * 8000) / passedMs;
      this.#bytesBefore[layer.index] = layer.bytes;
    }
    this.#measuredAtMs = nowMs;
  }
}
