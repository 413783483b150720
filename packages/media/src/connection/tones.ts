import { mediaError, type MediaError } from '../errors.js';
import { deferred, sdkError, type Deferred } from '../kit.js';

/** Milliseconds. */
export interface ToneOptions {
  /** of each tone, 40 to 6 000. Default 100 */
  readonly durationMs?: number;
  /** between tones, 30 or more. Default 70 */
  readonly gapMs?: number;
}

/** Plays DTMF digits one after the other, however fast they are requested. */
export interface Tones {
  /** @throws {SdkError} `ERR_ARGUMENT` for other characters, before anything is sent; {MediaError} `ERR_MEDIA_ENDED` */
  send(tones: string, options?: ToneOptions): Promise<void>;
  /** Rejects what has not been played. */
  stop(error: MediaError): void;
}

/** @param sender the present sender of the first audio m-line; undefined when it does not send */
export function createTones(sender: () => RTCDTMFSender | null | undefined): Tones {
  const queue: { readonly tones: string; readonly options: ToneOptions; readonly done: Deferred<unknown> }[] =
    [];
  let playing: (() => void) | undefined;

  const next = (): void => {
    const [first] = queue;
    if (playing || first === undefined) return;
    const dtmf = sender();
    if (!dtmf?.canInsertDTMF) {
      queue.shift();
      first.done.reject(
        mediaError(
          'ERR_MEDIA_ENDED',
          'first-media',
          'connection.sendTones: sound is not being sent now. Connect, or resume from hold, first.',
        ),
      );
      next();
      return;
    }
    const { durationMs = 100, gapMs = 70 } = first.options;
    // a second insertDTMF would throw away what has not been played: wait for the end of this one
    const changed = ({ tone }: RTCDTMFToneChangeEvent): void => {
      if (tone !== '') return;
      playing?.();
      queue.shift();
      first.done.resolve(undefined);
      next();
    };
    playing = () => {
      dtmf.removeEventListener('tonechange', changed);
      playing = undefined;
    };
    dtmf.addEventListener('tonechange', changed);
    dtmf.insertDTMF(first.tones, Math.max(40, durationMs), Math.max(30, gapMs));
  };

  return {
    send(tones, options = {}) {
      if (typeof tones !== 'string' || !/^[0-9A-D*#,]+$/i.test(tones))
        return Promise.reject(
          sdkError(
            'ERR_ARGUMENT',
            'connection.sendTones: expected digits, A to D, *, # and commas (a pause of 2 s). Nothing was sent.',
          ),
        );
      const done = deferred();
      queue.push({ tones: tones.toUpperCase(), options, done });
      next();
      return done.promise.then(() => undefined);
    },
    stop(error) {
      playing?.();
      for (const { done } of queue.splice(0)) done.reject(error);
    },
  };
}
