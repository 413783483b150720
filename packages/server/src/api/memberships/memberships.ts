import { decodeMembershipId, encodeId, encodeMembershipId, isUuid, type Membership } from '@trunkline/wire';
import type { FastifyRequest } from 'fastify';
import { pageSize } from '../../kernel/http/cursor.js';
import { badRequest, forbidden, notFound } from '../../kernel/http/errors.js';
import { idInField, iso, personId, restBase, roomId, roomTypeOf } from '../../kernel/http/fields.js';
import {
  asFlag,
  asText,
  defineBody,
  flagType,
  idType,
  operation,
  textType,
} from '../../kernel/http/operation.js';
import { param } from '../../kernel/http/untrusted.js';
import type { Routes } from '../../kernel/module.js';
import type { ConversationRecord, NewActivity, Participant } from '../../modules/conversation/api.js';
import type { Caller, User } from '../../modules/identity/api.js';
import { findPerson, membershipIn, type Rest } from '../tools.js';

function show(
  caller: Caller,
  conversation: ConversationRecord,
  participant: Participant,
  user: User | undefined,
): Membership {
  return {
    id: encodeMembershipId(participant.userId, conversation.id),
    roomId: roomId(conversation.id),
    personId: personId(participant.userId),
    personEmail: user?.email ?? '',
    personDisplayName: user?.display_name ?? '',
    personOrgId: encodeId('ORGANIZATION', user?.org_id ?? conversation.orgId),
    isModerator: participant.isModerator,
    // what a user hides is not shown to others
    ...(participant.userId === caller.user.id ? { isRoomHidden: participant.tags.includes('HIDDEN') } : {}),
    roomType: roomTypeOf(conversation),
    isMonitor: false,
    created: iso(participant.joinedMs),
  };
}

const newMembership = defineBody(
  {
    roomId: idType('The room.'),
    personId: idType('The person, unless personEmail is given.'),
    personEmail: textType('The email address of the person, unless personId is given.'),
    isModerator: flagType('The person moderates the room; it is locked by that.'),
  },
  ['roomId'],
);
const changedMembership = defineBody({
  isModerator: flagType('The person moderates the room.'),
  isRoomHidden: flagType('The room is hidden from the lists of this person. Direct rooms only.'),
});

