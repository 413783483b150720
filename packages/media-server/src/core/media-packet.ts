import type { RtpHeader } from '../rtp/packet.js';
import type { Vp8Descriptor } from '../rtp/vp8.js';
import type { MediaCodec } from '../sdp/codec.js';
import type { Layer, Source } from './source.js';

/** A packet on its way from a source to its sinks. No one changes `buffer`. */
export interface MediaPacket {
  readonly source: Source;
  readonly layer: Layer;
  readonly buffer: Buffer;
  readonly header: RtpHeader;
  readonly codec: MediaCodec;
  /** Hz */
  readonly clockRate: number;
  readonly vp8: Vp8Descriptor | undefined;
  /** begins a picture that needs no other; true for audio */
  readonly key: boolean;
  /** dB below full scale, from the client's own header extension; undefined when it sends none */
  readonly levelDb: number | undefined;
  readonly nowMs: number;
}

/** Whatever takes the packets of a source. */
export interface Sink {
  push(packet: MediaPacket): void;
  /** The layer got another SSRC: what comes next does not continue what was. */
  layerReplaced?(layer: Layer): void;
}
