import type { Clock } from '@trunkline/core';

/** A signal of one call's own, see {@link createBounds}. */
export interface Bound {
  readonly signal: AbortSignal;
  /** forgets timer and listener */
  readonly done: () => void;
}

/** Bounds for the calls of one client: `abortAll` ends those under way, and all that come later. */
export interface Bounds {
  /** A signal that aborts after a time, when the caller's own does, or with all others. */
  start(limitMs: number, late: () => Error, outer: AbortSignal | undefined): Bound;
  abortAll(reason: Error): void;
}

export function createBounds(clock: Clock): Bounds {
  // a set of our own: hundreds of calls may be under way, and a shared signal warns of its eleventh listener
  const running = new Set<AbortController>();
  let ended: Error | undefined;
  return {
    start(limitMs, late, outer) {
      const controller = new AbortController();
      const follow = (): void => {
        controller.abort(outer?.reason);
      };
      if (ended) controller.abort(ended);
      else if (outer?.aborted === true) follow();
      outer?.addEventListener('abort', follow, { once: true });
      const cancel = clock.after(limitMs, () => {
        controller.abort(late());
      });
      const done = (): void => {
        cancel();
        outer?.removeEventListener('abort', follow);
        running.delete(controller);
      };
      running.add(controller);
      return { signal: controller.signal, done };
    },
    abortAll(reason) {
      ended = reason;
      for (const controller of running) controller.abort(reason);
    },
  };
}