/** @source protocol/hydra-rest.md §5 */
export function membershipRoutes(rest: Rest): Routes {
  const { kernel, conversations, cursors, identity } = rest;
  const { reads } = conversations;

  async function find(
    caller: Caller,
    id: string,
    userId: string,
  ): Promise<{ conversation: ConversationRecord; participant: Participant }> {
    const { conversation } = await membershipIn(rest, caller, id);
    const participant = (await reads.membership(id, userId))?.me;
    if (participant === undefined) throw notFound();
    return { conversation, participant };
  }
  const byPath = (request: FastifyRequest, caller: Caller): ReturnType<typeof find> => {
    const given = param(request.params, 'id') ?? '';
    // the short form, for those who write uuids
    const [person = '', room = ''] = given.split(':');
    const parts =
      decodeMembershipId(given) ??
      (isUuid(person) && isUuid(room) ? { personUuid: person, roomUuid: room } : undefined);
    if (parts === undefined) throw notFound();
    return find(caller, parts.roomUuid, parts.personUuid);
  };
  const one = async (caller: Caller, id: string, userId: string): Promise<Membership> => {
    const { conversation, participant } = await find(caller, id, userId);
    return show(caller, conversation, participant, await identity.userById(userId));
  };
  const assign = (userId: string): NewActivity => ({
    verb: 'assignModerator',
    object: { objectType: 'person', id: userId },
  });
  /** The first moderator locks the room. The caller and the room's creator, who could manage it until now, still can. */
  async function moderation(
    caller: Caller,
    conversation: ConversationRecord,
    userId: string,
  ): Promise<readonly NewActivity[]> {
    if (conversation.tags.includes('LOCKED')) return [assign(userId)];
    const moderators = new Set([userId, caller.user.id]);
    const creator = await reads.membership(conversation.id, conversation.creatorId);
    if (creator !== undefined) moderators.add(creator.me.userId);
    return [
      ...[...moderators].map(assign),
      { verb: 'lock', object: { objectType: 'conversation', id: conversation.id } },
    ];
  }

  return (app) => {
    app.post(
      `${restBase}/memberships`,
      operation('Adds a person to a room.', newMembership),
      async (request) => {
        const caller = await identity.caller(request);
        const body = newMembership.read(request.body);
        const room = idInField('ROOM', 'roomId', body.roomId);
        if (room === undefined) throw badRequest('roomId is required.');
        const id = idInField('PEOPLE', 'personId', body.personId);
        const email = asText(body.personEmail);
        if ((id === undefined) === (email === undefined))
          throw badRequest('Provide only one destination in the personId and personEmail fields');
        const isModerator = asFlag(body.isModerator) === true;
        const user = await findPerson(rest, { id, email });
        // a public room is open to those who know it: they bring themselves in, and do not become moderators
        if (user?.id === caller.user.id && (await reads.membership(room, user.id)) === undefined) {
          await conversations.join(caller, room);
          return one(caller, room, user.id);
        }
        const { conversation } = await membershipIn(rest, caller, room);
        if (roomTypeOf(conversation) === 'direct') throw forbidden('No one can be added to a direct room.');
        if (user === undefined) throw notFound('The person could not be found.');
        await conversations.submitAll(caller, room, [
          { verb: 'add', object: { objectType: 'person', id: user.id } },
          ...(isModerator ? await moderation(caller, conversation, user.id) : []),
        ]);
        return one(caller, room, user.id);
      },
    );

    app.get(`${restBase}/memberships`, async (request, reply) => {
      const caller = await identity.caller(request);
      const limit = pageSize(request, 100, 1_000);
      const room = idInField('ROOM', 'roomId', param(request.query, 'roomId'));
      const id = idInField('PEOPLE', 'personId', param(request.query, 'personId'));
      const email = param(request.query, 'personEmail');
      if (id !== undefined && email !== undefined)
        throw badRequest('Provide only one destination in the personId and personEmail fields');
      const wanted =
        id === undefined && email === undefined
          ? undefined
          : ((await findPerson(rest, { id, email }))?.id ?? 'unknown');
      const cursor = cursors.read(request, caller.user.id);
      const urls = kernel.urls(request);
      if (room !== undefined) {
        const { conversation } = await membershipIn(rest, caller, room);
        if (wanted !== undefined) {
          const participant = (await reads.membership(room, wanted))?.me;
          if (participant === undefined) return { items: [] };
          return { items: [show(caller, conversation, participant, await identity.userById(wanted))] };
        }
        const place =
          typeof cursor?.['joinedPos'] === 'number' && typeof cursor['userId'] === 'string'
            ? { joinedPos: cursor['joinedPos'], userId: cursor['userId'] }
            : undefined;
        const { next, people } = await reads.peoplePage(room, { limit, ...(place && { after: place }) });
        if (next !== undefined) cursors.next(request, reply, urls, caller.user.id, next);
        const users = await identity.usersByIds(people.map((person) => person.userId));
        return {
          items: people.map((person) => show(caller, conversation, person, users.get(person.userId))),
        };
      }
      if (wanted !== undefined && wanted !== caller.user.id)
        throw badRequest('A person can only be asked for together with a roomId.');
      const after =
        typeof cursor?.['value'] === 'number' && typeof cursor['id'] === 'string'
          ? { value: cursor['value'], id: cursor['id'] }
          : undefined;
      const found = await reads.list(caller.user.id, {
        limit: limit + 1,
        sortBy: 'created',
        ...(after && { after }),
      });
      const page = found.slice(0, limit);
      const last = page.at(-1)?.conversation;
      if (found.length > limit && last !== undefined)
        cursors.next(request, reply, urls, caller.user.id, { value: last.createdMs, id: last.id });
      return { items: page.map(({ conversation, me }) => show(caller, conversation, me, caller.user)) };
    });

    app.get(`${restBase}/memberships/:id`, async (request) => {
      const caller = await identity.caller(request);
      const { conversation, participant } = await byPath(request, caller);
      return show(caller, conversation, participant, await identity.userById(participant.userId));
    });

    app.put(
      `${restBase}/memberships/:id`,
      operation('Changes a membership.', changedMembership),
      async (request) => {
        const caller = await identity.caller(request);
        const { conversation, participant } = await byPath(request, caller);
        const body = changedMembership.read(request.body);
        const isModerator = asFlag(body.isModerator);
        const isRoomHidden = asFlag(body.isRoomHidden);
        if (isModerator === undefined && isRoomHidden === undefined)
          throw badRequest('isModerator or isRoomHidden is required.');
        const { id } = conversation;
        const { userId } = participant;
        const isDirect = roomTypeOf(conversation) === 'direct';
        const activities: NewActivity[] = [];
        if (isModerator !== undefined && isModerator !== participant.isModerator) {
          if (isDirect) throw badRequest('A direct room has no moderators.');
          if (isModerator) activities.push(...(await moderation(caller, conversation, userId)));
          else activities.push({ verb: 'unassignModerator', object: { objectType: 'person', id: userId } });
        }
        if (isRoomHidden !== undefined) {
          if (!isDirect) {
            // a fetched membership fits: it says of every room of one's own whether it is hidden
            if (isRoomHidden) throw badRequest('Only a direct room can be hidden.');
          } else if (userId !== caller.user.id) throw forbidden('Only your own membership can be hidden.');
          else if (isRoomHidden !== participant.tags.includes('HIDDEN'))
            activities.push({
              verb: isRoomHidden ? 'hide' : 'unhide',
              object: { objectType: 'conversation', id },
            });
        }
        await conversations.submitAll(caller, id, activities);
        return one(caller, id, userId);
      },
    );

    app.delete(`${restBase}/memberships/:id`, async (request, reply) => {
      const caller = await identity.caller(request);
      const { conversation, participant } = await byPath(request, caller);
      if (roomTypeOf(conversation) === 'direct') throw forbidden('No one can leave a direct room.');
      await conversations.submit(caller, conversation.id, {
        verb: 'leave',
        object: { objectType: 'person', id: participant.userId },
      });
      return reply.code(204).send();
    });
  };
}
