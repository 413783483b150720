import type { RoapMessage } from '@trunkline/wire';
import type { MediaError } from '../errors.js';
import type { Listenable } from '../kit.js';
import type { SdpHandler } from '../sdp/handlers.js';
import type { NetworkQuality } from '../stats/quality.js';
import type { MediaStats } from '../stats/types.js';
import type { ToneOptions } from './tones.js';

export type { ToneOptions } from './tones.js';

/** One m-line of a connection. Their order is the order of the m-lines. */
export interface SlotDefinition {
  readonly name: string;
  readonly kind: 'audio' | 'video';
}

/** The three m-lines of transcoded meetings, mids 0, 1 and 2. */
export const transcodedSlots = [
  { name: 'audio', kind: 'audio' },
  { name: 'video', kind: 'video' },
  { name: 'slides', kind: 'video' },
] as const satisfies readonly SlotDefinition[];

/** What a slot does, as the app wants it. */
export interface SlotDirection {
  readonly send: boolean;
  readonly receive: boolean;
}

/** Something that sends on a slot: a camera, a microphone, a screen, or a track of the app's own. */
export interface TrackSource {
  readonly track: MediaStreamTrack | undefined;
  /** Calls the listener with each new track; returns an unsubscribe function. */
  onTrack(listener: (track: MediaStreamTrack | undefined) => void): () => void;
}

/**
 * `connected` means that media has flowed. `reconnecting` begins when the path is lost and ends with `connected`, `failed`
 * or `closed`.
 */
export type ConnectionState = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'failed' | 'closed';

/** Which way is affected, seen from here. */
export type ProblemDirection = 'sending' | 'receiving' | 'both';

export interface MediaConnectionEvents {
  /** Each change of state, once. `error` is there when `to` is `failed`. */
  state: { readonly from: ConnectionState; readonly to: ConnectionState; readonly error?: MediaError };
  /** Something does not work while the connection goes on: no way out so far, one-way loss, no common video codec. */
  problem: { readonly error: MediaError; readonly direction?: ProblemDirection; readonly slot?: string };
  /** A problem of that direction is over. */
  recovered: { readonly direction: ProblemDirection };
  /** The other side sends on this slot, or stopped. The stream of `remote` stays the same object. */
  remote: { readonly slot: string; readonly stream: MediaStream; readonly live: boolean };
  /** Measured once a second while connected. */
  stats: MediaStats;
  /** The quality of the uplink of audio or video changed between good and bad. */
  networkQuality: NetworkQuality;
  /** Speech began or stopped, on the own microphone or from the other side. */
  speaking: { readonly side: 'local' | 'remote'; readonly speaking: boolean };
}

/** Milliseconds. */
export interface ConnectionTimeouts {
  /** for complete gathering of ICE candidates; then the offer goes with what there is. Default 5 000 */
  readonly gatheringMs?: number;
  /** for the answer to an offer. Default 35 000 */
  readonly answerMs?: number;
  /** for ICE and DTLS after the answer. Default 20 000 */
  readonly connectMs?: number;
  /** for the first media after ICE and DTLS. Default 10 000 */
  readonly firstMediaMs?: number;
  /** a path that cannot be found yet is reported as a `problem`. Default 12 000 */
  readonly noPathMs?: number;
  /** a path that was lost may come back by itself. Default 10 000 */
  readonly graceMs?: number;
  /** loss of everything in one direction is reported as a `problem`. Default 6 000 */
  readonly oneWayMs?: number;
}

