import type { Clock } from '../kernel/clock.js';

/**
 * `promise`, or the signal's reason when that comes first. Never leaves the promise unheard: what it is rejected with
 * after an abort is dropped.
 */
export function race<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the signal's own reason, whatever it is
      reject(signal.reason);
    };
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', aborted);
    });
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted, { once: true });
  });
}

/** Resolves after `delayMs`, or rejects with the signal's reason; leaves no timer and no listener. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      cancel();
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the signal's own reason, whatever it is
      reject(signal.reason);
    };
    const cancel = clock.after(delayMs, () => {
      signal.removeEventListener('abort', aborted);
      resolve();
    });
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted, { once: true });
  });
}

/** Full jitter: whole milliseconds between 0 and the exponential bound. `n` counts from 0. */
export const backoffMs = (n: number, baseMs: number, maxMs: number): number =>
  Math.round(Math.min(maxMs, baseMs * 2 ** Math.min(n, 30)) * Math.random());

/** A promise with its handles; never an unhandled rejection. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  /** Fulfils the promise. */
  resolve(value: T): void;
  /** Rejects the promise. */
  reject(error: unknown): void;
}
/** Creates a promise together with its `resolve` and `reject`. */
export function deferred<T>(): Deferred<T> {
  let handles: Omit<Deferred<T>, 'promise'> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    handles = { resolve, reject };
  });
  promise.catch(() => undefined);
  return { promise, ...(handles as unknown as Omit<Deferred<T>, 'promise'>) };
}
