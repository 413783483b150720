import { badRequest, notFound } from '../../kernel/http/errors.js';
import {
  byTeam,
  type ConversationRecord,
  type Conversations,
  isGeneral,
  type NewActivity,
} from '../../modules/conversation/api.js';
import type { Caller, Identity } from '../../modules/identity/api.js';

const maxRooms = 1_000;

/** What a team does to its rooms. A team is its general room and has the same id, see team-rooms.ts of conversation. */
export interface Teams {
  /** The general room of a team that this person is in. @throws ApiError 404, for strangers as for unknown ids */
  find(
    caller: Caller,
    teamId: string,
  ): Promise<{ readonly team: ConversationRecord; readonly isModerator: boolean }>;
  /** @throws ApiError 400 when the team has as many rooms as it may have */
  requireSpace(teamId: string): Promise<void>;
  /** Every member leaves, the one who ends it last; it cannot be found afterwards. */
  endRoom(caller: Caller, room: ConversationRecord): Promise<void>;
  /** All its rooms end, the general one last: an ending that was interrupted can be asked for again. */
  end(caller: Caller, team: ConversationRecord): Promise<void>;
  /** Out of all of the team's rooms, the general one last. */
  remove(caller: Caller, team: ConversationRecord, userId: string): Promise<void>;
}

export function createTeams(conversations: Conversations, identity: Identity): Teams {
  const { reads } = conversations;
  const leave = (id: string): NewActivity => ({
    verb: 'leave',
    object: { objectType: 'person', id, details: byTeam },
  });

  /** In whose name something happens in a room: the caller's, where they are in it, else that of a user who is. */
  async function actorIn(caller: Caller, roomId: string, otherwise: string): Promise<Caller | undefined> {
    if ((await reads.membership(roomId, caller.user.id)) !== undefined) return caller;
    const user = await identity.userById(otherwise);
    return user && { ...caller, user };
  }

  async function empty(caller: Caller, room: ConversationRecord): Promise<void> {
    const people = (await reads.participants(room.id)).map(({ userId }) => userId);
    const [first] = people;
    if (first === undefined) return;
    const actor = await actorIn(caller, room.id, first);
    if (actor === undefined) return;
    const hidden: NewActivity = {
      verb: 'update',
      object: {
        objectType: 'conversation',
        id: room.id,
        details: { ...byTeam, publicMs: null, ...(isGeneral(room) ? {} : { teamId: null }) },
      },
    };
    const isFound = room.publicMs !== null || room.teamId !== null;
    const others = people.filter((id) => id !== actor.user.id);
    await conversations.submitAll(actor, room.id, [
      ...(isFound ? [hidden] : []),
      ...[...others, actor.user.id].map((id) => leave(id)),
    ]);
  }

  return {
    async find(caller, teamId) {
      const found = await reads.membership(teamId, caller.user.id);
      if (found === undefined || !isGeneral(found.conversation)) throw notFound();
      return { team: found.conversation, isModerator: found.me.isModerator };
    },
    async requireSpace(teamId) {
      if ((await reads.teamRooms(teamId)).length >= maxRooms)
        throw badRequest(`A team has at most ${String(maxRooms)} rooms.`);
    },
    endRoom: empty,
    async end(caller, team) {
      for (const id of await reads.teamRooms(team.id)) {
        const room = id === team.id ? undefined : await reads.conversation(id);
        if (room !== undefined) await empty(caller, room);
      }
      await empty(caller, team);
    },
    async remove(caller, team, userId) {
      await conversations.submitAll(caller, team.id, [leave(userId)]);
    },
  };
}
