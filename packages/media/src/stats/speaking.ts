/** Decides from audio levels whether there is speech. */
export interface SpeakingDetector {
  readonly speaking: boolean;
  /** Takes a level, 0 to 1; returns true when `speaking` changed. Muted, there is no speech. */
  add(level: number, nowMs: number, muted?: boolean): boolean;
}

export interface SpeakingOptions {
  /** at or above it there is speech, 0 to 1. Default 0.02 */
  readonly threshold?: number;
  /** pauses up to this belong to speech. Default 600 ms */
  readonly holdMs?: number;
}

export function createSpeakingDetector({
  threshold = 0.02,
  holdMs = 600,
}: SpeakingOptions = {}): SpeakingDetector {
  let speaking = false;
  let lastLoudMs = -Infinity;
  return {
    get speaking() {
      return speaking;
    },
    add(level, nowMs, muted = false) {
      const before = speaking;
      if (muted) lastLoudMs = -Infinity;
      else if (level >= threshold) lastLoudMs = nowMs;
      speaking = nowMs - lastLoudMs <= holdMs;
      return speaking !== before;
    },
  };
}
