export { createMediaServer } from './server/media-server.js';
export { isMediaError } from './errors.js';
export type { MediaError, MediaErrorCode, MediaPhase } from './errors.js';
export { commonVideoCodecs } from './sdp/offer.js';
export type { VideoCodec, H264Profile } from './sdp/codec.js';
export type { AcceptOptions } from './core/session.js';
export type { DtmfTiming } from './core/dtmf-sender.js';
export type { SectionProblem } from './core/negotiation.js';
export type { Speakers } from './audio/speakers.js';
export type { RecordingSummary } from './record/recorder.js';
export type { TrackSummary } from './record/track.js';
export type { EngineStats, LayerStats, SlotStats, TrackStats, TransportStats } from './engine/stats.js';
export type { TransportChoice } from './transport/library.js';
export type {
  AudioMix,
  Emits,
  IncomingTrack,
  MediaServer,
  MediaServerEvents,
  MediaServerOptions,
  MediaTrack,
  MediaTransport,
  MixEvents,
  MixMember,
  Negotiation,
  OutgoingSlot,
  Player,
  PlayerEvents,
  PlayerOptions,
  Recorder,
  RecorderEvents,
  RecorderOptions,
  Tap,
  TapEvents,
  TransportEvents,
  TransportState,
  Unsubscribe,
} from './port/types.js';
