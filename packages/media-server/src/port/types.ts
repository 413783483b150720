import type { MediaPhase } from '../errors.js';
import type { AcceptOptions } from '../core/session.js';
import type { DtmfTiming } from '../core/dtmf-sender.js';
import type { SectionProblem } from '../core/negotiation.js';
import type { Speakers } from '../audio/speakers.js';
import type { RecordingSummary } from '../record/recorder.js';
import type { EngineStats } from '../engine/stats.js';
import type { TransportChoice } from '../transport/library.js';

/** Removes a listener. */
export type Unsubscribe = () => void;
/** Anything with events. A listener that throws does not affect others. */
export interface Emits<Events> {
  /** Adds a listener. Returns a function that removes it; `signal` does the same when it aborts. */
  on<Name extends keyof Events>(
    name: Name,
    listener: (event: Events[Name]) => void,
    options?: { readonly signal?: AbortSignal },
  ): Unsubscribe;
}

/** State of a client's transport. `lost`: its engine ended; `renegotiate` follows when a new one runs. */
export type TransportState = 'new' | 'connecting' | 'open' | 'disconnected' | 'failed' | 'lost' | 'closed';

/** Something that can be routed, mixed, recorded and tapped: what a client sends, a mix, or a player. */
export interface MediaTrack {
  /** unique within the media server */
  readonly id: string;
}

/** What one media section of a client sends. It can be routed before it is negotiated. */
export interface IncomingTrack extends MediaTrack {
  readonly mid: string;
  /** Asks the client for a keyframe, at most every 400 ms. Without effect for audio. */
  requestKeyframe(): Promise<void>;
}

/** A stream toward one client. Its SSRC stays the same for as long as the transport exists, through every restart. */
export interface OutgoingSlot {
  readonly id: string;
  readonly kind: 'audio' | 'video';
  /** media section that it belongs to, or whose codecs it uses */
  readonly mid: string;
  readonly ssrc: number;
  readonly rtxSsrc: number | undefined;
  /**
   * Selects what the client receives. The previous picture goes on until the new one begins with a keyframe.
   *
   * @param track            null for nothing
   * @param options.maxLayer highest simulcast layer, 0 is the smallest; default: the best that the link carries
   * @throws ERR_MEDIA_NO_COMMON_CODEC when the client does not have the codec that the track is sent with
   */
  route(track: MediaTrack | null, options?: { readonly maxLayer?: number }): Promise<void>;
  /**
   * Sends tones (RFC 4733), after those that are being sent. `,` waits 2 s.
   *
   * @throws ERR_MEDIA_ARGUMENT for another character than 0-9, *, #, A-D and comma; nothing is sent then
   * @throws ERR_MEDIA_NOT_SUPPORTED when the client did not offer telephone-event
   */
  sendDtmf(digits: string, timing?: DtmfTiming): Promise<void>;
  /** Ends the stream. */
  close(): Promise<void>;
}

/** The result of answering an offer. */
export interface Negotiation {
  /** the answer's SDP, with every candidate in it */
  readonly answer: string;
  /** the client's media takes a new way: an ICE restart, or a new connection of the client */
  readonly restarted: boolean;
  /** what the client sends, in the order of its offer */
  readonly tracks: readonly (IncomingTrack & {
    readonly kind: 'audio' | 'video';
    /** `a=content:slides` */
    readonly slides: boolean;
    /** simulcast layers that are announced; 1 without simulcast */
    readonly layers: number;
    /** codecs of the answer, preferred first */
    readonly codecs: readonly string[];
  })[];
  /** what the client can receive, in the order of its offer */
  readonly slots: readonly OutgoingSlot[];
  /** the client offered a data channel */
  readonly data: boolean;
  /** sections without media, and why; empty when all is well */
  readonly problems: readonly SectionProblem[];
}

export interface TransportEvents {
  /** Each change of state, once. `phase` says where it failed: ice, dtls or media. */
  state: {
    readonly from: TransportState;
    readonly to: TransportState;
    readonly phase?: MediaPhase | undefined;
  };
  /** A new engine runs and has slots, routes and mixes again: the client must make a new offer. */
  renegotiate: { readonly reason: string };
  /** The client sent a tone, once per tone. */
  dtmf: { readonly mid: string; readonly digit: string };
  /** The client opened a data channel. */
  channel: { readonly label: string };
  message: { readonly label: string; readonly data: string | Buffer };
  /** Another track or simulcast layer flows in a slot, beginning with its keyframe. */
  layer: { readonly slot: string; readonly track: string; readonly layer: number };
}

/** One client's media: ICE, DTLS, what it sends and what it is sent. */
export interface MediaTransport extends Emits<TransportEvents> {
  readonly id: string;
  readonly state: TransportState;
  /**
   * Answers an offer: the first one, a changed one, an ICE restart, or that of a new connection of the same client.
   * Slots keep their SSRCs.
   *
   * @throws ERR_MEDIA_OFFER (phase offer) when the SDP cannot be used
   * @throws ERR_MEDIA_ENGINE_LOST (retryable) while the engine is being restarted
   */
  accept(offer: string, options?: AcceptOptions): Promise<Negotiation>;
  /** What the client sends, or will send, on this media section. */
  track(mid: string): IncomingTrack;
  /** The slot of a media section; undefined before the client offered it. */
  slot(mid: string): OutgoingSlot | undefined;
  /** A slot whose SSRCs the client chose, with the codecs of section `mid`. */
  openSlot(slot: {
    readonly kind: 'audio' | 'video';
    readonly mid: string;
    readonly ssrc: number;
    readonly rtxSsrc?: number;
  }): Promise<OutgoingSlot>;
  /** Sends on a data channel that the client opened. @throws ERR_MEDIA_UNKNOWN when it is not open */
  sendMessage(label: string, data: string | Buffer): Promise<void>;
  /** Ends the client's media. */
  close(): Promise<void>;
}

