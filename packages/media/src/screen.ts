import type { Capture } from './capture.js';
import type { TrackSource } from './connection/types.js';
import { mediaError } from './errors.js';
import { createEmitter, type Listenable } from './kit.js';

/** `choosing`: the picker is open. */
export type ScreenState = 'off' | 'choosing' | 'live';

export interface ScreenEvents {
  change: { readonly state: ScreenState };
  /** The share ended, once: by `stop`, or from outside: the browser's own button, or the shared tab was closed. */
  ended: { readonly by: 'app' | 'browser' };
  /** The tracks are others, or none. */
  tracks: { readonly video: MediaStreamTrack | undefined; readonly audio: MediaStreamTrack | undefined };
}

/** A screen, window or tab, with its sound where the browser gives it. */
export interface Screen extends Listenable<ScreenEvents> {
  readonly state: ScreenState;
  /** The picture, to be given to `connection.setSource('slides', screen.video)`. */
  readonly video: TrackSource;
  /** The sound; its track is undefined when there is none. It is not touched by the microphone's mute. */
  readonly audio: TrackSource;
  /**
   * Opens the picker; call it inside a click handler. A second call while the picker is open shares its outcome.
   *
   * @param options are passed to `getDisplayMedia` as they are. Default: picture, and sound where there is some
   * @throws {MediaError} `ERR_MEDIA_CANCELLED`, `ERR_MEDIA_DENIED`, `ERR_MEDIA_BUSY`, `ERR_MEDIA_ENDED`, `ERR_ENVIRONMENT`
   */
  start(options?: DisplayMediaStreamOptions): Promise<void>;
  /** Ends the share, or withdraws from the open picker. */
  stop(): void;
  /** Stops permanently. */
  close(): void;
}

export function createScreen(capture: Capture, report: (error: unknown, context: string) => void): Screen {
  const emitter = createEmitter<ScreenEvents>((error, type) => {
    report(error, `a listener of screen.on('${type}')`);
  });
  let state: ScreenState = 'off';
  let video: MediaStreamTrack | undefined;
  let audio: MediaStreamTrack | undefined;
  let choosing: { readonly promise: Promise<void>; readonly abort: AbortController } | undefined;
  let closed = false;

  const setState = (to: ScreenState): void => {
    if (state === to) return;
    state = to;
    emitter.emit('change', { state });
  };
  const setTracks = (nextVideo?: MediaStreamTrack, nextAudio?: MediaStreamTrack): void => {
    const before = [video, audio];
    if (video === nextVideo && audio === nextAudio) return;
    [video, audio] = [nextVideo, nextAudio];
    emitter.emit('tracks', { video, audio });
    for (const old of before) {
      if (old === undefined || old === video || old === audio) continue;
      old.removeEventListener('ended', onEnded);
      capture.release(old);
    }
  };
  const end = (by: 'app' | 'browser'): void => {
    if (state !== 'live') return;
    setTracks();
    setState('off');
    emitter.emit('ended', { by });
  };
  const onEnded = (event: Event): void => {
    // without the picture there is no share; without the sound there still is
    if (event.target === video) end('browser');
    else if (event.target === audio) setTracks(video);
  };
  const choose = async (options: DisplayMediaStreamOptions, abort: AbortController): Promise<void> => {
    try {
      const chosen = await capture.screen(options, abort.signal);
      for (const track of [chosen.video, chosen.audio]) track?.addEventListener('ended', onEnded);
      setTracks(chosen.video, chosen.audio);
      setState('live');
    } catch (error) {
      setState('off');
      throw error;
    } finally {
      choosing = undefined;
    }
  };
  const stop = (): void => {
    choosing?.abort.abort();
    end('app');
  };
  const source = (kind: 'video' | 'audio'): TrackSource => ({
    get track() {
      return kind === 'video' ? video : audio;
    },
    onTrack: (listener) => {
      let last = kind === 'video' ? video : audio;
      return emitter.on('tracks', (tracks) => {
        if (tracks[kind] === last) return;
        last = tracks[kind];
        listener(last);
      });
    },
  });

  return {
    on: emitter.on,
    once: emitter.once,
    get state() {
      return state;
    },
    video: source('video'),
    audio: source('audio'),
    start(options = { video: true, audio: true }) {
      if (closed)
        return Promise.reject(
          mediaError('ERR_MEDIA_ENDED', 'device', 'screen: it was closed. Make a new one.'),
        );
      if (choosing) return choosing.promise;
      if (state === 'live') return Promise.resolve();
      const abort = new AbortController();
      setState('choosing');
      const promise = choose(options, abort);
      choosing = { promise, abort };
      return promise;
    },
    stop,
    close() {
      if (closed) return;
      stop();
      closed = true;
      emitter.removeAllListeners();
    },
  };
}
