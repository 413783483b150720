import { isSdkError, sdkError, type Host } from '@trunkline/core';
import { backoffMs } from '@trunkline/core/kit';
import type { PresenceStatus, PresenceSubscription } from '@trunkline/wire';
import type { Requests } from './requests.js';
import type { PresenceUpdate } from './types.js';

// @source protocol/presence-devices-support.md §1.3
const debounceMs = 300;
const keeperMs = 20_000;
const freshMs = 60_000;
const campMs = 60_000;
const renewBeforeMs = 60_000;
const dropMs = 600_000;
const subscribeS = 600;
/** who cannot be subscribed to is not asked about again for this long */
const refusedMs = 600_000;
const retryBaseMs = 2_000;
const retryMaxMs = 60_000;

type Show = (status: PresenceStatus | undefined) => void;

/** What is known and wanted of one person. Times are epoch ms. */
interface Entry {
  /** how often they are on the screen */
  watchers: number;
  /** models, which want to be subscribed to at once */
  readonly models: Set<Show>;
  status: PresenceStatus | undefined;
  statusMs: number;
  fetching: boolean;
  subscribing: boolean;
  /** waits for a subscription since */
  campMs: number | undefined;
  /** subscribed until */
  untilMs: number | undefined;
  refusedUntilMs: number;
}

/** Follows the people that an app shows. */
export interface Worker {
  enqueue(id: string): void;
  dequeue(id: string): void;
  /** Follows closely; returns an unsubscribe function. */
  follow(id: string, show: Show): () => void;
}

/**
 * One timer for everything: what is due soon, and every 20 s a round through all.
 *
 * @param emit receives what is learned
 * @source protocol/presence-devices-support.md §1.3
 */