export interface MixEvents {
  /** Other people speak, or another one is dominant. */
  speakers: Speakers;
}
export interface MixMember {
  /** a name of the caller's choice, unique in this mix */
  readonly participant: string;
  /** what it says; left out for who only listens */
  readonly track?: MediaTrack | undefined;
  /** where it receives all others; left out for a participant that only speaks */
  readonly slot?: OutgoingSlot | undefined;
}
/** Sound of several people: each receives all others and not itself. */
export interface AudioMix extends Emits<MixEvents> {
  readonly id: string;
  /** the sum of all, for recorders, taps and slots of others */
  readonly track: MediaTrack;
  /** Adds a participant, or replaces the one of that name. */
  join(member: MixMember): Promise<void>;
  /** Removes a participant. */
  leave(participant: string): Promise<void>;
  /** Whatever a muted participant sends is neither mixed nor counted as speech. */
  setMuted(participant: string, muted: boolean): Promise<void>;
  /** Ends the mix; its members keep their media. */
  close(): Promise<void>;
}

export interface RecorderEvents {
  /** The recording ended by itself: the engine ended, or the file cannot be written. What was written is kept. */
  ended: { readonly reason: string };
}
/** Records to a WebM file with Opus and VP8. */
export interface Recorder extends Emits<RecorderEvents> {
  readonly path: string;
  /** Selects what a track of the file records from now on; null for silence or a black picture. */
  route(name: string, track: MediaTrack | null): Promise<void>;
  /** Ends the recording and returns what is in it. @throws ERR_MEDIA_FILE when it could not be written */
  stop(): Promise<RecordingSummary>;
}
export interface RecorderOptions {
  /** file that is written; its folder must exist */
  readonly path: string;
  /** tracks of the file */
  readonly tracks: readonly {
    readonly name: string;
    readonly kind: 'audio' | 'video';
    readonly track?: MediaTrack | undefined;
  }[];
}

export interface PlayerEvents {
  /** Everything was played, or the engine ended. Not emitted after `close`. */
  ended: { readonly reason: 'finished' | 'lost' };
}
/** Plays sound into slots and mixes. */
export interface Player extends Emits<PlayerEvents> {
  readonly track: MediaTrack;
  /** Stops playing. */
  close(): Promise<void>;
}
export interface PlayerOptions {
  /** WebM or Ogg with Opus, or WAV with 16-bit samples */
  readonly file?: string;
  /** mono samples at 48 kHz, instead of a file */
  readonly samples?: Int16Array;
  /** begin again at the end; default false */
  readonly loop?: boolean;
}

export interface TapEvents {
  /** 20 ms of sound: 960 mono samples at 48 kHz, silence included. */
  audio: { readonly samples: Int16Array; readonly atMs: number };
}
/** Decoded sound for a consumer, such as captions. */
export interface Tap extends Emits<TapEvents> {
  /** Stops decoding. */
  close(): Promise<void>;
}

export interface MediaServerEvents {
  /** The engine's process ended and a new one is started; every transport emits `renegotiate` then. */
  engineLost: { readonly reason: string };
  engineRestarted: Record<string, never>;
  /** An exception that was caught: for the log. */
  trouble: { readonly message: string };
}

/** The media of a service. It knows clients, tracks and files, and no meetings or calls. */
export interface MediaServer extends Emits<MediaServerEvents> {
  readonly state: 'running' | 'restarting' | 'closed';
  /** Process id of the engine; undefined in inline mode and while it restarts. */
  readonly enginePid: number | undefined;
  /** Makes the media of one more client. */
  createTransport(): Promise<MediaTransport>;
  /** Makes a mix without members. */
  createMix(): Promise<AudioMix>;
  /** Starts a recording. @throws ERR_MEDIA_FILE when the file cannot be written */
  createRecorder(options: RecorderOptions): Promise<Recorder>;
  /** Starts to play. @throws ERR_MEDIA_FILE when the file cannot be read */
  createPlayer(options: PlayerOptions): Promise<Player>;
  /** Decodes a track for a consumer. */
  createTap(track: MediaTrack): Promise<Tap>;
  /** Measures now. */
  stats(): Promise<EngineStats>;
  /** Ends recordings, transports and the engine. Nothing is left open. */
  close(): Promise<void>;
}

export interface MediaServerOptions {
  /** `process` (default): in a child process, restarted when it dies. `inline`: in this one, for tests. */
  readonly mode?: 'process' | 'inline';
  /** library for ICE, DTLS, SRTP and SCTP; default `auto`: node-datachannel where its binary loads, else werift */
  readonly transport?: TransportChoice;
  /** library for Opus; default `auto`: @evan/opus where its binary loads, else opusscript */
  readonly opus?: 'auto' | '@evan/opus' | 'opusscript';
  /** address that media is received on; default 127.0.0.1 */
  readonly host?: string;
  /** UDP port for all clients, or the first and last one to try; default 0, any free one */
  readonly port?: number | readonly [first: number, last: number];
  /** addresses that clients are given; default: `host` */
  readonly announcedAddresses?: readonly string[];
  /** time for ICE and DTLS before a transport is `failed`, ms; default 15,000 */
  readonly connectTimeoutMs?: number;
  /** program of the child process, for tests of sources that are not built */
  readonly engineProgram?: { readonly file: string; readonly execArgv: readonly string[] };
}
