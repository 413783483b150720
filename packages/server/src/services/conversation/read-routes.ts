import type { WireActivity } from '@trunkline/wire';
import { isUuid } from '@trunkline/wire';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiError, badRequest, notFound } from '../../http/errors.js';
import { servicePaths } from '../../http/urls.js';
import type { Routes, StoredActivity, Urls } from '../contracts.js';
import { fields, flag, param, texts } from '../untrusted.js';
import { peopleIn, wireActivity } from './shapes.js';
import { directKeyOf, type ConversationRecord } from './store.js';
import { idIn, memberOf, showConversation, wholeNumber, type Tools } from './tools.js';

const base = servicePaths.conversation;

/** epoch ms out of a number or an ISO date */
function date(query: unknown, name: string): number | undefined {
  const value = param(query, name);
  if (value === undefined || value === '') return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) : Date.parse(value);
  if (!Number.isFinite(ms)) throw badRequest(`${name} must be a date.`);
  return ms;
}

/** Where the page before ended: date of its last conversation's newest activity, and that conversation's id. */
function pageAfter(query: unknown): { readonly value: number; readonly id: string } | undefined {
  const text = param(query, 'after');
  if (text === undefined) return undefined;
  const [value = '', id = ''] = text.split('.');
  if (!/^\d{1,15}$/.test(value) || !isUuid(id)) throw badRequest('after must come from the page before.');
  return { value: Number(value), id };
}

