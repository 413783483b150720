import { encodeId, type Room } from '@trunkline/wire';
import type { FastifyRequest } from 'fastify';
import { ApiError, badRequest, forbidden } from '../../http/errors.js';
import type { Caller, NewActivity, Routes } from '../contracts.js';
import type { ConversationRecord } from '../conversation/index.js';
import { fields, param, text, type Fields } from '../untrusted.js';
import { pageSize } from './cursor.js';
import {
  base,
  booleanField,
  idInPath,
  iso,
  membershipIn,
  otherOf,
  personId,
  readable,
  roomId,
  roomTypeOf,
  textField,
  type Rest,
} from './tools.js';

const longestTitle = 1_000;

async function showRoom(rest: Rest, caller: Caller, conversation: ConversationRecord): Promise<Room> {
  const type = roomTypeOf(conversation);
  const { extra, tags, title: ciphertext } = conversation;
  const title =
    type === 'direct'
      ? (await otherOf(rest, conversation, caller.user.id))?.display_name
      : await readable(rest, conversation.keyUrl, ciphertext ?? undefined);
  const description = await readable(rest, conversation.keyUrl, text(extra['description']));
  return {
    id: roomId(conversation.id),
    ...(title === undefined
      ? ciphertext === null
        ? { title: 'Untitled' }
        : { titleEncrypted: true }
      : { title }),
    type,
    isLocked: tags.includes('LOCKED'),
    lastActivity: iso(conversation.lastActivityMs),
    creatorId: personId(conversation.creatorId),
    created: iso(conversation.createdMs),
    ownerId: encodeId('ORGANIZATION', conversation.orgId),
    isAnnouncementOnly: tags.includes('ANNOUNCEMENT'),
    isReadOnly: tags.includes('READ_ONLY'),
    isPublic: false,
    ...(description === undefined ? {} : { description }),
  };
}

interface Settings {
  readonly title: string;
  readonly description: string | undefined;
  readonly isLocked: boolean | undefined;
  readonly isAnnouncementOnly: boolean | undefined;
  readonly isReadOnly: boolean | undefined;
}

function settingsIn(body: Fields): Settings {
  const title = textField('title', body['title'])?.trim();
  if (title === undefined || title === '') throw badRequest('title is required.');
  if (title.length > longestTitle)
    throw badRequest(`title must not have more than ${String(longestTitle)} characters.`);
  // said plainly rather than taken and forgotten
  for (const name of ['teamId', 'classificationId'])
    if (body[name] !== undefined && body[name] !== null)
      throw new ApiError(501, `This service does not know ${name} yet.`);
  const description = textField('description', body['description']);
  if (booleanField('isPublic', body['isPublic']) === true) {
    if (description === undefined) throw badRequest('A public room needs a description.');
    throw new ApiError(501, 'This service does not have public rooms yet.');
  }
  return {
    title,
    description,
    isLocked: booleanField('isLocked', body['isLocked']),
    isAnnouncementOnly: booleanField('isAnnouncementOnly', body['isAnnouncementOnly']),
    isReadOnly: booleanField('isReadOnly', body['isReadOnly']),
  };
}

function tagsFor(settings: Settings, before: readonly string[]): readonly string[] {
  const tags = new Set(before);
  const set = (tag: string, on: boolean | undefined): void => {
    if (on === true) tags.add(tag);
    if (on === false) tags.delete(tag);
  };
  set('ANNOUNCEMENT', settings.isAnnouncementOnly);
  set('READ_ONLY', settings.isReadOnly);
  return [...tags];
}