export function createWorker(host: Host, requests: Requests, emit: (update: PresenceUpdate) => void): Worker {
  const { clock } = host;
  const entries = new Map<string, Entry>();
  /** to be fetched, or subscribed to, when things are quiet for a moment */
  const fetchSoon = new Set<string>();
  const subscribeSoon = new Set<string>();
  let soonMs = Infinity;
  let keeperAtMs = Infinity;
  let timerMs = Infinity;
  let cancelTimer: (() => void) | undefined;
  let failures = 0;
  let detach: (() => void) | undefined;
  let closed = false;

  // ---- the timer

  const schedule = (): void => {
    const nextMs = Math.min(soonMs, keeperAtMs);
    if (closed || nextMs >= timerMs) return; // one that rings too early sets itself again
    cancelTimer?.();
    timerMs = nextMs;
    cancelTimer = clock.after(Math.max(0, nextMs - clock.now()), ring, { unref: true });
  };
  const ring = (): void => {
    cancelTimer = undefined;
    timerMs = Infinity;
    const nowMs = clock.now();
    if (nowMs >= keeperAtMs) {
      keep(nowMs);
      keeperAtMs = entries.size > 0 ? nowMs + keeperMs : Infinity;
    }
    if (nowMs >= soonMs) {
      soonMs = Infinity;
      const [fetched, subscribed] = [[...fetchSoon], [...subscribeSoon]];
      fetchSoon.clear();
      subscribeSoon.clear();
      if (subscribed.length > 0) void subscribe(subscribed);
      if (fetched.length > 0) void fetch(fetched);
    }
    schedule();
  };
  /** @param delayMs begins again with each call, but never makes anything earlier than a retry allows */
  const soon = (delayMs: number): void => {
    soonMs = Math.max(clock.now() + delayMs, failures > 0 && soonMs < Infinity ? soonMs : 0);
    schedule();
  };

  // ---- entries

  const entryOf = (id: string): Entry => {
    let entry = entries.get(id);
    if (entry === undefined) {
      entry = {
        watchers: 0,
        models: new Set(),
        status: undefined,
        statusMs: -Infinity,
        fetching: false,
        subscribing: false,
        campMs: undefined,
        untilMs: undefined,
        refusedUntilMs: 0,
      };
      entries.set(id, entry);
      attach();
      keeperAtMs = Math.min(keeperAtMs, clock.now() + keeperMs);
    }
    return entry;
  };
  const wanted = (entry: Entry): boolean => entry.watchers > 0 || entry.models.size > 0;
  const isSubscribed = (entry: Entry, nowMs: number): boolean => (entry.untilMs ?? 0) > nowMs;
  const learn = (entry: Entry, status: PresenceStatus): void => {
    entry.status = status;
    entry.statusMs = clock.now();
    for (const show of [...entry.models]) show(status);
  };

  // ---- asking

  /** Says what went wrong once per series, and when to try again. */
  const failed = (error: unknown, what: string): void => {
    if (closed || (isSdkError(error) && error.code === 'ERR_CLIENT_CLOSED')) return;
    if (failures === 0) host.report(error, `presence could not ${what}; it tries again`);
    failures += 1;
    const asked = isSdkError(error) ? (error.retryAfterMs ?? 0) : 0;
    soonMs = clock.now() + Math.max(asked, retryBaseMs, backoffMs(failures, retryBaseMs, retryMaxMs));
    schedule();
  };

  const fetch = async (ids: readonly string[]): Promise<void> => {
    for (const id of ids) entryOf(id).fetching = true;
    const again = (asked: readonly string[], error: unknown): void => {
      for (const id of asked) {
        const entry = entries.get(id);
        if (entry && wanted(entry)) fetchSoon.add(id);
      }
      failed(error, 'ask for statuses');
    };
    const came = (asked: readonly string[], statuses: ReadonlyMap<string, PresenceStatus>): void => {
      if (closed) return;
      const statusList = asked.flatMap((id) => statuses.get(id) ?? []);
      const missing = asked.filter((id) => !statuses.has(id));
      if (missing.length === 0) failures = 0;
      for (const status of statusList) learn(entryOf(status.subject), status);
      if (statusList.length > 0) emit({ type: 'presence', payload: { statusList } });
      if (missing.length > 0)
        again(
          missing,
          sdkError('ERR_BAD_RESPONSE', `the service left out ${String(missing.length)} people`, {
            retryable: true,
          }),
        );
    };
    await requests.compositions(
      ids,
      (asked, statuses) => {
        for (const id of asked) entryOf(id).fetching = false;
        came(asked, statuses);
      },
      (asked, error) => {
        for (const id of asked) entryOf(id).fetching = false;
        again(asked, error);
      },
    );
  };

  const subscribed = (
    asked: readonly string[],
    responses: readonly PresenceSubscription[],
    nowMs: number,
  ): void => {
    const bySubject = new Map(responses.map((response) => [response.subject, response]));
    for (const id of asked) {
      const entry = entryOf(id);
      const response = bySubject.get(id);
      if (response?.responseCode === 200) {
        entry.untilMs = nowMs + response.subscriptionTtl * 1000;
        entry.campMs = undefined;
      } else {
        entry.untilMs = undefined;
        entry.refusedUntilMs = nowMs + refusedMs;
      }
      if (response?.status) learn(entry, response.status);
      // no one pushes anything of them: they are asked about as long as someone follows them
      else if (entry.models.size > 0 && !entry.fetching) fetchSoon.add(id);
    }
    if (fetchSoon.size > 0) soon(debounceMs);
  };
  const subscribe = async (ids: readonly string[]): Promise<void> => {
    for (const id of ids) entryOf(id).subscribing = true;
    try {
      const [parts, answers] = [await requests.chunks(ids), await requests.subscriptions(ids, subscribeS)];
      const outcomes = await Promise.allSettled(answers);
      for (const [n, outcome] of outcomes.entries()) {
        const asked = parts[n] ?? [];
        if (closed) return;
        if (outcome.status === 'fulfilled') {
          failures = 0;
          subscribed(asked, outcome.value, clock.now());
        } else later(asked, outcome.reason);
      }
    } catch (error) {
      later(ids, error);
    } finally {
      for (const id of ids) {
        const entry = entries.get(id);
        if (entry) entry.subscribing = false;
      }
    }
  };
  const later = (ids: readonly string[], error: unknown): void => {
    for (const id of ids) {
      const entry = entries.get(id);
      if (entry && wanted(entry)) subscribeSoon.add(id);
    }
    failed(error, 'subscribe');
  };

  // ---- the round

  const keep = (nowMs: number): void => {
    const due: string[] = [];
    const dropped: string[] = [];
    for (const [id, entry] of entries) {
      const { untilMs, campMs: sinceMs } = entry;
      const mayAsk = !entry.subscribing && nowMs >= entry.refusedUntilMs && !subscribeSoon.has(id);
      if (untilMs !== undefined && untilMs - nowMs <= renewBeforeMs) {
        if (wanted(entry)) {
          if (mayAsk) due.push(id);
        } else if (untilMs <= nowMs) entry.untilMs = undefined;
      } else if (untilMs === undefined && wanted(entry) && mayAsk) {
        if (entry.models.size > 0 || (sinceMs !== undefined && nowMs - sinceMs >= campMs)) due.push(id);
      }
      if (entry.status !== undefined && nowMs - entry.statusMs > dropMs) {
        entry.status = undefined;
        dropped.push(id);
        for (const show of [...entry.models]) show(undefined);
        if (entry.models.size > 0 && !entry.fetching) fetchSoon.add(id);
      }
      if (!wanted(entry) && entry.untilMs === undefined && entry.status === undefined && !entry.fetching)
        entries.delete(id);
    }
    if (dropped.length > 0) emit({ type: 'delete', payload: dropped });
    if (due.length > 0) void subscribe(due);
    if (fetchSoon.size > 0) soonMs = Math.min(soonMs, nowMs);
  };

  // ---- the wire

  const attach = (): void => {
    if (detach !== undefined || closed) return;
    const offs = [
      host.onWire('apheleia.subscription_update', (data) => {
        const entry = entries.get(data.subject);
        if (entry) learn(entry, data);
      }),
      host.onWire('mercury.buffer_state', again),
    ];
    detach = () => {
      for (const off of offs) off();
    };
    host.connect().catch((error: unknown) => {
      if (!closed && !(isSdkError(error) && error.code === 'ERR_CLIENT_CLOSED'))
        host.report(error, 'presence could not open the socket');
    });
  };
  /**
   * A socket opened: what was pushed while there was none is lost, and a service that began again knows nothing of us. Who
   * was never asked about waits for that anyway.
   */
  const again = (): void => {
    for (const [id, entry] of entries) {
      if (!wanted(entry)) continue;
      if (entry.untilMs !== undefined) subscribeSoon.add(id);
      else if (entry.status !== undefined) fetchSoon.add(id);
    }
    if (subscribeSoon.size + fetchSoon.size > 0) soon(debounceMs);
  };
  host.onClose(() => {
    closed = true;
    cancelTimer?.();
    detach?.();
    entries.clear();
    fetchSoon.clear();
    subscribeSoon.clear();
  });

  return {
    enqueue(id) {
      if (closed) return;
      const entry = entryOf(id);
      const nowMs = clock.now();
      entry.watchers += 1;
      if (isSubscribed(entry, nowMs)) return;
      entry.campMs ??= nowMs;
      if (!entry.fetching && nowMs - entry.statusMs > freshMs) {
        fetchSoon.add(id);
        soon(debounceMs);
      }
    },
    dequeue(id) {
      const entry = entries.get(id);
      if (entry === undefined || entry.watchers === 0) return;
      entry.watchers -= 1;
      if (wanted(entry)) return;
      fetchSoon.delete(id);
      subscribeSoon.delete(id);
      entry.campMs = undefined;
    },
    follow(id, show) {
      if (closed) return () => undefined;
      const entry = entryOf(id);
      const nowMs = clock.now();
      entry.models.add(show);
      if (entry.status !== undefined) show(entry.status);
      if (!isSubscribed(entry, nowMs) && !entry.subscribing) {
        subscribeSoon.add(id);
        soon(debounceMs);
      }
      return () => {
        entry.models.delete(show);
        if (wanted(entry)) return;
        fetchSoon.delete(id);
        subscribeSoon.delete(id);
      };
    },
  };
}
