import type { WireActivity, WireThread } from '@trunkline/wire';
import { isUuid } from '@trunkline/wire';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { badRequest, notFound } from '../../kernel/http/errors.js';
import { fields, flag, param, texts } from '../../kernel/http/untrusted.js';
import { servicePaths, type Urls } from '../../kernel/http/urls.js';
import type { Routes } from '../../kernel/module.js';
import type { Caller } from '../identity/api.js';
import type { StoredActivity } from './api.js';
import { summariesOf, summaryTypes, withChildren } from './children.js';
import { placesOf, showActivities } from './show.js';
import type { ConversationRecord } from './store.js';
import { date, idIn, linkTo, memberOf, type Tools, wholeNumber } from './tools.js';

const base = servicePaths.conversation;
const kinds = ['reply', 'edit', 'reaction'] as const;
const maxUrls = 100;
const repliesInThread = 10;

const isTrue = (query: unknown, name: string): boolean => flag(param(query, name));
/** A kind of child; clients that want all kinds say nothing, or `null`. */
function typeIn(query: unknown): string | undefined {
  const type = param(query, 'activityType');
  return type === undefined || type === '' || type === 'null' ? undefined : type;
}

/** @source protocol/conversation.md §2 */
export function activityRoutes(tools: Tools): Routes {
  const { kernel, identity, reads } = tools;

  const show = (
    request: FastifyRequest,
    caller: Caller,
    activities: readonly StoredActivity[],
    conversation: ConversationRecord,
    urls: Urls,
  ): Promise<readonly WireActivity[]> => {
    const places = new Map([[conversation.id, conversation]]);
    return isTrue(request.query, 'includeChildren')
      ? withChildren(tools, caller, activities, places, urls, typeIn(request.query))
      : showActivities(tools, activities, places, urls);
  };

  async function around(conversationId: string, midMs: number, limit: number, threaded: boolean) {
    const older = await reads.activities(conversationId, {
      limit: Math.ceil(limit / 2),
      toMs: midMs,
      threaded,
    });
    const newer = await reads.activities(conversationId, {
      limit: Math.max(limit - older.length, 1),
      fromMs: midMs + 1,
      oldestFirst: true,
      threaded,
    });
    return [...newer].reverse().concat(older);
  }

  async function list(request: FastifyRequest, reply: FastifyReply): Promise<object> {
    const caller = await identity.caller(request);
    const { query } = request;
    const { conversation } = await memberOf(reads, caller, idIn(request.params));
    const urls = kernel.urls(request);
    const limit = Math.max(wholeNumber(query, 'limit', 1_000) ?? 20, 1);
    const midMs = date(query, 'midDate');
    const threaded = isTrue(query, 'includeChildren');
    if (midMs !== undefined) {
      const found = await around(conversation.id, midMs, limit, threaded);
      return { items: await show(request, caller, found, conversation, urls) };
    }
    const fromMs = date(query, 'sinceDate');
    const toMs = date(query, 'maxDate');
    const oldestFirst = param(query, 'lastActivityFirst') === 'false';
    const found = await reads.activities(conversation.id, {
      limit,
      ...(fromMs === undefined ? {} : { fromMs }),
      ...(toMs === undefined ? {} : { toMs }),
      oldestFirst,
      threaded,
    });
    const last = found.at(-1);
    if (
      isTrue(query, 'paginate') &&
      last !== undefined &&
      found.length === limit &&
      (oldestFirst || last.seq > 1)
    )
      linkTo(
        reply,
        new URL(request.url, urls.base),
        urls,
        oldestFirst ? { sinceDate: String(last.publishedMs + 1) } : { maxDate: String(last.publishedMs - 1) },
      );
    return { items: await show(request, caller, found, conversation, urls) };
  }

  async function one(request: FastifyRequest, id: string, conversationId?: string): Promise<object> {
    const caller = await identity.caller(request);
    const found = await reads.activity(caller.user.id, id);
    if (found === undefined || (conversationId !== undefined && found.conversation.id !== conversationId))
      throw notFound();
    const [shown] = await show(request, caller, [found.activity], found.conversation, kernel.urls(request));
    if (shown === undefined) throw notFound();
    return shown;
  }

  async function children(request: FastifyRequest, reply: FastifyReply): Promise<object> {
    const caller = await identity.caller(request);
    const { query } = request;
    const { conversation } = await memberOf(reads, caller, idIn(request.params));
    const urls = kernel.urls(request);
    const parentId = idIn(request.params, 'activityId');
    const parent = (await reads.byIds([parentId])).get(parentId);
    if (parent?.conversationId !== conversation.id) throw notFound();
    const type = typeIn(query);
    if (summaryTypes.some((summary) => summary === type)) {
      const places = new Map([[conversation.id, conversation]]);
      const found = parent.deletedMs === null ? await summariesOf(tools, caller, parent, places, urls) : [];
      return { items: found.filter((child) => child.type === type).map((child) => child.activity) };
    }
    const limit = Math.max(wholeNumber(query, 'limit', 1_000) ?? 100, 1);
    const newestFirst = isTrue(query, 'latestActivityFirst');
    const fromMs = date(query, 'sinceDate');
    const toMs = date(query, 'maxDate');
    const found = await reads.activities(conversation.id, {
      limit,
      parentId,
      ...(type === undefined ? {} : { parentType: type }),
      ...(fromMs === undefined ? {} : { fromMs }),
      ...(toMs === undefined ? {} : { toMs }),
      oldestFirst: !newestFirst,
    });
    const last = found.at(-1);
    if (last !== undefined && found.length === limit)
      linkTo(
        reply,
        new URL(request.url, urls.base),
        urls,
        newestFirst ? { maxDate: String(last.publishedMs - 1) } : { sinceDate: String(last.publishedMs + 1) },
      );
    const all = isTrue(query, 'includeParentActivity') ? [parent, ...found] : found;
    return { items: await show(request, caller, all, conversation, urls) };
  }

  async function mentions(request: FastifyRequest, reply: FastifyReply): Promise<object> {
    const caller = await identity.caller(request);
    const { query } = request;
    const urls = kernel.urls(request);
    const limit = Math.max(wholeNumber(query, 'limit', 200) ?? 50, 1);
    const found = await reads.mentions(caller.user.id, { limit, ...span(query) });
    const last = found.at(-1);
    if (isTrue(query, 'paginate') && last !== undefined && found.length === limit)
      linkTo(reply, new URL(request.url, urls.base), urls, { maxDate: String(last.publishedMs - 1) });
    const places = await placesOf(tools, caller, found);
    // with the newest words: it is those that mention a user
    const only = isTrue(query, 'includeChildren') ? undefined : 'edit';
    return { items: await withChildren(tools, caller, found, places, urls, only) };
  }

  async function threads(request: FastifyRequest): Promise<object> {
    const caller = await identity.caller(request);
    const { query } = request;
    const urls = kernel.urls(request);
    const limit = Math.max(wholeNumber(query, 'limit', 100) ?? 20, 1);
    const found = await reads.threads(caller.user.id, { limit, ...span(query), replies: repliesInThread });
    const replies = found.flatMap((thread) => thread.replies);
    const places = await placesOf(tools, caller, replies);
    const only = isTrue(query, 'includeChildren') ? undefined : 'edit';
    const shown = await withChildren(tools, caller, replies, places, urls, only);
    const items = found.map(({ parent }): WireThread => ({
      childType: 'reply',
      actorId: parent.actorId,
      parentActivityId: parent.id,
      conversationId: parent.conversationId,
      childActivities: shown.filter((activity) => activity.parent?.id === parent.id),
    }));
    return { items };
  }

  /** Each of them for itself: what is not there and what is another's get the same answer. */
  async function bulk(request: FastifyRequest): Promise<object> {
    const caller = await identity.caller(request);
    const wanted = texts(fields(request.body)['activityUrls']);
    if (wanted.length > maxUrls) throw badRequest(`At most ${String(maxUrls)} activityUrls.`);
    const idOf = (url: string): string => url.split('?')[0]?.split('/').pop() ?? '';
    const found = [...(await reads.byIds([...new Set(wanted.map(idOf).filter(isUuid))])).values()];
    const places = await placesOf(tools, caller, found);
    const shown = new Map(
      (await showActivities(tools, found, places, kernel.urls(request))).map((activity) => [
        activity.id,
        activity,
      ]),
    );
    return {
      multistatus: wanted.map((url) => {
        const activity = shown.get(idOf(url));
        return activity === undefined ? { status: '404', url } : { status: '200', url, data: { activity } };
      }),
    };
  }

  return (app) => {
    app.get(`${base}/conversations/:id/activities`, list);
    app.get(`${base}/conversations/:id/activities/:activityId`, (request) =>
      one(request, idIn(request.params, 'activityId'), idIn(request.params)),
    );
    app.get(`${base}/activities/:id`, (request) => one(request, idIn(request.params)));

    app.get(`${base}/conversations/:id/parents`, async (request) => {
      const caller = await identity.caller(request);
      const { conversation } = await memberOf(reads, caller, idIn(request.params));
      const type = typeIn(request.query);
      const sinceMs = date(request.query, 'sinceDate') ?? 0;
      const answer: Record<string, readonly string[]> = {};
      for (const kind of kinds)
        answer[kind] =
          type === undefined || type === kind ? await reads.parents(conversation.id, kind, sinceMs) : [];
      return answer;
    });
    app.get(`${base}/conversations/:id/parents/:activityId`, children);

    app.post(`${base}/bulk_activities_fetch`, bulk);
    app.get(`${base}/mentions`, mentions);
    app.get(`${base}/threads`, threads);
  };
}

function span(query: unknown): { readonly fromMs?: number; readonly toMs?: number } {
  const fromMs = date(query, 'sinceDate');
  const toMs = date(query, 'maxDate');
  return { ...(fromMs === undefined ? {} : { fromMs }), ...(toMs === undefined ? {} : { toMs }) };
}
