/** Waits until `test` holds, looking every few milliseconds; says what was missing when it never does. */
export async function until(test: () => boolean, what: () => string, withinMs = 30_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!test()) {
    if (Date.now() > deadline) throw new Error(`after ${String(withinMs)} ms still: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The same pseudo-random numbers for the same seed, from 0 to 1: a failing run can be repeated. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