/** A STUN or TURN server; what `readTurnServer` of `@trunkline/wire` returns fits. */
export interface IceServer {
  readonly urls: string | readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

export interface MediaConnectionOptions {
  /**
   * Delivers a ROAP message. It may resolve with the response when the carrier returns it (an HTTP response with the
   * answer); otherwise responses go to `receive`. A rejection ends the negotiation.
   */
  readonly send: (message: RoapMessage) => unknown;
  /** `client` (default): the own offer stands when two cross. `service`: it yields. */
  readonly role?: 'client' | 'service';
  /** Default: the three of transcoded meetings. */
  readonly slots?: readonly SlotDefinition[];
  /** What each slot does at first. Default: it receives, and sends when it has a source; slides receive only. */
  readonly directions?: Readonly<Record<string, Partial<SlotDirection>>>;
  readonly iceServers?: readonly IceServer[];
  /** Default `max-compat`, as in transcoded mode. */
  readonly bundlePolicy?: 'balanced' | 'max-bundle' | 'max-compat';
  /** Further settings of the `RTCPeerConnection`. */
  readonly configuration?: RTCConfiguration;
  /** SDP pipelines. Default {@link transcodedHandlers}. */
  readonly handlers?: { readonly local?: readonly SdpHandler[]; readonly remote?: readonly SdpHandler[] };
  /** Video codecs of which an offer needs one. Default H264 and VP8. */
  readonly videoCodecs?: readonly string[];
  readonly timeouts?: ConnectionTimeouts;
  /** Makes a new connection by itself when the path does not come back. Default true. */
  readonly autoReconnect?: boolean;
  /** How many in a row. Default 3. */
  readonly maxReconnects?: number;
  /** Milliseconds between two measurements. Default 1 000; 0 turns statistics off (for tests with fakes). */
  readonly statsIntervalMs?: number;
}

/** Sends and receives media with one other side, over as many peer connections as it takes. */
export interface MediaConnection extends Listenable<MediaConnectionEvents> {
  readonly state: ConnectionState;
  /** Why `state` is `failed`. */
  readonly error: MediaError | undefined;
  /** Present problems, by direction. */
  readonly problems: readonly MediaConnectionEvents['problem'][];
  /** The other side's media by slot. The streams keep their identity across reconnects: attach them once. */
  readonly remote: Readonly<Record<string, MediaStream>>;
  /** The latest measurement. */
  readonly stats: MediaStats | undefined;
  /** Latest quality of the uplink by kind. */
  readonly networkQuality: Readonly<Partial<Record<'audio' | 'video', NetworkQuality>>>;
  /** Whether there is speech now, on the own microphone and from the other side. The other side is measured only while it is played. */
  readonly speaking: Readonly<Record<'local' | 'remote', boolean>>;
  /** The present peer connection. For diagnostics: do not change it. */
  readonly peerConnection: RTCPeerConnection | undefined;
  /**
   * Sends an offer and resolves when media has flowed. Call it once; `reconnect` starts again.
   *
   * @throws {MediaError} `ERR_MEDIA_SDP`, `ERR_MEDIA_CODEC`, `ERR_MEDIA_TIMEOUT`, `ERR_MEDIA_REFUSED`, `ERR_MEDIA_PATH`,
   * `ERR_MEDIA_ENDED`, `ERR_ENVIRONMENT`
   */
  connect(): Promise<void>;
  /** Takes a ROAP message of the other side. A malformed one is ignored and reported to the log. */
  receive(message: unknown): void;
  /**
   * Sets what sends on a slot; `undefined` for nothing. A slot that sends already takes the new track without a new offer.
   * Resolves when the other side has agreed, where that was needed.
   */
  setSource(slot: string, source: TrackSource | MediaStreamTrack | undefined): Promise<void>;
  /** Changes what a slot does; sends a new offer when the m-line has to change. */
  setDirection(slot: string, direction: Partial<SlotDirection>): Promise<void>;
  /** Negotiates again, for instance after a change of the pipelines. */
  negotiate(): Promise<void>;
  /** Replaces the peer connection by a new one and resolves when media flows again. */
  reconnect(options?: { readonly iceServers?: readonly IceServer[] }): Promise<void>;
  /**
   * Plays DTMF digits on the first audio slot; calls follow each other, and none is lost.
   *
   * @param tones digits, A to D, `*`, `#`, and commas for pauses of 2 s
   * @throws {SdkError} `ERR_ARGUMENT` for other characters, before anything is sent; `ERR_MEDIA_ENDED` when no sound is sent
   */
  sendTones(tones: string, options?: ToneOptions): Promise<void>;
  /** Ends everything. Sources are left as they are: the code that opened them closes them. */
  close(): void;
}
