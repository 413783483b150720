import type { HttpResponse, CallInit, List, RequestOptions } from '@trunkline/core';
import { createList } from '@trunkline/core/kit';
import type { Items, WireActivity, WireConversation } from '@trunkline/wire';
import { pathOf, type Context } from './context.js';
import { oldestFirst } from './oldest-first.js';
import { conversationQuery } from './conversation-cache.js';
import type { ActivityThread, Conversation, Parents, ReadableActivity } from '../types.js';

const listQuery = {
  personRefresh: true,
  uuidEntryFormat: true,
  activitiesLimit: 0,
  participantsLimit: 0,
} as const;
/** ids one request may name */
const bulkSize = 100;

type Queries = Pick<
  Conversation,
  | 'get'
  | 'list'
  | 'listLeft'
  | 'listActivities'
  | 'listMentions'
  | 'listThreads'
  | 'activities'
  | 'parents'
  | 'children'
>;

/** @source protocol/conversation.md §2 */
export function queries(context: Context): Queries {
  const { host } = context;

  /** A list whose pages are made readable as a whole, so that their keys are asked for together. */
  function listOf<From, To extends From>(
    path: string,
    query: object,
    read: (item: From) => Promise<To>,
    init?: CallInit,
  ): List<To> {
    const request = async <T>(options: RequestOptions): Promise<HttpResponse<T>> => {
      const answer = await host.request<Partial<Items<From>> & { readonly additionalUrls?: unknown }>(
        options,
      );
      const { items, additionalUrls } = answer.body;
      // what is not a list is refused by who asked
      if (!Array.isArray(items)) return answer as unknown as HttpResponse<T>;
      const more = Array.isArray(additionalUrls) ? (additionalUrls as readonly string[]) : [];
      const all: readonly From[] = [
        ...(items as readonly From[]),
        ...(await elsewhere<From>(more, items.length, options)),
      ];
      return { ...answer, body: { items: await Promise.all(all.map(read)) } as T };
    };
    return createList<To>(
      { request, serviceUrl: (service, of) => host.serviceUrl(service, of) },
      { ...init, service: 'conversation', path, query: { ...query } },
    );
  }

  /** What other clusters have, as far as the limit goes. */
  async function elsewhere<T>(
    bases: readonly string[],
    count: number,
    { path = '', query, signal, timeoutMs }: RequestOptions,
  ): Promise<readonly T[]> {
    const limit = query?.['conversationsLimit'];
    const each = limit === undefined ? undefined : Math.floor((Number(limit) - count) / bases.length);
    if (bases.length === 0 || (each !== undefined && each < 1)) return [];
    const found = await Promise.all(
      bases.map((base) =>
        host.request<Items<T>>({
          ...(signal && { signal }),
          ...(timeoutMs !== undefined && { timeoutMs }),
          url: `${base.replace(/\/$/, '')}/${path}`,
          query: { ...query, conversationsLimit: each },
        }),
      ),
    );
    return found.flatMap(({ body }) => body.items);
  }

  const readThread = async (thread: ActivityThread): Promise<ActivityThread> => {
    await Promise.all(thread.childActivities.map((activity) => context.readActivity(activity)));
    return thread;
  };

  return {
    async get(conversationId, query = {}, init) {
      const { includeParticipants, ...rest } = query;
      const conversation = await context.get<WireConversation>(
        pathOf(conversationId),
        {
          ...conversationQuery,
          ...rest,
          // the filter brings the participants itself
          includeParticipants: query.participantAckFilter ? undefined : (includeParticipants ?? false),
        },
        init,
      );
      return context.readConversation(conversation);
    },
    list: ({ summary, ...query } = {}, init) =>
      listOf(
        summary === true ? 'conversationsSummary' : 'conversations',
        { ...listQuery, ...query },
        context.readConversation,
        init,
      ),
    listLeft: (query = {}, init) =>
      listOf('conversations/left', { ...listQuery, ...query }, context.readConversation, init),
    async listActivities(conversationId, query = {}, init) {
      const { items } = await context.get<Items<WireActivity>>(
        `${pathOf(conversationId)}/activities`,
        query,
        init,
      );
      return Promise.all(oldestFirst(items).map(context.readActivity));
    },
    listMentions: (query = {}, init) => listOf('mentions', query, context.readActivity, init),
    listThreads: (query = {}, init) => listOf('threads', query, readThread, init),
    async activities(urlsOrIds, init) {
      if (urlsOrIds.length === 0) return [];
      const base = await host.serviceUrl('conversation', init);
      const urls = urlsOrIds.map((one) => (one.includes('/') ? one : `${base}/activities/${one}`));
      // each is read once, however often it is asked for
      const found = new Map<string, Promise<ReadableActivity>>();
      for (let from = 0; from < urls.length; from += bulkSize) {
        const { body } = await host.request<{
          readonly multistatus: readonly { readonly data?: { readonly activity?: WireActivity } }[];
        }>({
          ...init,
          method: 'POST',
          service: 'conversation',
          path: 'bulk_activities_fetch',
          body: { activityUrls: urls.slice(from, from + bulkSize) },
          idempotent: true,
        });
        for (const { data } of body.multistatus)
          if (data?.activity && !found.has(data.activity.id))
            found.set(data.activity.id, context.readActivity(data.activity));
      }
      const ids = urls.map((url) => url.split('?')[0]?.split('/').pop() ?? '');
      return Promise.all(ids.flatMap((id) => found.get(id) ?? []));
    },
    async parents(conversationId, query = {}, init) {
      const found = await context.get<Partial<Parents>>(`${pathOf(conversationId)}/parents`, query, init);
      return { reply: found.reply ?? [], edit: found.edit ?? [], reaction: found.reaction ?? [] };
    },
    children: (conversationId, activityId, activityType, init) =>
      listOf(
        `${pathOf(conversationId)}/parents/${encodeURIComponent(activityId)}`,
        { activityType },
        context.readActivity,
        init,
      ),
  };
}
