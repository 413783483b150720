import { createCapture } from './capture.js';
import { checkMedia, permissionOf, type CheckOptions, type MediaCheck } from './check.js';
import { createConnection } from './connection/connection.js';
import type { MediaConnection, MediaConnectionOptions, TrackSource } from './connection/types.js';
import { createDevices, type Devices } from './devices.js';
import { browserEnvironment, type MediaEnvironment } from './environment.js';
import { mediaError } from './errors.js';
import { systemClock, type Clock } from './kit.js';
import { createLevelMeter, type LevelMeter, type LevelOptions } from './level.js';
import { createMixer, type Mixer } from './mixer.js';
import { createOwnSource } from './own-source.js';
import { createPlayer, type Player } from './player.js';
import { createScreen, type Screen } from './screen.js';
import { createSource } from './source.js';
import type { LocalSource, OwnSource, SourceOptions } from './source-types.js';

/** Cameras, microphones, screens, loudspeakers and media connections of this page. What callers see as `client.media`. */
export interface Media {
  /** The devices of this computer. */
  readonly devices: Devices;
  /** Plays what is received. */
  readonly player: Player;
  /** Makes a camera; nothing is opened before its `start`. */
  camera(options?: SourceOptions): LocalSource;
  /** Makes a microphone; nothing is opened before its `start`. */
  microphone(options?: SourceOptions): LocalSource;
  /** Makes a screen share; the picker opens at its `start`. */
  screen(): Screen;
  /**
   * Mixes a microphone and the sound of a shared tab into one track: transcoded meetings have one m-line for sound. Muting one
   * does not mute the other.
   *
   * @example await connection.setSource('audio', media.mix([microphone, screen.audio]));
   */
  mix(sources: readonly TrackSource[]): Mixer;
  /** Makes a source of a track that the app obtained itself; the track is never stopped. */
  own(track: MediaStreamTrack): OwnSource;
  /** Shows and plays a stream in an element; the same as `player.attach`. */
  attach(stream: MediaStream, element: HTMLMediaElement): () => void;
  /**
   * Makes a meter for the loudness of a track, for a preview.
   *
   * @throws {MediaError} `ERR_ENVIRONMENT`
   */
  level(track?: MediaStreamTrack, options?: LevelOptions): LevelMeter;
  /** Says in plain words what stands between this page and a meeting. Opens no device and asks the user nothing. */
  check(options?: CheckOptions): Promise<MediaCheck>;
  /** Makes a connection to another side; nothing is opened before its `connect`, or the other side's offer. */
  connection(options: MediaConnectionOptions): MediaConnection;
  /** Releases every device that was opened here and closes every connection. Tracks of the app's own are left alone. */
  close(): void;
}

/** What media depends on; all of it has defaults. */
export interface MediaOptions {
  /** Default: this page. */
  readonly environment?: MediaEnvironment;
  /** Default: the computer's clock. */
  readonly clock?: Clock;
  /** Gets errors that no caller waits for, such as those of listeners. Default: they are dropped. */
  readonly report?: (error: unknown, context: string) => void;
}

/**
 * Makes media without a client.
 *
 * @example
 * const media = createMedia();
 * const microphone = media.microphone();
 * await microphone.start();
 */
export function createMedia({
  environment = browserEnvironment(),
  clock = systemClock,
  report = () => undefined,
}: MediaOptions = {}): Media {
  const capture = createCapture(environment);
  const devices = createDevices(environment, report);
  const player = createPlayer(report);
  const open = new Set<{ close(): void }>();
  let closed = false;

  /** Remembers what has to be closed, until it is. */
  const keep = <T extends { close(): void }>(one: T): T => {
    if (closed) {
      one.close();
      throw mediaError('ERR_MEDIA_ENDED', 'device', 'media: it was closed. Make a new one.');
    }
    const close = one.close.bind(one);
    one.close = () => {
      open.delete(one);
      close();
    };
    open.add(one);
    return one;
  };
  const source = (kind: 'camera' | 'microphone', options?: SourceOptions): LocalSource =>
    keep(
      createSource(
        kind,
        { capture, devices, permission: (name) => permissionOf(environment, name), report },
        options,
      ),
    );

  return {
    devices,
    player,
    camera: (options) => source('camera', options),
    microphone: (options) => source('microphone', options),
    screen: () => keep(createScreen(capture, report)),
    mix: (sources) => keep(createMixer(environment, sources)),
    own: (track) => keep(createOwnSource(track, report)),
    attach: (stream, element) => player.attach(stream, element),
    level: (track, options) => {
      const meter = keep(createLevelMeter(environment, clock, report, options));
      meter.setTrack(track);
      return meter;
    },
    check: (options) => checkMedia(options, { environment, clock }),
    connection: (options) => keep(createConnection({ environment, clock, report }, options)),
    close() {
      if (closed) return;
      closed = true;
      for (const one of [...open]) one.close();
      player.close();
      devices.close();
      capture.close();
    },
  };
}
