/** Remembers the newest texts it was given, a bounded number of them. */
export interface Memory {
  /** False when it is remembered already. */
  add(text: string): boolean;
  has(text: string): boolean;
}

// Two sets, the older of which is dropped whole: cheaper than taking single texts out of a growing one.
export function createMemory(capacity: number): Memory {
  const half = Math.ceil(capacity / 2);
  let young = new Set<string>();
  let old = new Set<string>();
  const has = (text: string): boolean => young.has(text) || old.has(text);
  return {
    has,
    add(text) {
      if (has(text)) return false;
      if (young.size >= half) {
        old = young;
        young = new Set();
      }
      young.add(text);
      return true;
    },
  };
}
