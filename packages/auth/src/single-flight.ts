import { race } from '@trunkline/core/kit';

/**
 * Work that is done once for all who want it at the same time. Each of them leaves by their own signal; the work is aborted
 * when the last one has left.
 */
export function singleFlight<A, T>(
  run: (argument: A, signal: AbortSignal) => Promise<T>,
): (argument: A, signal?: AbortSignal) => Promise<T> {
  interface Flight {
    readonly promise: Promise<T>;
    readonly ending: AbortController;
    waiting: number;
  }
  let flight: Flight | undefined;
  const start = (argument: A): Flight => {
    const ending = new AbortController();
    const mine: Flight = { promise: run(argument, ending.signal), ending, waiting: 0 };
    const landed = (): void => {
      if (flight === mine) flight = undefined;
    };
    mine.promise.then(landed, landed);
    return mine;
  };
  return async (argument, signal) => {
    const mine = (flight ??= start(argument));
    mine.waiting += 1;
    try {
      return await race(mine.promise, signal);
    } finally {
      if ((mine.waiting -= 1) === 0) {
        mine.ending.abort();
        if (flight === mine) flight = undefined;
      }
    }
  };
}
