import type { TrackSource } from './connection/types.js';
import type { MediaError } from './errors.js';
import type { Listenable } from './kit.js';
import type { MuteState } from './mute.js';

/** `waiting`: it is wanted, but there is no device; it starts when one is plugged in. */
export type SourceState = 'off' | 'starting' | 'live' | 'waiting';

/** The device that a source uses. */
export interface SourceDevice {
  readonly deviceId: string;
  readonly label: string;
}

/**
 * Why a source uses another device, or none.
 *
 * - `chosen`: the app called `setDevice`
 * - `unplugged`: it was in use and is no longer there
 * - `returned`: the chosen one, or any one after there was none, was plugged in again
 * - `denied`: the permission was revoked
 * - `busy`: it stopped, and cannot be opened again
 * - `ended`: it stopped for an unknown reason, and was opened again
 */
export type DeviceReason = 'chosen' | 'unplugged' | 'returned' | 'denied' | 'busy' | 'ended';

export interface SourceEvents {
  /** State, track or mute changed; read the source. Once per change. */
  change: { readonly state: SourceState; readonly muted: boolean; readonly sending: boolean };
  /** Another track is sent from now on, or none. */
  track: { readonly track: MediaStreamTrack | undefined };
  /** The device changed while the source was in use. `to` is undefined when none is left, or none is allowed. */
  device: {
    readonly reason: DeviceReason;
    readonly from: SourceDevice | undefined;
    readonly to: SourceDevice | undefined;
    readonly error?: MediaError;
  };
}

/** Muting: by the user, and by others. */
export interface Mutable {
  /** Nothing is sent: the user muted, a host muted, or the user has not unmuted since. */
  readonly muted: boolean;
  /** Why. */
  readonly mute: MuteState;
  /**
   * The user's own click. While a host's mute holds, unmuting says that the user agrees: the microphone opens when the host
   * takes the mute back.
   *
   * @throws {MediaError} `ERR_MEDIA_UNMUTE_REFUSED` under hard mute
   */
  setUserMuted(muted: boolean): void;
  /** A message of the service. `false` never opens a microphone by itself: the user has to unmute. */
  setRemoteMuted(muted: boolean): void;
  /** Hard mute: `false` makes `setUserMuted(false)` throw. */
  setUnmuteAllowed(allowed: boolean): void;
}

/** A camera or a microphone. What the user wants of it outlives its tracks, its devices and every connection. */
export interface LocalSource extends Listenable<SourceEvents>, TrackSource, Mutable {
  readonly kind: 'camera' | 'microphone';
  readonly state: SourceState;
  /** It is live and not muted: others get sound or a picture. */
  readonly sending: boolean;
  /** The device in use. */
  readonly device: SourceDevice | undefined;
  /** The device that was chosen; undefined for the browser's default. It is kept while another one stands in. */
  readonly chosenDeviceId: string | undefined;
  /**
   * Opens the device. Resolves when the source has settled: when a later `stop` overtook it, `state` is `off`.
   *
   * @throws {MediaError} `ERR_MEDIA_DENIED`, `ERR_MEDIA_BUSY`, `ERR_MEDIA_NO_DEVICE`, `ERR_MEDIA_CONSTRAINTS`,
   * `ERR_MEDIA_ENDED`, `ERR_ENVIRONMENT`
   */
  start(): Promise<void>;
  /** Releases the device at once; its light goes off. */
  stop(): void;
  /**
   * Chooses a device; while live, it switches, without a new offer. Mute is kept. When the new device cannot be opened, the old
   * one goes on and the choice is not changed.
   *
   * @param deviceId of `devices.list()`; undefined for the browser's default
   * @throws {MediaError} as `start`
   */
  setDevice(deviceId: string | undefined): Promise<void>;
  /** Changes resolution, frame rate or processing; while live, of the present track. @throws {MediaError} `ERR_MEDIA_CONSTRAINTS` */
  setConstraints(constraints: MediaTrackConstraints): Promise<void>;
  /** Stops permanently. */
  close(): void;
}

/** A track of the app's own. It is muted and sent, but never stopped; closing puts its `enabled` back. */
export interface OwnSource extends Listenable<Pick<SourceEvents, 'change'>>, TrackSource, Mutable {
  readonly kind: 'own';
  /** It is live and not muted. */
  readonly sending: boolean;
  /** Puts `enabled` of the track back. The track goes on. */
  close(): void;
}

export interface SourceOptions {
  /** Further constraints. `deviceId` has no effect: use `deviceId` beside it. */
  readonly constraints?: MediaTrackConstraints;
  /** Default: the browser's. */
  readonly deviceId?: string;
  /** Begins muted. Default false. */
  readonly muted?: boolean;
}
