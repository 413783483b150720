/** A map that keeps the values used last. */
export interface Lru<Value> {
  readonly size: number;
  /** Returns the value and counts as a use of it. */
  readonly get: (key: string) => Value | undefined;
  /** Stores a value and removes the one that was not used for the longest time when the cache is full. */
  readonly set: (key: string, value: Value) => void;
  /** Removes a value. */
  readonly delete: (key: string) => void;
}

/**
 * Creates a cache of at most `capacity` values; the one that was not used for the longest time is removed first.
 *
 * @example
 * const keys = createLru<CryptoKey>(20_000);
 */
export function createLru<Value>(capacity: number): Lru<Value> {
  // a Map iterates in the order of insertion: what is used is inserted again
  const values = new Map<string, Value>();
  return {
    get size() {
      return values.size;
    },
    get(key) {
      const value = values.get(key);
      // below half of the capacity nothing is about to be removed, so the order does not matter
      if (value !== undefined && values.size > capacity / 2) {
        values.delete(key);
        values.set(key, value);
      }
      return value;
    },
    set(key, value) {
      values.delete(key);
      values.set(key, value);
      if (values.size <= capacity) return;
      for (const oldest of values.keys()) {
        values.delete(oldest);
        return;
      }
    },
    delete(key) {
      values.delete(key);
    },
  };
}
