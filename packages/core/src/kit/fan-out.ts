/** Calls every listener, each isolated from the others. */
export interface FanOut<First, Second = undefined> {
  /** Number of listeners. */
  readonly size: number;
  /** Adds a listener; the same function added twice is called twice. Returns an unsubscribe function. */
  readonly add: (listener: FanOutListener<First, Second>) => () => void;
  /**
   * Calls the listeners in the order in which they were added. Listeners that come or go meanwhile do not affect this
   * call. Returns undefined when all finished synchronously, else a promise that resolves when all have settled and never
   * rejects.
   */
  readonly emit: (first: First, second: Second) => Promise<void> | undefined;
  /** Removes all listeners. */
  clear(): void;
}
export type FanOutListener<First, Second = undefined> = (first: First, second: Second) => unknown;

/**
 * Creates a list of listeners. An error that a listener throws, or with which its promise rejects, is reported and does
 * not affect the others.
 *
 * @param report   receives each error
 * @param onDemand called with true when the first listener is added, with false when the last one is removed
 * @example
 * const fanOut = createFanOut<Poll>((error) => host.report(error, 'a listener of polls'));
 * const unsubscribe = fanOut.add((poll) => show(poll));
 * fanOut.emit(poll, undefined);
 */
export function createFanOut<First, Second = undefined>(
  report: (error: unknown) => void,
  onDemand?: (wanted: boolean) => void,
): FanOut<First, Second> {
  type Listener = FanOutListener<First, Second>;
  // replaced, never changed: a running emit keeps the list with which it started
  let listeners: readonly Listener[] = [];
  return {
    get size() {
      return listeners.length;
    },
    add(listener) {
      const own: Listener = (first, second) => listener(first, second);
      listeners = [...listeners, own];
      if (listeners.length === 1) onDemand?.(true);
      return () => {
        if (!listeners.includes(own)) return;
        listeners = listeners.filter((other) => other !== own);
        if (listeners.length === 0) onDemand?.(false);
      };
    },
    emit(first, second) {
      let waiting: PromiseLike<unknown>[] | undefined;
      for (const listener of listeners)
        try {
          const result = listener(first, second) as Partial<PromiseLike<unknown>> | null | undefined;
          if (typeof result?.then === 'function') (waiting ??= []).push(result as PromiseLike<unknown>);
        } catch (error) {
          report(error);
        }
      return waiting === undefined ? undefined : settled(waiting, report);
    },
    clear() {
      if (listeners.length === 0) return;
      listeners = [];
      onDemand?.(false);
    },
  };
}

async function settled(
  waiting: readonly PromiseLike<unknown>[],
  report: (error: unknown) => void,
): Promise<void> {
  for (const result of await Promise.allSettled(waiting))
    if (result.status === 'rejected') report(result.reason);
}
