import { type PresenceStatus, type PresenceSubscription, uuidOf } from '@trunkline/wire';
import type { FastifyRequest } from 'fastify';
import { removalTime } from '../../kernel/clock.js';
import { ApiError, badRequest, forbidden } from '../../kernel/http/errors.js';
import { fields, list, param, text } from '../../kernel/http/untrusted.js';
import { deviceIdOf, servicePaths, type Urls } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import { type ConversationReads, isGuest, visiblePeople } from '../conversation/api.js';
import type { Identity, User } from '../identity/api.js';
import { type EventType, isEventType } from './compose.js';
import type { People } from './people.js';
import type { Subscriptions } from './subscriptions.js';

/** people in one request */
const mostSubjects = 1_000;
/** characters of an id that is none */
const longestId = 200;
/** seconds */
const longestSubscription = 86_400;
const defaultSubscription = 600;
const longestOfGuest = 600;
const longestEvent = 366 * 86_400;
/** Seconds that what a client says of a machine or a call stands when it does not say: clients crash. */
const defaultTtl: Readonly<Partial<Record<EventType, number>>> = {
  active: 600,
  inactive: 86_400,
  call: 3_600,
  meeting: 3_600,
  presenting: 3_600,
  calendarItem: 3_600,
};

export interface PresenceParts {
  readonly kernel: Kernel;
  readonly identity: Identity;
  readonly reads: Pick<ConversationReads, 'sharing'>;
  readonly people: People;
  readonly subscriptions: Subscriptions;
  readonly show: (userId: string, urls: Urls) => PresenceStatus;
  /** something about this person is different */
  readonly touch: (userId: string) => void;
  /** a user watches this person */
  readonly subscribed: (userId: string) => void;
}

/** Seconds, whole; `undefined` where none was given. @throws ApiError 400 */
function seconds(value: unknown, name: string, most: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < -1 || value > most)
    throw badRequest(`${name} must be a number of seconds, at most ${String(most)}.`);
  return Math.ceil(value);
}

/** Each once, as it was asked for: clients match the answers by it. @throws ApiError 400, 413 */
function subjectsIn(body: unknown): readonly string[] {
  const subjects = fields(body)['subjects'];
  if (!Array.isArray(subjects)) throw badRequest('subjects must be a list of ids of people.');
  if (subjects.length > mostSubjects)
    throw new ApiError(413, `At most ${String(mostSubjects)} subjects in one request.`);
  const ids = list(subjects).map((id) => {
    if (typeof id !== 'string' || id === '' || id.length > longestId)
      throw badRequest('Each subject must be the id of a person.');
    return id;
  });
  return [...new Set(ids)];
}