/** @source protocol/hydra-rest.md §2 */
export function roomRoutes(rest: Rest): Routes {
  const { context, conversations, cursors, identity } = rest;

  const roomIn = async (request: FastifyRequest, caller: Caller) =>
    membershipIn(rest, caller, idInPath('ROOM', param(request.params, 'id')));

  async function update(caller: Caller, conversation: ConversationRecord, body: Fields): Promise<void> {
    if (roomTypeOf(conversation) === 'direct') throw badRequest('A direct room cannot be changed.');
    const settings = settingsIn(body);
    const locked = conversation.tags.includes('LOCKED');
    const willBeLocked = settings.isLocked ?? locked;
    if (settings.isAnnouncementOnly === true && !willBeLocked)
      throw badRequest('Only a locked room can be for announcements only.');
    const object = { objectType: 'conversation', id: conversation.id };
    const activities: NewActivity[] = [];
    if (willBeLocked && !locked) activities.push({ verb: 'lock', object });
    const kept = conversation.tags.filter(
      (tag) => tag !== 'LOCKED' && (willBeLocked || tag !== 'ANNOUNCEMENT'),
    );
    activities.push({
      verb: 'update',
      object: {
        ...object,
        displayName: settings.title,
        details: {
          tags: [...tagsFor(settings, kept), ...(locked || willBeLocked ? ['LOCKED'] : [])],
          ...(settings.description === undefined
            ? {}
            : { extra: { description: await rest.kms.encrypt(conversation.keyUrl, settings.description) } }),
        },
      },
    });
    if (!willBeLocked && locked) activities.push({ verb: 'unlock', object });
    await conversations.submitAll(caller, conversation.id, activities);
  }

  return (app) => {
    app.post(`${base}/rooms`, async (request) => {
      const caller = await identity.caller(request);
      const settings = settingsIn(fields(request.body));
      if (settings.isAnnouncementOnly === true && settings.isLocked !== true)
        throw badRequest('Only a locked room can be for announcements only.');
      const { id } = await conversations.create(caller, {
        memberIds: [],
        title: settings.title,
        tags: [...tagsFor(settings, []), ...(settings.isLocked === true ? ['LOCKED'] : [])],
        ...(settings.description === undefined ? {} : { extra: { description: settings.description } }),
      });
      return showRoom(rest, caller, (await membershipIn(rest, caller, id)).conversation);
    });

    app.get(`${base}/rooms`, async (request, reply) => {
      const caller = await identity.caller(request);
      const limit = pageSize(request, 100, 1_000);
      const type = param(request.query, 'type');
      const sortBy = param(request.query, 'sortBy') ?? 'created';
      if (type !== undefined && type !== 'direct' && type !== 'group')
        throw badRequest('type must be direct or group.');
      if (sortBy !== 'id' && sortBy !== 'lastactivity' && sortBy !== 'created')
        throw badRequest('sortBy must be id, lastactivity or created.');
      if (param(request.query, 'teamId') !== undefined)
        throw new ApiError(501, 'This service does not know teams yet.');
      const cursor = cursors.read(request, caller.user.id);
      const after = cursor && {
        value: typeof cursor['value'] === 'number' ? cursor['value'] : (text(cursor['value']) ?? ''),
        id: text(cursor['id']) ?? '',
      };
      const found = await conversations.reads.list(caller.user.id, {
        limit: limit + 1,
        sortBy,
        ...(type === undefined ? {} : { direct: type === 'direct' }),
        ...(after && { after }),
      });
      const shown = found.slice(0, limit);
      const last = shown.at(-1)?.conversation;
      if (found.length > limit && last !== undefined) {
        const value = sortBy === 'id' ? last.id : sortBy === 'created' ? last.createdMs : last.lastActivityMs;
        cursors.next(request, reply, context.urls(request), caller.user.id, { value, id: last.id });
      }
      return {
        items: await Promise.all(shown.map(({ conversation }) => showRoom(rest, caller, conversation))),
      };
    });

    app.get(`${base}/rooms/:id`, async (request) => {
      const caller = await identity.caller(request);
      return showRoom(rest, caller, (await roomIn(request, caller)).conversation);
    });
    app.get(`${base}/rooms/:id/meetingInfo`, async (request) => {
      const caller = await identity.caller(request);
      await roomIn(request, caller);
      throw new ApiError(501, 'This service does not have meetings yet.');
    });

    app.put(`${base}/rooms/:id`, async (request) => {
      const caller = await identity.caller(request);
      const { conversation } = await roomIn(request, caller);
      await update(caller, conversation, fields(request.body));
      return showRoom(rest, caller, (await membershipIn(rest, caller, conversation.id)).conversation);
    });

    // a room ends when everybody has left: each member hears of it by a `leave` of their own, the one who ended it last
    app.delete(`${base}/rooms/:id`, async (request, reply) => {
      const caller = await identity.caller(request);
      const { conversation, me } = await roomIn(request, caller);
      if (roomTypeOf(conversation) === 'direct') throw forbidden('A direct room cannot be deleted.');
      const may = conversation.tags.includes('LOCKED')
        ? me.isModerator
        : me.isModerator || conversation.creatorId === caller.user.id;
      if (!may) throw forbidden('Only a moderator, or who created it, may delete a room.');
      const people = await conversations.reads.participants(conversation.id);
      const ids = [
        ...people.map((person) => person.userId).filter((id) => id !== caller.user.id),
        caller.user.id,
      ];
      await conversations.submitAll(
        caller,
        conversation.id,
        ids.map((id) => ({ verb: 'leave', object: { objectType: 'person', id } })),
      );
      return reply.code(204).send();
    });
  };
}
