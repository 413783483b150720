/** The time of the engine. Tests pass a fake one. */
export interface EngineClock {
  /** ms since any moment, never jumps */
  now(): number;
  /** ms since 1970, on the same steady clock: sender reports need it */
  epoch(): number;
  /** Calls `run` about every `ms`; returns a function that ends it. */
  every(ms: number, run: () => void): () => void;
}

/** The clock of the process. Timers keep the process alive. */
export function createEngineClock(): EngineClock {
  const offset = Date.now() - performance.now();
  return {
    now: () => performance.now(),
    epoch: () => offset + performance.now(),
    every: (ms, run) => {
      const timer = setInterval(run, ms);
      return () => {
        clearInterval(timer);
      };
    },
  };
}
