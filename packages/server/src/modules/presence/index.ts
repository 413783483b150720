import type { PresenceStatus } from '@trunkline/wire';
import type { FastifyInstance } from 'fastify';
import { removalTime } from '../../kernel/clock.js';
import { eventUrls, type Urls } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import { defineModule, type Needs } from '../../kernel/module.js';
import type { Presence } from './api.js';
import { compose, type Composed } from './compose.js';
import { migrations } from './migrations/index.js';
import { People } from './people.js';
import { presenceRoutes } from './routes.js';
import { Subscriptions } from './subscriptions.js';

/** The toggle by which a user is not shown. @source protocol/presence-devices-support.md §1.1 */
const toggle = 'user-presence-enabled';
/** ms that changes of one person are gathered */
const coalesceMs = 50;
/** ms between two looks at what ends by itself */
const tickMs = 1_000;
/** subscriptions of one person, over all of their clients */
const mostSubscriptions = 10_000;

const acts =
  /^\/(?:conversation\/api\/v1\/(?:activities|content|conversations|teams|status\/typing)|v1\/(?:messages|rooms|memberships|teams|team|attachment))(?:\/|$)/;
/** Whether such a request is a sign of a user's life: it writes something, and no program does it by itself. */
const isAct = (method: string, route: string): boolean =>
  method !== 'GET' && method !== 'HEAD' && acts.test(route);

/** Who is available, and who is notified of it. @source protocol/presence-devices-support.md §1, §11 */
export const presence = defineModule({
  name: 'presence',
  migrations,
  needs: ['conversation', 'features', 'identity', 'mercury'],
  setup: createPresence,
});

async function createPresence(
  kernel: Kernel,
  needs: Needs<'conversation' | 'features' | 'identity' | 'mercury'>,
) {
  const { features, identity, mercury } = needs;
  const { reads } = needs.conversation;
  const { store, log } = kernel;
  const people = new People(store);
  await people.load(removalTime(kernel));
  const subscriptions = new Subscriptions(mostSubscriptions);
  const hidden = new Set(await features.usersWith(toggle, 'false'));
  /** what the watchers of a user were sent last */
  const told = new Map<string, string>();
  /** when to look again at those who are watched; by person, epoch ms */
  const due = new Map<string, number>();
  let nextDueMs = Infinity;
  let changed = new Set<string>();
  let gathering: NodeJS.Timeout | undefined;
  let closed = false;

  const nothing: Composed = {
    status: 'unknown',
    sinceMs: undefined,
    expiresMs: undefined,
    nextMs: undefined,
  };
  const composed = (userId: string, nowMs: number): Composed => {
    const known = hidden.has(userId) ? undefined : people.known(userId);
    return known === undefined ? nothing : compose(known, nowMs);
  };

  const seenMs = (userId: string, status: Composed['status']): number | undefined =>
    status === 'unknown' ? undefined : people.known(userId)?.lastActiveMs;

  function show(userId: string, urls: Urls, nowMs = kernel.now()): PresenceStatus {
    const { status, sinceMs, expiresMs } = composed(userId, nowMs);
    const lastActiveMs = seenMs(userId, status);
    const time = (ms: number): string => new Date(ms).toISOString();
    return {
      url: `${urls.service('apheleia')}/compositions?userId=${encodeURIComponent(userId)}`,
      subject: userId,
      status,
      ...(sinceMs !== undefined && { statusTime: time(sinceMs) }),
      ...(lastActiveMs !== undefined && { lastActive: time(lastActiveMs) }),
      expiresTTL: expiresMs === undefined ? -1 : Math.max(0, Math.ceil((expiresMs - nowMs) / 1000)),
      ...(expiresMs !== undefined && { expiresTime: time(expiresMs), expires: time(expiresMs) }),
      vectorCounters: {},
      suppressNotifications: status === 'dnd' || status === 'presenting',
    };
  }

  /** One line for each status that watchers can tell from another. */
  const essence = ({ status, expiresMs }: Composed): string => `${status} ${String(expiresMs)}`;

  /** From now on its end is waited for. */
  function watch(userId: string, nowMs: number): Composed {
    const shown = composed(userId, nowMs);
    if (shown.nextMs === undefined) due.delete(userId);
    else {
      due.set(userId, shown.nextMs);
      nextDueMs = Math.min(nextDueMs, shown.nextMs);
    }
    return shown;
  }

  function tell(userIds: Iterable<string>): void {
    const nowMs = kernel.now();
    for (const userId of userIds) {
      const watchers = subscriptions.watchersOf(userId, removalTime(kernel));
      if (watchers.length === 0) {
        told.delete(userId);
        due.delete(userId);
        continue;
      }
      const line = essence(watch(userId, nowMs));
      if (told.get(userId) === line) continue;
      told.set(userId, line);
      mercury.sendToUsers(watchers, {
        ...show(userId, eventUrls, nowMs),
        eventType: 'apheleia.subscription_update',
      });
    }
  }

  function flush(): void {
    gathering = undefined;
    const those = changed;
    changed = new Set();
    try {
      tell(those);
    } catch (error) {
      log.error({ err: error }, 'a change of presence could not be sent');
    }
  }

  /** Something about this person is different; their watchers are notified soon, once. */
  function touch(userId: string): void {
    if (closed || !subscriptions.has(userId)) return;
    changed.add(userId);
    gathering ??= setTimeout(flush, coalesceMs);
  }

  const ticking = setInterval(() => {
    const nowMs = kernel.now();
    if (nowMs < nextDueMs) return;
    nextDueMs = Infinity;
    for (const [userId, atMs] of due)
      if (atMs <= nowMs) {
        due.delete(userId);
        touch(userId);
      } else nextDueMs = Math.min(nextDueMs, atMs);
  }, tickMs);
  ticking.unref();

  const stopListening = mercury.onConnected((userId, connected) => {
    people.connection(userId, connected, kernel.now());
    touch(userId);
  });
  features.onUserToggle((userId, key, val) => {
    if (key !== toggle) return;
    if (/^false$/i.test(val)) hidden.add(userId);
    else hidden.delete(userId);
    touch(userId);
  });

  const routes = presenceRoutes({
    kernel,
    identity,
    reads,
    people,
    subscriptions,
    show,
    touch,
    subscribed: (userId) => {
      const shown = watch(userId, kernel.now());
      // the subscriber gets it in the response; the others were notified when it changed
      if (!told.has(userId)) told.set(userId, essence(shown));
    },
  });
  const api: Presence = {
    show,
    availabilityOf: (userId) => {
      const { status } = composed(userId, kernel.now());
      return { status, lastActiveMs: seenMs(userId, status) };
    },
    acted: (userId) => {
      people.acted(userId, kernel.now());
      touch(userId);
    },
  };
  return {
    api,
    routes: [routes],
    // a write is a sign of life, whichever module it is for
    everyRoute: (app: FastifyInstance) => {
      app.addHook('onResponse', async (request, reply) => {
        if (reply.statusCode >= 400 || !isAct(request.method, request.routeOptions.url ?? '')) return;
        const caller = await identity.callerIfAny(request.headers.authorization);
        if (caller !== undefined) api.acted(caller.user.id);
      });
    },
    sweep: async () => {
      const nowMs = removalTime(kernel);
      subscriptions.sweep(nowMs);
      for (const userId of [...told.keys()])
        if (!subscriptions.has(userId)) {
          told.delete(userId);
          due.delete(userId);
        }
      await people.flush(nowMs);
    },
    close: async () => {
      closed = true;
      clearInterval(ticking);
      clearTimeout(gathering);
      stopListening();
      await people.flush(removalTime(kernel));
    },
  };
}