/** @source protocol/conversation.md §2 */
export function readRoutes(tools: Tools): Routes {
  const { context, identity, reads } = tools;

  async function show(
    activities: readonly StoredActivity[],
    conversation: ConversationRecord,
    urls: Urls,
  ): Promise<readonly WireActivity[]> {
    const users = await identity.usersByIds(peopleIn(activities));
    return activities.map((activity) => wireActivity(activity, conversation, users, urls));
  }

  async function page(conversationId: string, query: unknown): Promise<readonly StoredActivity[]> {
    const limit = Math.max(wholeNumber(query, 'limit', 1_000) ?? 20, 1);
    const midMs = date(query, 'midDate');
    const fromMs = date(query, 'sinceDate');
    const toMs = date(query, 'maxDate');
    if (midMs !== undefined) {
      const older = await reads.activities(conversationId, { limit: Math.ceil(limit / 2), toMs: midMs });
      const half = Math.max(limit - older.length, 1);
      const newer = await reads.activities(conversationId, {
        limit: half,
        fromMs: midMs + 1,
        oldestFirst: true,
      });
      return [...newer].reverse().concat(older);
    }
    return reads.activities(conversationId, {
      limit,
      ...(fromMs === undefined ? {} : { fromMs }),
      ...(toMs === undefined ? {} : { toMs }),
      oldestFirst: param(query, 'lastActivityFirst') === 'false',
    });
  }

  const listing =
    (left: boolean) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<object> => {
      const caller = await identity.caller(request);
      const sinceMs = date(request.query, 'sinceDate');
      const limit = Math.max(wholeNumber(request.query, 'conversationsLimit', 1_000) ?? 100, 1);
      const after = pageAfter(request.query);
      const found = await reads.list(caller.user.id, {
        limit,
        ...(sinceMs === undefined ? {} : { sinceMs }),
        ...(after === undefined ? {} : { after }),
        left,
      });
      const urls = context.urls(request);
      const last = found.at(-1)?.conversation;
      if (flag(param(request.query, 'paginate')) && last !== undefined && found.length === limit) {
        const next = new URL(request.url, urls.base);
        next.searchParams.set('after', `${String(last.lastActivityMs)}.${last.id}`);
        void reply.header('link', `<${urls.base}${next.pathname}${next.search}>; rel="next"`);
      }
      const items = await Promise.all(
        found.map((membership) =>
          showConversation(tools, caller, membership, left ? {} : request.query, urls),
        ),
      );
      return { items };
    };

  return (app) => {
    app.get(`${base}/conversations`, listing(false));
    app.get(`${base}/conversationsSummary`, listing(false));
    app.get(`${base}/conversations/left`, listing(true));

    app.get(`${base}/conversations/user/:id`, async (request) => {
      const caller = await identity.caller(request);
      const found = await reads.direct(directKeyOf(caller.user.id, idIn(request.params)));
      if (found === undefined) throw notFound();
      const membership = await memberOf(reads, caller, found.id);
      return showConversation(tools, caller, membership, request.query, context.urls(request));
    });

    app.get(`${base}/conversations/:id`, async (request) => {
      const caller = await identity.caller(request);
      const membership = await memberOf(reads, caller, idIn(request.params));
      return showConversation(tools, caller, membership, request.query, context.urls(request));
    });

    app.get(`${base}/conversations/:id/activities`, async (request, reply) => {
      const caller = await identity.caller(request);
      const { conversation } = await memberOf(reads, caller, idIn(request.params));
      const urls = context.urls(request);
      const found = await page(conversation.id, request.query);
      const oldest = found.at(-1);
      if (flag(param(request.query, 'paginate')) && oldest !== undefined && oldest.seq > 1) {
        const next = new URL(`${urls.conversation(conversation.id)}/activities`);
        const limit = param(request.query, 'limit');
        if (limit !== undefined) next.searchParams.set('limit', limit);
        next.searchParams.set('maxDate', String(oldest.publishedMs - 1));
        next.searchParams.set('paginate', 'true');
        void reply.header('link', `<${next.href}>; rel="next"`);
      }
      return { items: await show(found, conversation, urls) };
    });

    app.get(`${base}/conversations/:id/activities/:activityId`, async (request) => {
      const caller = await identity.caller(request);
      const found = await reads.activity(caller.user.id, idIn(request.params, 'activityId'));
      if (found?.conversation.id !== idIn(request.params)) throw notFound();
      return (await show([found.activity], found.conversation, context.urls(request)))[0];
    });

    app.get(`${base}/activities/:id`, async (request) => {
      const caller = await identity.caller(request);
      const found = await reads.activity(caller.user.id, idIn(request.params));
      if (found === undefined) throw notFound();
      return (await show([found.activity], found.conversation, context.urls(request)))[0];
    });

    app.get(`${base}/conversations/:id/parents`, async (request) => {
      const caller = await identity.caller(request);
      const { conversation } = await memberOf(reads, caller, idIn(request.params));
      const type = param(request.query, 'activityType');
      const sinceMs = date(request.query, 'sinceDate') ?? 0;
      const answer: Record<string, readonly string[]> = {};
      for (const kind of ['reply', 'edit', 'reaction'])
        answer[kind] =
          type === undefined || type === kind ? await reads.parents(conversation.id, kind, sinceMs) : [];
      return answer;
    });

    app.get(`${base}/conversations/:id/parents/:activityId`, async (request) => {
      const caller = await identity.caller(request);
      const { conversation } = await memberOf(reads, caller, idIn(request.params));
      const parentType = param(request.query, 'activityType');
      const found = await reads.activities(conversation.id, {
        limit: Math.max(wholeNumber(request.query, 'limit', 1_000) ?? 100, 1),
        parentId: idIn(request.params, 'activityId'),
        ...(parentType === undefined ? {} : { parentType }),
        oldestFirst: true,
      });
      return { items: await show(found, conversation, context.urls(request)) };
    });

    app.post(`${base}/bulk_activities_fetch`, async (request) => {
      const caller = await identity.caller(request);
      const wanted = texts(fields(request.body)['activityUrls']).slice(0, 100);
      const urls = context.urls(request);
      const multistatus: object[] = [];
      for (const url of wanted) {
        const id = url.split('?')[0]?.split('/').pop() ?? '';
        const found = isUuid(id) ? await reads.activity(caller.user.id, id) : undefined;
        if (found === undefined) multistatus.push({ status: '404', url });
        else
          multistatus.push({
            status: '200',
            url,
            data: { activity: (await show([found.activity], found.conversation, urls))[0] },
          });
      }
      return { multistatus };
    });

    for (const path of ['mentions', 'threads'])
      app.get(`${base}/${path}`, async (request) => {
        await identity.caller(request);
        throw new ApiError(501, `This service does not list ${path} yet.`);
      });
  };
}
