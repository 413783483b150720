import type { Clock } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/log.js';

// a service whose numbers jump again within this time does not number frames as expected
const trustMs = 60_000;

/** Whether jumps in frame numbers mean that frames are missing. */
export interface SequenceTrust {
  readonly checks: boolean;
  /** A connection was ended because its numbers jumped. */
  jumped(redelivers: boolean): void;
}

export function createSequenceTrust(clock: Clock, log: Logger): SequenceTrust {
  let checks = true;
  let lastJumpMs = Number.NEGATIVE_INFINITY;
  return {
    get checks() {
      return checks;
    },
    jumped(redelivers) {
      const nowMs = clock.now();
      if (nowMs - lastJumpMs < trustMs && !redelivers) {
        checks = false;
        log.warn({}, 'frame numbers jump: they are no longer checked');
      }
      lastJumpMs = nowMs;
    },
  };
}
