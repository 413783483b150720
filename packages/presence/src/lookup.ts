import { sdkError, type CallInit, type Host } from '@trunkline/core';
import { deferred, race, type Deferred } from '@trunkline/core/kit';
import type { PresenceStatus } from '@trunkline/wire';
import type { Requests } from './requests.js';

const waitMs = 50; // after the last
const maxWaitMs = 150; // after the first

/**
 * Gathers lookups into few requests; the same person is asked for once. Unlike elsewhere, who is left out of an answer,
 * or hit by an error, is rejected.
 *
 * @source protocol/presence-devices-support.md §0.1
 */
export function createLookup(
  host: Host,
  requests: Requests,
): (ids: readonly string[], init?: CallInit) => Promise<readonly PresenceStatus[]> {
  let waiting = new Map<string, Deferred<PresenceStatus>>();
  let firstMs = 0;
  let cancelTimer: (() => void) | undefined;
  let closed = false;
  const closedError = (): Error => sdkError('ERR_CLIENT_CLOSED', 'the client has been closed');

  const flush = (): void => {
    cancelTimer?.();
    cancelTimer = undefined;
    const batch = waiting;
    waiting = new Map();
    if (batch.size === 0) return;
    void requests.compositions(
      [...batch.keys()],
      (asked, statuses) => {
        for (const id of asked) {
          const status = statuses.get(id);
          if (status) batch.get(id)?.resolve(status);
          else
            batch.get(id)?.reject(
              sdkError('ERR_BAD_RESPONSE', `the service left ${id} out of its answer; try again later`, {
                retryable: true,
              }),
            );
        }
      },
      (asked, error) => {
        for (const id of asked) batch.get(id)?.reject(error);
      },
    );
  };
  host.onClose(() => {
    closed = true;
    cancelTimer?.();
    for (const one of waiting.values()) one.reject(closedError());
    waiting.clear();
  });

  return async (ids, init = {}) => {
    if (closed) throw closedError();
    init.signal?.throwIfAborted();
    const nowMs = host.clock.now();
    if (waiting.size === 0) firstMs = nowMs;
    const mine = ids.map((id) => {
      let one = waiting.get(id);
      if (one === undefined) waiting.set(id, (one = deferred<PresenceStatus>()));
      return one.promise;
    });
    cancelTimer?.();
    // what fills a request waits for no one else
    if (waiting.size >= requests.size) flush();
    // someone waits for it: a process must not end before it rings
    else cancelTimer = host.clock.after(Math.max(0, Math.min(waitMs, firstMs + maxWaitMs - nowMs)), flush);
    return race(Promise.all(mine), init.signal);
  };
}
