// The working copy of a meeting: whole states and deltas go in, in whatever order; changes come out in the right one.
import type { Clock } from '@trunkline/core';
import {
  applyLocusDelta,
  compareSequences,
  isLocusDelta,
  locusActionFor,
  type Locus,
  type LocusDelta,
} from '@trunkline/wire';

/** ms that a missing delta may still take */
const waitMs = 1_000;
/** deltas that wait at once; more are fetched instead */
const mostWaiting = 50;

export interface LocusStateParts {
  readonly clock: Clock;
  /** Fetches the present state. */
  readonly fetch: (url: string) => Promise<Locus | LocusDelta | undefined>;
  /** Called after each change. */
  readonly changed: (now: Locus, before: Locus | undefined) => void;
  /** The state cannot be had: the meeting is gone, or fetching failed. */
  readonly lost: (error: unknown) => void;
}

export interface LocusState {
  readonly current: Locus | undefined;
  /** Takes what arrived. */
  take(incoming: Locus | LocusDelta): void;
  /** Fetches the present state; calls at the same time share one request. */
  sync(): Promise<void>;
  close(): void;
}

export function createLocusState({ clock, fetch, changed, lost }: LocusStateParts): LocusState {
  let current: Locus | undefined;
  let waiting: LocusDelta[] = [];
  let cancelTimer: (() => void) | undefined;
  let syncing: Promise<void> | undefined;
  let again = false;
  let closed = false;

  const put = (locus: Locus): void => {
    const before = current;
    current = locus;
    changed(locus, before);
  };

  function takeWaiting(): void {
    cancelTimer?.();
    cancelTimer = undefined;
    const held = [...waiting].sort((a, b) => (compareSequences(a.sequence, b.sequence) === 'less' ? -1 : 1));
    waiting = [];
    for (const delta of held) take(delta);
  }

  function hold(delta: LocusDelta): void {
    waiting.push(delta);
    if (waiting.length > mostWaiting) {
      void sync();
      return;
    }
    cancelTimer ??= clock.after(waitMs, () => {
      cancelTimer = undefined;
      waiting = [];
      void sync();
    });
  }

  function take(incoming: Locus | LocusDelta): void {
    if (closed) return;
    switch (locusActionFor(current, incoming)) {
      case 'take':
        put(incoming as Locus);
        if (waiting.length > 0) takeWaiting();
        break;
      case 'apply':
        if (current !== undefined && isLocusDelta(incoming)) put(applyLocusDelta(current, incoming));
        if (waiting.length > 0) takeWaiting();
        break;
      case 'wait':
        if (isLocusDelta(incoming)) hold(incoming);
        break;
      case 'sync':
      case 'moved':
        void sync(incoming.url);
        break;
      case 'keep':
        break;
    }
  }

  async function fetchNow(given: string | undefined): Promise<void> {
    const url = given ?? current?.syncUrl ?? current?.url;
    if (url === undefined) return;
    try {
      const found = await fetch(url);
      // nothing: what is known is up to date
      if (found === undefined || closed) return;
      if (isLocusDelta(found) && locusActionFor(current, found) === 'sync') {
        const whole = await fetch(found.url);
        if (whole !== undefined) take(whole);
      } else take(found);
    } catch (error) {
      if (!closed) lost(error);
    }
  }

  function sync(url?: string): Promise<void> {
    if (syncing !== undefined) {
      again = true;
      return syncing;
    }
    syncing = (async () => {
      do {
        again = false;
        await fetchNow(url);
      } while ((again as boolean) && !closed);
    })().finally(() => {
      syncing = undefined;
    });
    return syncing;
  }

  return {
    get current() {
      return current;
    },
    take,
    sync: () => sync(),
    close: () => {
      closed = true;
      cancelTimer?.();
      waiting = [];
    },
  };
}
