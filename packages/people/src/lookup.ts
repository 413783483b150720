import { sdkError, type CallInit, type Host } from '@trunkline/core';
import { deferred, race, type Deferred } from '@trunkline/core/kit';
import { uuidOf, type Person } from '@trunkline/wire';
import type { BatchOptions } from './types.js';

interface Waiting extends Deferred<Person> {
  /** as the first caller spelt it: it travels like that */
  readonly id: string;
  readonly timeoutsMs: (number | undefined)[];
  /** callers that have not given up */
  interested: number;
}
interface LookupAnswer {
  readonly items?: readonly Person[];
  readonly notFoundIds?: readonly string[] | null;
}

/**
 * Gathers lookups into few requests. The same person, in public or bare form, is asked for once.
 *
 * @source protocol/hydra-rest.md §6
 */
export function createLookup(
  host: Host,
  showAllTypes: boolean,
  batch: BatchOptions,
): (id: string, init?: CallInit) => Promise<Person> {
  let waiting = new Map<string, Waiting>();
  let firstMs = 0;
  let cancelTimer: (() => void) | undefined;
  let closed = false;

  const flush = (): void => {
    cancelTimer?.();
    cancelTimer = undefined;
    const leaving = waiting;
    waiting = new Map();
    if (leaving.size > 0) void ask(host, showAllTypes, leaving);
  };
  const schedule = (): void => {
    cancelTimer?.();
    const { waitMs = 100, maxWaitMs = 1500 } = batch;
    const leftMs = firstMs + maxWaitMs - host.clock.now();
    cancelTimer = host.clock.after(Math.max(0, Math.min(waitMs, leftMs)), flush);
  };
  const closedError = () => sdkError('ERR_CLIENT_CLOSED', 'the client has been closed');
  host.onClose(() => {
    closed = true;
    cancelTimer?.();
    for (const one of waiting.values()) one.reject(closedError());
    waiting.clear();
  });

  return (id, init) => {
    const { signal, timeoutMs } = { ...init };
    if (closed) return Promise.reject(closedError());
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    const key = keyOf(id);
    if (waiting.size === 0) firstMs = host.clock.now();
    const one: Waiting = waiting.get(key) ?? { ...deferred<Person>(), id, timeoutsMs: [], interested: 0 };
    const joined = waiting.set(key, one);
    one.timeoutsMs.push(timeoutMs);
    one.interested += 1;
    signal?.addEventListener(
      'abort',
      () => {
        one.interested -= 1;
        // no one wants it any more, and it has not left yet
        if (one.interested > 0 || waiting !== joined || joined.get(key) !== one) return;
        joined.delete(key);
        if (joined.size === 0) cancelTimer?.();
      },
      { once: true },
    );
    if (waiting.size >= (batch.maxIds ?? 10)) flush();
    else schedule();
    return race(one.promise, signal);
  };
}

async function ask(host: Host, showAllTypes: boolean, batch: ReadonlyMap<string, Waiting>): Promise<void> {
  const all = [...batch.values()];
  const timeoutsMs = all.flatMap((one) => one.timeoutsMs);
  const given = timeoutsMs.filter((timeoutMs) => timeoutMs !== undefined);
  try {
    const { body } = await host.request<LookupAnswer | undefined>({
      service: 'hydra',
      path: 'people/', // with the slash: the service knows this lookup by it
      query: { id: all.map(({ id }) => id), showAllTypes },
      ...(given.length === timeoutsMs.length && { timeoutMs: Math.max(...given) }),
    });
    for (const person of body?.items ?? []) batch.get(keyOf(person.id))?.resolve(person);
    // those found are settled by now; named in notFoundIds or left out, the others were not found
    for (const one of all)
      one.reject(sdkError('ERR_NOT_FOUND', `you can see no person ${one.id}; check the id`, { status: 404 }));
  } catch (error) {
    for (const one of all) one.reject(error);
  }
}

const keyOf = (id: string): string => uuidOf('PEOPLE', id) ?? id;
