import { isUuid } from '@trunkline/wire';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { badRequest, notFound } from '../../kernel/http/errors.js';
import { flag, param } from '../../kernel/http/untrusted.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Routes } from '../../kernel/module.js';
import type { PersonCursor } from './reads-people.js';
import { wireLeftConversation } from './shapes.js';
import { showConversation, showConversations } from './show.js';
import { directKeyOf } from './store.js';
import { date, idIn, linkTo, memberOf, type Tools, wholeNumber } from './tools.js';

const base = servicePaths.conversation;

/** Where the page before ended: a number that its items are ordered by, and the last one's id. */
function cursorIn(query: unknown, name: string): { readonly value: number; readonly id: string } | undefined {
  const text = param(query, name);
  if (text === undefined) return undefined;
  const [value = '', id = ''] = text.split('.');
  if (!/^\d{1,15}$/.test(value) || !isUuid(id)) throw badRequest(`${name} must come from the page before.`);
  return { value: Number(value), id };
}

/** @source protocol/conversation.md §2 */
export function readRoutes(tools: Tools): Routes {
  const { kernel, identity, reads } = tools;

  const listing =
    (left: boolean) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<object> => {
      const caller = await identity.caller(request);
      const sinceMs = date(request.query, 'sinceDate');
      if (Number(param(request.query, 'conversationsLimit') ?? 1) < 1) return { items: [] };
      const limit = wholeNumber(request.query, 'conversationsLimit', 1_000) ?? 100;
      const after = cursorIn(request.query, 'after');
      const page = { limit, ...(after && { after }) };
      const urls = kernel.urls(request);
      const next = (count: number, value: number | undefined, id: string | undefined): void => {
        if (!flag(param(request.query, 'paginate')) || id === undefined || count < limit) return;
        linkTo(reply, new URL(request.url, urls.base), urls, { after: `${String(value)}.${id}` });
      };
      if (left) {
        const found = await reads.listLeft(caller.user.id, page);
        const last = found.at(-1);
        next(found.length, last?.createdMs, last?.id);
        return { items: found.map((conversation) => wireLeftConversation(conversation, urls)) };
      }
      const found = await reads.list(caller.user.id, {
        ...page,
        ...(sinceMs === undefined ? {} : { sinceMs }),
      });
      const last = found.at(-1)?.conversation;
      next(found.length, last?.lastActivityMs, last?.id);
      return { items: await showConversations(tools, caller, found, request.query, urls) };
    };

  async function one(request: FastifyRequest, reply: FastifyReply, id: string): Promise<object> {
    const caller = await identity.caller(request);
    const membership = await memberOf(reads, caller, id);
    const place = cursorIn(request.query, 'participantsAfter');
    const after: PersonCursor | undefined = place && { joinedPos: place.value, userId: place.id };
    const urls = kernel.urls(request);
    const { next, shown } = await showConversation(tools, caller, membership, request.query, urls, after);
    if (next !== undefined && flag(param(request.query, 'paginate')))
      linkTo(reply, new URL(request.url, urls.base), urls, {
        participantsAfter: `${String(next.joinedPos)}.${next.userId}`,
      });
    return shown;
  }

  return (app) => {
    app.get(`${base}/conversations`, listing(false));
    app.get(`${base}/conversationsSummary`, listing(false));
    app.get(`${base}/conversations/left`, listing(true));

    app.get(`${base}/conversations/user/:id`, async (request, reply) => {
      const { user } = await identity.caller(request);
      const found = await reads.direct(directKeyOf(user.id, idIn(request.params)));
      if (found === undefined) throw notFound();
      return one(request, reply, found.id);
    });
    app.get(`${base}/conversations/:id`, (request, reply) => one(request, reply, idIn(request.params)));
  };
}
