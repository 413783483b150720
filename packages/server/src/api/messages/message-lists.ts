import type { FastifyReply, FastifyRequest } from 'fastify';
import { pageSize } from '../../kernel/http/cursor.js';
import { badRequest, forbidden, notFound } from '../../kernel/http/errors.js';
import { idInField, restBase, roomTypeOf } from '../../kernel/http/fields.js';
import { param } from '../../kernel/http/untrusted.js';
import type { Routes } from '../../kernel/module.js';
import type { ConversationRecord } from '../../modules/conversation/api.js';
import type { Caller } from '../../modules/identity/api.js';
import { breathe, jsonList } from '../slices.js';
import { findPerson, membershipIn, type Rest } from '../tools.js';
import { showMessages } from './message-show.js';

/** messages read from the store in one go */
const readAtOnce = 50;
/** A page ends early when it is longer than this; the next one has the rest. */
const maxPageBytes = 32 * 1024 * 1024;

/** @source protocol/hydra-rest.md §3 */
export function messageListRoutes(rest: Rest): Routes {
  const { kernel, conversations, cursors, identity } = rest;
  const { reads } = conversations;

  /** epoch ms of the newest that may be shown */
  async function newest(
    request: FastifyRequest,
    caller: Caller,
    room: ConversationRecord,
  ): Promise<number | undefined> {
    const cursor = cursors.read(request, caller.user.id);
    if (typeof cursor?.['beforeMs'] === 'number') return cursor['beforeMs'] - 1;
    const before = param(request.query, 'before');
    const limits: number[] = [];
    if (before !== undefined) {
      const ms = Date.parse(before);
      if (Number.isNaN(ms)) throw badRequest('before must be a date.');
      limits.push(ms - 1);
    }
    const beforeMessage = idInField('MESSAGE', 'beforeMessage', param(request.query, 'beforeMessage'));
    if (beforeMessage !== undefined) {
      const found = await reads.activity(caller.user.id, beforeMessage);
      if (found?.conversation.id !== room.id) throw notFound('Unable to get message.');
      limits.push(found.activity.publishedMs - 1);
    }
    return limits.length === 0 ? undefined : Math.min(...limits);
  }

  function mentioned(request: FastifyRequest, caller: Caller): string | undefined {
    const given = param(request.query, 'mentionedPeople');
    if (given === undefined) return undefined;
    const id = given === 'me' ? caller.user.id : idInField('PEOPLE', 'mentionedPeople', given);
    if (id !== caller.user.id) throw badRequest('mentionedPeople must be me, or your own id.');
    return id;
  }

  async function list(
    request: FastifyRequest,
    reply: FastifyReply,
    caller: Caller,
    room: ConversationRecord,
  ) {
    const limit = pageSize(request, 50, 1_000);
    const mentioning = mentioned(request, caller);
    if (caller.user.roles.includes('bot') && roomTypeOf(room) === 'group' && mentioning === undefined)
      throw forbidden('Failed to get activity.');
    const toMs = await newest(request, caller, room);
    const parentId = idInField('MESSAGE', 'parentId', param(request.query, 'parentId'));
    const urls = kernel.urls(request);
    const shown: string[] = [];
    let [before, bytes, hasMore] = [toMs, 0, true];
    while (hasMore && shown.length < limit && bytes < maxPageBytes) {
      const size = Math.min(readAtOnce, limit - shown.length);
      const found = await reads.activities(room.id, {
        limit: size + 1,
        messagesOnly: true,
        ...(before === undefined ? {} : { toMs: before }),
        ...(parentId === undefined ? {} : { parentId }),
        ...(mentioning === undefined ? {} : { mentioning }),
      });
      hasMore = found.length > size;
      const part = found.slice(0, size);
      before = (part.at(-1)?.publishedMs ?? 0) - 1;
      for (const message of await showMessages(rest, part, room, urls)) {
        const json = JSON.stringify(message);
        bytes += json.length;
        shown.push(json);
      }
      await breathe();
    }
    if (hasMore && before !== undefined)
      cursors.next(request, reply, urls, caller.user.id, { beforeMs: before + 1 });
    return reply.type('application/json; charset=utf-8').send(jsonList(shown, bytes));
  }

  return (app) => {
    app.get(`${restBase}/messages`, async (request, reply) => {
      const caller = await identity.caller(request);
      const room = idInField('ROOM', 'roomId', param(request.query, 'roomId'));
      if (room === undefined) throw badRequest('roomId is required.');
      const { conversation } = await membershipIn(rest, caller, room);
      return list(request, reply, caller, conversation);
    });

    app.get(`${restBase}/messages/direct`, async (request, reply) => {
      const caller = await identity.caller(request);
      const id = idInField('PEOPLE', 'personId', param(request.query, 'personId'));
      const email = param(request.query, 'personEmail');
      if ((id === undefined) === (email === undefined))
        throw badRequest('Provide only one destination in the personId and personEmail fields');
      const other = await findPerson(rest, { id, email });
      const key = other && [caller.user.id, other.id].sort().join(':');
      const room = key === undefined ? undefined : await reads.direct(key);
      if (room === undefined) throw notFound();
      return list(request, reply, caller, room);
    });
  };
}
