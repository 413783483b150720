/** Work in order within a key, side by side across keys. */
export interface KeyedQueue {
  /**
   * Runs `work` at once, in this very call, when nothing of the same key is under way; else after it. Answers undefined
   * when all was done synchronously, else a promise for this piece of work. What `work` throws goes to its caller and
   * does not stop the queue.
   */
  run(key: string, work: () => void | Promise<void>): void | Promise<void>;
  /** pieces of work under way or waiting */
  readonly size: number;
}

/** Creates a queue that runs work of the same key in order. */
export function createKeyedQueue(): KeyedQueue {
  const tails = new Map<string, Promise<void>>();
  let size = 0;
  return {
    get size() {
      return size;
    },
    run(key, work) {
      const before = tails.get(key);
      const result = before === undefined ? work() : before.then(work);
      if (result === undefined) return undefined;
      size += 1;
      const tail: Promise<void> = result
        .catch(() => undefined)
        .then(() => {
          size -= 1;
          if (tails.get(key) === tail) tails.delete(key);
        });
      tails.set(key, tail);
      return result;
    },
  };
}
