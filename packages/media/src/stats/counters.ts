/**
 * Counters that never run backwards. What browsers count begins at 0 again with each peer connection and each SSRC; here
 * it goes on from where it was.
 */
export interface Counters {
  /**
   * @param key    what is counted, such as `audio packetsSent`
   * @param source what counts it now; another one begins at 0
   * @returns the total, and what was added since the call before (0 at the very first)
   */
  read(key: string, source: string, value: number): { readonly total: number; readonly delta: number };
}

export function createCounters(): Counters {
  const known = new Map<string, { source: string; value: number; total: number }>();
  return {
    read(key, source, value) {
      const before = known.get(key);
      if (before === undefined) {
        known.set(key, { source, value, total: value });
        return { total: value, delta: 0 };
      }
      const restarted = before.source !== source || value < before.value;
      const delta = restarted ? value : value - before.value;
      known.set(key, { source, value, total: before.total + delta });
      return { total: before.total + delta, delta };
    },
  };
}
