/** A set that forgets its oldest values. */
export interface BoundedSet {
  /** Remembers a value. Returns false when it was remembered already. */
  readonly add: (value: string) => boolean;
  /** Returns whether a value is remembered. */
  readonly has: (value: string) => boolean;
}

/**
 * Creates a set that remembers at least the newest `capacity` values and at most twice as many. For ids that were handled
 * already.
 *
 * @example
 * const seen = createBoundedSet(5_000);
 * if (seen.add(frame.id)) handle(frame);
 */
export function createBoundedSet(capacity: number): BoundedSet {
  // two sets, the older one is dropped whole: cheaper than removing single values from a set that grows
  let young = new Set<string>();
  let old: Set<string> | undefined;
  const has = (value: string): boolean => young.has(value) || old?.has(value) === true;
  return {
    has,
    add(value) {
      if (has(value)) return false;
      if (young.size >= capacity) {
        old = young;
        young = new Set();
      }
      young.add(value);
      return true;
    },
  };
}
