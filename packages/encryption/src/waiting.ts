import type { Clock } from '@trunkline/core';

/** Settles as `work` does, or rejects with the signal's reason when that comes first. `work` goes on behind it. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort);
    });
  });
}

/** A signal that aborts with the first of several, and after a time. `done` forgets timer and listeners. */
export function boundedSignal(
  clock: Clock,
  limitMs: number,
  late: () => Error,
  signals: readonly (AbortSignal | undefined)[],
): { readonly signal: AbortSignal; readonly done: () => void } {
  const controller = new AbortController();
  const offs = signals.map((signal) => {
    const abort = (): void => {
      controller.abort(signal?.reason);
    };
    if (signal?.aborted === true) abort();
    signal?.addEventListener('abort', abort, { once: true });
    return () => signal?.removeEventListener('abort', abort);
  });
  const cancel = clock.after(limitMs, () => {
    controller.abort(late());
  });
  return {
    signal: controller.signal,
    done: () => {
      cancel();
      for (const off of offs) off();
    },
  };
}
