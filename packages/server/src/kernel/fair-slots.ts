interface Waiting {
  readonly queue: (() => void)[];
}

/**
 * A limited number of places, shared fairly: each key (a user, an address) has at most `perKey` of them, and a free place
 * goes to the waiting key that has the fewest, the longest waiting one first. So no key can keep another one waiting for
 * longer than one of the places takes to become free.
 */
export class FairSlots {
  readonly #running = new Map<string, number>();
  /** in the order in which keys began to wait, or were served last */
  readonly #waiting = new Map<string, Waiting>();
  #free: number;

  constructor(
    places: number,
    private readonly perKey: number,
  ) {
    this.#free = places;
  }

  /** How many wait for a place under this key. */
  waitingOf(key: string): number {
    return this.#waiting.get(key)?.queue.length ?? 0;
  }

  /** Resolves with a function that gives the place back; only its first call counts. */
  async enter(key: string): Promise<() => void> {
    if (this.#free > 0 && this.#runningOf(key) < this.perKey) this.#take(key);
    else
      await new Promise<void>((resolve) => {
        const waiting = this.#waiting.get(key);
        if (waiting === undefined) this.#waiting.set(key, { queue: [resolve] });
        else waiting.queue.push(resolve);
      });
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#leave(key);
    };
  }

  #runningOf(key: string): number {
    return this.#running.get(key) ?? 0;
  }

  #take(key: string): void {
    this.#free -= 1;
    this.#running.set(key, this.#runningOf(key) + 1);
  }

  #leave(key: string): void {
    this.#free += 1;
    const running = this.#runningOf(key) - 1;
    if (running > 0) this.#running.set(key, running);
    else this.#running.delete(key);
    while (this.#free > 0) {
      const next = this.#next();
      if (next === undefined) return;
      this.#take(next.key);
      next.start();
    }
  }

  #next(): { readonly key: string; readonly start: () => void } | undefined {
    let chosen: string | undefined;
    let fewest = this.perKey;
    for (const key of this.#waiting.keys()) {
      const running = this.#runningOf(key);
      if (running >= fewest) continue;
      chosen = key;
      fewest = running;
      if (running === 0) break;
    }
    const waiting = chosen === undefined ? undefined : this.#waiting.get(chosen);
    const start = waiting?.queue.shift();
    if (chosen === undefined || waiting === undefined || start === undefined) return undefined;
    // behind the others from now on
    this.#waiting.delete(chosen);
    if (waiting.queue.length > 0) this.#waiting.set(chosen, waiting);
    return { key: chosen, start };
  }
}