/** @source protocol/presence-devices-support.md §1.1 */
export function presenceRoutes(parts: PresenceParts): Routes {
  const { kernel, identity, reads, people, subscriptions, show, touch, subscribed } = parts;
  const base = servicePaths.apheleia;

  /**
   * The people among them whom the caller may see: those of the same organisation, and to guests only those with whom
   * they share a conversation. By the id that was asked for.
   */
  async function visible(user: User, subjects: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const ids = new Map(
      subjects.flatMap((subject) => {
        const id = uuidOf('PEOPLE', subject);
        return id === undefined ? [] : [[subject, id] as const];
      }),
    );
    const shown = await visiblePeople(reads, user, [...new Set(ids.values())]);
    const users = await identity.usersByIds([...shown]);
    return new Map([...ids].filter(([, id]) => users.get(id)?.org_id === user.org_id));
  }

  /** What is shown of a user; for users whom the caller may not see it is the same as for unknown ones. */
  const statusOf = (subject: string, id: string | undefined, urls: Urls): PresenceStatus =>
    id === undefined
      ? {
          url: `${urls.service('apheleia')}/compositions?userId=${encodeURIComponent(subject)}`,
          subject,
          status: 'unknown',
          expiresTTL: -1,
          vectorCounters: {},
          suppressNotifications: false,
        }
      : { ...show(id, urls), subject };

  const deviceOf = (request: FastifyRequest): string => {
    const header = request.headers['cisco-device-url'];
    return (typeof header === 'string' ? deviceIdOf(header) : undefined) ?? '';
  };

  return (app) => {
    app.get(`${base}/compositions`, async (request) => {
      const { user } = await identity.caller(request);
      const subject = param(request.query, 'userId');
      if (subject === undefined || subject === '' || subject.length > longestId)
        throw badRequest('userId must be the id of a person.');
      return statusOf(subject, (await visible(user, [subject])).get(subject), kernel.urls(request));
    });

    app.post(`${base}/compositions`, async (request) => {
      const { user } = await identity.caller(request);
      const subjects = subjectsIn(request.body);
      const ids = await visible(user, subjects);
      const urls = kernel.urls(request);
      return { statusList: subjects.map((subject) => statusOf(subject, ids.get(subject), urls)) };
    });

    app.post(`${base}/subscriptions`, async (request) => {
      const { user } = await identity.caller(request);
      const subjects = subjectsIn(request.body);
      const { subscriptionTtl, includeStatus } = fields(request.body);
      const asked = seconds(subscriptionTtl, 'subscriptionTtl', longestSubscription) ?? defaultSubscription;
      // who leaves a conversation should not go on watching its people
      const ttl = isGuest(user) ? Math.min(asked, longestOfGuest) : asked;
      const ids = await visible(user, subjects);
      const urls = kernel.urls(request);
      const watcher = { userId: user.id, deviceId: deviceOf(request) };
      const responses = subjects.map((subject): PresenceSubscription => {
        const id = ids.get(subject);
        const status = (): object => (includeStatus === true ? { status: statusOf(subject, id, urls) } : {});
        if (ttl <= 0) {
          if (id !== undefined) subscriptions.remove(id, watcher);
          return { subject, responseCode: 200, subscriptionTtl: 0, ...status() };
        }
        if (id === undefined) return { subject, responseCode: 404, subscriptionTtl: 0, ...status() };
        if (!subscriptions.add(id, watcher, removalTime(kernel) + ttl * 1000))
          return { subject, responseCode: 429, subscriptionTtl: 0, ...status() };
        subscribed(id);
        return { subject, responseCode: 200, subscriptionTtl: ttl, ...status() };
      });
      return { responses };
    });

    app.post(`${base}/events`, async (request) => {
      const { user } = await identity.caller(request);
      const body = fields(request.body);
      const eventType = text(body['eventType']) ?? '';
      const subject = text(body['subject']) ?? '';
      const label = text(body['label']);
      if (uuidOf('PEOPLE', subject) !== user.id) throw forbidden('Events are for oneself only.');
      if (label !== undefined && label.length > longestId) throw badRequest('The label is too long.');
      if (eventType !== 'clear' && !isEventType(eventType))
        throw badRequest('eventType must be a status that a person can have, or clear.');
      const given = seconds(body['ttl'], 'ttl', longestEvent);
      const nowMs = kernel.now();
      if (eventType === 'clear') await people.clear(user.id);
      else {
        const ttl = given ?? defaultTtl[eventType] ?? -1;
        // what ends by itself must: only people leave things as they are
        const endless = ttl < 0 && (eventType === 'dnd' || eventType === 'ooo');
        const ttlS = ttl < 0 ? (defaultTtl[eventType] ?? longestEvent) : ttl;
        if (ttl === 0) await people.end(user.id, eventType);
        else {
          if (eventType === 'active') {
            // back again: whatever kept them is over
            await people.clear(user.id);
            people.acted(user.id, nowMs);
          }
          if (eventType === 'inactive') await people.end(user.id, 'active');
          await people.say(user.id, eventType, nowMs, endless ? undefined : nowMs + ttlS * 1000);
        }
      }
      touch(user.id);
      const shown = show(user.id, kernel.urls(request));
      return {
        ...shown,
        subject,
        eventType,
        ...(label !== undefined && { label }),
        ...(given !== undefined && { ttl: given }),
      };
    });
  };
}
