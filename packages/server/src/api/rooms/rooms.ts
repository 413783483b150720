import type { FastifyReply, FastifyRequest } from 'fastify';
import { pageSize } from '../../kernel/http/cursor.js';
import { ApiError, badRequest, forbidden } from '../../kernel/http/errors.js';
import { dateField, idInField, idInPath, restBase, roomTypeOf } from '../../kernel/http/fields.js';
import { operation } from '../../kernel/http/operation.js';
import { flag, param, text } from '../../kernel/http/untrusted.js';
import type { Routes } from '../../kernel/module.js';
import {
  type ConversationRecord,
  isGeneral,
  isOpenTo,
  type NewActivity,
} from '../../modules/conversation/api.js';
import type { Caller } from '../../modules/identity/api.js';
import { membershipIn, type Rest } from '../tools.js';
import {
  checkCombination,
  type RoomBody,
  roomBody,
  type Settings,
  settingsIn,
  tagsFor,
} from './room-settings.js';
import { showRoom, showRooms } from './room-show.js';

/** @source protocol/hydra-rest.md §2 */
export function roomRoutes(rest: Rest): Routes {
  const { kernel, conversations, cursors, identity } = rest;

  const roomIn = async (request: FastifyRequest, caller: Caller) =>
    membershipIn(rest, caller, idInPath('ROOM', param(request.params, 'id')));

  /** To look at: a public room, too, that this person is not in. */
  async function visibleRoom(request: FastifyRequest, caller: Caller): Promise<ConversationRecord> {
    const found = await conversations.reads.conversation(idInPath('ROOM', param(request.params, 'id')));
    if (found !== undefined && isOpenTo(found, caller)) return found;
    return (await roomIn(request, caller)).conversation;
  }

  /** Into which team a room goes with this update; undefined when it stays where it is. */
  async function movesTo(
    caller: Caller,
    { teamId }: ConversationRecord,
    { team }: Settings,
  ): Promise<string | undefined> {
    if (team === undefined || team === teamId) return undefined;
    if (teamId !== null) throw badRequest('A room cannot go from one team to another.');
    await rest.teams.find(caller, team);
    await rest.teams.requireSpace(team);
    return team;
  }

  async function update(caller: Caller, conversation: ConversationRecord, body: RoomBody): Promise<void> {
    if (roomTypeOf(conversation) === 'direct') throw badRequest('A direct room cannot be changed.');
    const settings = settingsIn(body);
    const locked = conversation.tags.includes('LOCKED');
    const willBeLocked = settings.isLocked ?? locked;
    const description = settings.description ?? text(conversation.extra['description']);
    checkCombination(settings, willBeLocked, description !== undefined && description.trim() !== '');
    const isPublic = conversation.publicMs !== null;
    if ((settings.isPublic ?? isPublic) && settings.description?.trim() === '')
      throw badRequest('A public room needs a description.');
    const team = await movesTo(caller, conversation, settings);
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
          ...(team === undefined ? {} : { teamId: team }),
          ...(settings.isPublic === undefined || settings.isPublic === isPublic
            ? {}
            : { publicMs: settings.isPublic ? kernel.now() : null }),
          ...(settings.description === undefined
            ? {}
            : { extra: { description: await rest.kms.encrypt(conversation.keyUrl, settings.description) } }),
        },
      },
    });
    if (!willBeLocked && locked) activities.push({ verb: 'unlock', object });
    await conversations.submitAll(caller, conversation.id, activities);
  }

  async function create(caller: Caller, body: RoomBody): Promise<string> {
    const settings = settingsIn(body);
    checkCombination(
      settings,
      settings.isLocked === true,
      settings.description !== undefined && settings.description.trim() !== '',
    );
    const { team } = settings;
    if (team !== undefined) {
      await rest.teams.find(caller, team);
      await rest.teams.requireSpace(team);
    }
    const { id } = await conversations.create(caller, {
      memberIds: [],
      title: settings.title,
      tags: [
        ...tagsFor(settings, team === undefined ? [] : ['TEAM']),
        ...(settings.isLocked === true ? ['LOCKED'] : []),
      ],
      ...(settings.description === undefined ? {} : { extra: { description: settings.description } }),
      ...(team === undefined ? {} : { team }),
      isPublic: settings.isPublic === true,
    });
    return id;
  }

  /** All that are public in the organisation, whether one is in them or not. */
  async function listPublic(request: FastifyRequest, reply: FastifyReply, caller: Caller) {
    if (caller.user.roles.includes('guest')) return { items: [] };
    const limit = pageSize(request, 100, 1_000);
    const fromMs = dateField('from', param(request.query, 'from'));
    const toMs = dateField('to', param(request.query, 'to'));
    const cursor = cursors.read(request, caller.user.id);
    const found = await conversations.reads.publicRooms(caller.user.org_id, {
      limit: limit + 1,
      ...(fromMs === undefined ? {} : { fromMs }),
      ...(toMs === undefined ? {} : { toMs }),
      ...(cursor && { after: { value: Number(cursor['value']), id: text(cursor['id']) ?? '' } }),
    });
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    if (found.length > limit && last !== undefined)
      cursors.next(request, reply, kernel.urls(request), caller.user.id, {
        value: last.publicMs,
        id: last.id,
      });
    return { items: await showRooms(rest, caller, shown) };
  }

  return (app) => {
    app.post(
      `${restBase}/rooms`,
      operation('Creates a room and adds the caller to it.', roomBody),
      async (request) => {
        const caller = await identity.caller(request);
        const id = await create(caller, roomBody.read(request.body));
        return showRoom(rest, caller, (await membershipIn(rest, caller, id)).conversation);
      },
    );

    app.get(`${restBase}/rooms`, async (request, reply) => {
      const caller = await identity.caller(request);
      if (flag(param(request.query, 'orgPublicSpaces'))) return listPublic(request, reply, caller);
      const limit = pageSize(request, 100, 1_000);
      const type = param(request.query, 'type');
      const sortBy = param(request.query, 'sortBy') ?? 'created';
      if (type !== undefined && type !== 'direct' && type !== 'group')
        throw badRequest('type must be direct or group.');
      if (sortBy !== 'id' && sortBy !== 'lastactivity' && sortBy !== 'created')
        throw badRequest('sortBy must be id, lastactivity or created.');
      const team = idInField('TEAM', 'teamId', param(request.query, 'teamId'));
      if (team !== undefined) await rest.teams.find(caller, team);
      const cursor = cursors.read(request, caller.user.id);
      const after = cursor && {
        value: typeof cursor['value'] === 'number' ? cursor['value'] : (text(cursor['value']) ?? ''),
        id: text(cursor['id']) ?? '',
      };
      const found = await conversations.reads.list(caller.user.id, {
        limit: limit + 1,
        sortBy,
        ...(team === undefined ? {} : { teamId: team }),
        ...(type === undefined ? {} : { direct: type === 'direct' }),
        ...(after && { after }),
      });
      const shown = found.slice(0, limit);
      const last = shown.at(-1)?.conversation;
      if (found.length > limit && last !== undefined) {
        const value = sortBy === 'id' ? last.id : sortBy === 'created' ? last.createdMs : last.lastActivityMs;
        cursors.next(request, reply, kernel.urls(request), caller.user.id, { value, id: last.id });
      }
      return {
        items: await showRooms(
          rest,
          caller,
          shown.map(({ conversation }) => conversation),
        ),
      };
    });

    app.get(`${restBase}/rooms/:id`, async (request) => {
      const caller = await identity.caller(request);
      return showRoom(rest, caller, await visibleRoom(request, caller));
    });
    app.get(`${restBase}/rooms/:id/meetingInfo`, async (request) => {
      const caller = await identity.caller(request);
      await roomIn(request, caller);
      throw new ApiError(501, 'This service does not have meetings yet.');
    });

    app.put(`${restBase}/rooms/:id`, operation('Changes a room.', roomBody), async (request) => {
      const caller = await identity.caller(request);
      const { conversation } = await roomIn(request, caller);
      await update(caller, conversation, roomBody.read(request.body));
      return showRoom(rest, caller, (await membershipIn(rest, caller, conversation.id)).conversation);
    });

    // a room ends when everybody has left: each member is notified by a `leave` of their own, the one who ended it last
    app.delete(`${restBase}/rooms/:id`, async (request, reply) => {
      const caller = await identity.caller(request);
      const { conversation, me } = await roomIn(request, caller);
      if (roomTypeOf(conversation) === 'direct') throw forbidden('A direct room cannot be deleted.');
      if (isGeneral(conversation))
        throw forbidden('This is the general room of a team: delete the team instead.');
      const may = conversation.tags.includes('LOCKED')
        ? me.isModerator
        : me.isModerator || conversation.creatorId === caller.user.id;
      if (!may) throw forbidden('Only a moderator, or who created it, may delete a room.');
      await rest.teams.endRoom(caller, conversation);
      return reply.code(204).send();
    });
  };
}
