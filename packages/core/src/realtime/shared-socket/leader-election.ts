import type { Clock } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/log.js';
import { hold, type LocksLike } from './environment.js';

export interface LeaderElectionParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly locks: LocksLike;
  /** of the lock under which tabs take the lead one after the other */
  readonly name: string;
  readonly pingIntervalMs: number;
  readonly pongTimeoutMs: number;
  /** whether anything depends on the leader now */
  readonly wanted: () => boolean;
  readonly ping: () => void;
  /** Takes the lead away from the current leader. */
  readonly take: () => void;
}

const nothing = (): void => undefined;

/** Sees to it that the leader lives, and takes its place when it holds the lead and does not answer. */
export interface LeaderElection {
  /** Begins to look, unless it does. */
  readonly watch: () => void;
  /** The leader has said something. */
  readonly alive: () => void;
  /** Stops looking until the next `watch`. */
  readonly quiet: () => void;
}

export function createLeaderElection(parts: LeaderElectionParts): LeaderElection {
  const { clock, log, locks, name, pingIntervalMs, pongTimeoutMs, wanted, ping, take } = parts;
  let cancel: (() => void) | undefined;
  let heard = nothing; // what an answer of the leader does
  let giveUp = nothing;

  const after = (delayMs: number, run: () => void): void => {
    cancel?.();
    cancel = clock.after(delayMs, run, { unref: true });
  };
  const quiet = (): void => {
    cancel?.();
    cancel = undefined;
    heard = nothing;
    giveUp();
  };
  const look = (): void => {
    if (!wanted()) {
      quiet();
      return;
    }
    heard = () => {
      heard = nothing;
      after(pingIntervalMs, look);
    };
    after(pongTimeoutMs, () => {
      heard = nothing;
      void succeed();
    });
    ping();
  };
  /** One tab after the other asks once more: it may be that another has taken the lead by now. */
  const succeed = async (): Promise<void> => {
    const call = { off: false };
    const turn = hold(locks, name);
    giveUp = () => {
      call.off = true;
      turn.release();
    };
    try {
      await turn.held;
      const silent = await new Promise<boolean>((resolve) => {
        giveUp = () => {
          call.off = true;
          resolve(false);
        };
        heard = () => {
          heard = nothing;
          resolve(false);
        };
        if (call.off) {
          resolve(false);
          return;
        }
        after(pongTimeoutMs / 4, () => {
          resolve(true);
        });
        ping();
      });
      if (call.off) return;
      if (silent && wanted()) {
        log.warn({}, 'the tab that keeps the shared socket does not answer: this one takes it over');
        quiet();
        take();
      } else look();
    } catch (error) {
      log.debug({ error }, 'the lead was not contested');
    } finally {
      turn.release();
    }
  };
  return {
    watch: () => {
      if (cancel === undefined) look();
    },
    alive: () => {
      heard();
    },
    quiet,
  };
}
