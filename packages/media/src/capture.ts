import { needDevices, type MediaEnvironment } from './environment.js';
import { deviceError, displayError, mediaError, type MediaError } from './errors.js';

/** A screen, and the sound that came with it. */
export interface CapturedScreen {
  readonly video: MediaStreamTrack;
  readonly audio: MediaStreamTrack | undefined;
}

/** The one place where tracks are obtained, so that each of them is also released. */
export interface Capture {
  /**
   * Opens one device. One call per device: the browser ends all tracks of a call when the permission of one is revoked.
   *
   * @param signal what arrives after it aborted is stopped at once
   * @throws {MediaError} `ERR_MEDIA_DENIED`, `ERR_MEDIA_BUSY`, `ERR_MEDIA_NO_DEVICE`, `ERR_MEDIA_CONSTRAINTS`,
   * `ERR_MEDIA_ENDED`, `ERR_ENVIRONMENT`
   */
  device(
    kind: 'audio' | 'video',
    constraints: MediaTrackConstraints,
    signal: AbortSignal,
  ): Promise<MediaStreamTrack>;
  /** Opens the picker. Options are passed to `getDisplayMedia` as they are. */
  screen(options: DisplayMediaStreamOptions, signal: AbortSignal): Promise<CapturedScreen>;
  release(track: MediaStreamTrack | undefined): void;
  /** Tracks that were obtained and not released. */
  readonly tracks: ReadonlySet<MediaStreamTrack>;
  /** Releases everything, also what is still on its way. */
  close(): void;
}

const ended = (): MediaError =>
  mediaError('ERR_MEDIA_ENDED', 'device', 'the device was not needed any more when it was opened.');

export function createCapture(environment: MediaEnvironment): Capture {
  const tracks = new Set<MediaStreamTrack>();
  const closing = new AbortController();

  const release = (track: MediaStreamTrack | undefined): void => {
    if (track === undefined || !tracks.delete(track)) return;
    track.stop();
  };
  /** Rejects at once when it is not needed any more, and stops what arrives later. */
  const obtain = (
    open: () => Promise<MediaStream>,
    signal: AbortSignal,
    explain: (error: unknown) => MediaError,
  ): Promise<MediaStream> =>
    new Promise((resolve, reject) => {
      const signals = [signal, closing.signal];
      const leave = (): void => {
        for (const one of signals) one.removeEventListener('abort', aborted);
      };
      const aborted = (): void => {
        leave();
        reject(ended());
      };
      if (signals.some((one) => one.aborted)) {
        reject(ended());
        return;
      }
      for (const one of signals) one.addEventListener('abort', aborted);
      open().then(
        (stream) => {
          leave();
          for (const track of stream.getTracks())
            if (signals.some((one) => one.aborted)) track.stop();
            else tracks.add(track);
          resolve(stream); // without effect when it was rejected before
        },
        (error: unknown) => {
          leave();
          reject(explain(error));
        },
      );
    });

  return {
    tracks,
    release,
    async device(kind, constraints, signal) {
      const what = kind === 'audio' ? 'the microphone' : 'the camera';
      const devices = needDevices(environment, what);
      const stream = await obtain(
        // a browser without any device may throw instead of rejecting
        async () => devices.getUserMedia({ [kind]: constraints }),
        signal,
        (error) => deviceError(error, what),
      );
      const [track] = stream.getTracks();
      if (track === undefined) throw deviceError({ name: 'NotFoundError' }, what);
      return track;
    },
    async screen(options, signal) {
      const devices = needDevices(environment, 'screen.start');
      if (typeof (devices as Partial<MediaDevices>).getDisplayMedia !== 'function')
        throw mediaError(
          'ERR_ENVIRONMENT',
          'device',
          'screen.start: this browser cannot share a screen (getDisplayMedia is missing).',
        );
      // no await before it: the picker wants the click in which start() was called
      const stream = await obtain(() => devices.getDisplayMedia(options), signal, displayError);
      const [video] = stream.getVideoTracks();
      const [audio] = stream.getAudioTracks();
      if (video === undefined) {
        release(audio);
        throw displayError({ name: 'NotAllowedError', message: 'no picture' });
      }
      return { video, audio };
    },
    close() {
      closing.abort();
      for (const track of tracks) track.stop();
      tracks.clear();
    },
  };
}
