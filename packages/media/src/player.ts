import { mediaError } from './errors.js';
import { createEmitter, type Listenable } from './kit.js';

/** The part of `<audio>` and `<video>` that is used. */
export interface PlayableElement {
  srcObject: object | null;
  muted: boolean;
  autoplay?: boolean;
  playsInline?: boolean;
  /** Plays `srcObject`; rejects where sound may not start without a click. */
  play(): Promise<void>;
  /** Stops playing. */
  pause(): void;
  /** Chooses the loudspeaker. */
  setSinkId?(deviceId: string): Promise<void>;
}

export interface PlayerEvents {
  /** The browser does not let sound start without a click: show a button that calls `resume()`. Once, not per element. */
  blocked: object;
  /** Everything plays. */
  resumed: object;
  /** The loudspeaker is another one. */
  output: { readonly deviceId: string };
}

/** Plays streams in elements of the page, and knows when the browser does not let it. */
export interface Player extends Listenable<PlayerEvents> {
  /** Sound waits for a click. */
  readonly blocked: boolean;
  /** Empty for the browser's default. */
  readonly outputDeviceId: string;
  /** Whether this browser can play on a loudspeaker of choice. */
  readonly canChooseOutput: boolean;
  /**
   * Shows and plays a stream in an element. Later streams of an element replace earlier ones.
   *
   * @returns a function that detaches it
   */
  attach(stream: MediaStream, element: PlayableElement): () => void;
  /**
   * Starts everything that was blocked, and lets later streams start. Call it inside a click handler.
   *
   * @returns whether all of it plays now
   */
  resume(): Promise<boolean>;
  /**
   * Chooses the loudspeaker for all attached elements and later ones.
   *
   * @param deviceId of an `audiooutput` of `devices.list()`; empty for the default
   * @throws {MediaError} `ERR_ENVIRONMENT` where the browser cannot, `ERR_MEDIA_NO_DEVICE`, `ERR_MEDIA_DENIED`
   */
  setOutput(deviceId: string): Promise<void>;
  /** Detaches everything. */
  close(): void;
}

const nameOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : '';

/**
 * @param canChooseOutput default: whether `HTMLMediaElement` has `setSinkId`
 */
export function createPlayer(
  report: (error: unknown, context: string) => void,
  canChooseOutput = (): boolean =>
    typeof HTMLMediaElement !== 'undefined' && 'setSinkId' in HTMLMediaElement.prototype,
): Player {
  const emitter = createEmitter<PlayerEvents>((error, type) => {
    report(error, `a listener of player.on('${type}')`);
  });
  const attached = new Map<PlayableElement, { readonly stream: MediaStream; blocked: boolean }>();
  let blocked = false;
  let outputDeviceId = '';

  const update = (): void => {
    const now = [...attached.values()].some((one) => one.blocked);
    if (now === blocked) return;
    blocked = now;
    emitter.emit(now ? 'blocked' : 'resumed', {});
  };
  const play = async (element: PlayableElement): Promise<void> => {
    const entry = attached.get(element);
    if (entry === undefined) return;
    try {
      await element.play();
      entry.blocked = false;
    } catch (error) {
      // another stream took the element, or it was detached
      if (attached.get(element) !== entry || nameOf(error) === 'AbortError') return;
      if (nameOf(error) === 'NotAllowedError') entry.blocked = true;
      else report(error, 'player: playing a stream');
    }
    update();
  };
  const setSink = async (element: PlayableElement, deviceId: string): Promise<void> => {
    try {
      await element.setSinkId?.(deviceId);
    } catch (error) {
      const denied = nameOf(error) === 'NotAllowedError';
      throw mediaError(
        denied ? 'ERR_MEDIA_DENIED' : 'ERR_MEDIA_NO_DEVICE',
        'device',
        `the loudspeaker cannot be used: ${denied ? 'it is not allowed' : 'it was not found'}.`,
        { cause: error },
      );
    }
  };

  return {
    on: emitter.on,
    once: emitter.once,
    get blocked() {
      return blocked;
    },
    get outputDeviceId() {
      return outputDeviceId;
    },
    get canChooseOutput() {
      return canChooseOutput();
    },
    attach(stream, element) {
      const entry = { stream, blocked: false };
      attached.set(element, entry);
      element.autoplay = true;
      element.playsInline = true;
      element.srcObject = stream;
      if (outputDeviceId !== '')
        setSink(element, outputDeviceId).catch((error: unknown) => {
          report(error, 'player: the loudspeaker of a new element');
        });
      void play(element);
      return () => {
        if (attached.get(element) !== entry) return;
        attached.delete(element);
        element.pause();
        element.srcObject = null;
        update();
      };
    },
    async resume() {
      // all play() calls are made before anything is awaited: they have to be inside the click
      await Promise.all([...attached.keys()].map(play));
      return !blocked;
    },
    async setOutput(deviceId) {
      if (!canChooseOutput())
        throw mediaError(
          'ERR_ENVIRONMENT',
          'device',
          'player.setOutput: this browser plays on the system loudspeaker only (setSinkId is missing).',
        );
      await Promise.all([...attached.keys()].map((element) => setSink(element, deviceId)));
      outputDeviceId = deviceId;
      emitter.emit('output', { deviceId });
    },
    close() {
      for (const element of attached.keys()) {
        element.pause();
        element.srcObject = null;
      }
      attached.clear();
      emitter.removeAllListeners();
    },
  };
}
