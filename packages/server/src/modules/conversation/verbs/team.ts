// What a team does with its rooms, said in its general room: rooms join, leave and are archived.
import { badRequest, forbidden, notFound } from '../../../kernel/http/errors.js';
import type { Decision, Rule, RuleContext } from '../rule.js';
import { requireGroup, requireModerator } from '../rule.js';
import {
  changeConversation,
  type ConversationRecord,
  findConversation,
  findParticipant,
  isDirect,
} from '../store.js';
import { byTeam, isGeneral, titleForTeam } from '../team-rooms.js';

/** The room that the object names; the conversation itself must be a team's general room. */
async function roomIn({ activity, conversation, write }: RuleContext): Promise<ConversationRecord> {
  if (!isGeneral(conversation)) throw badRequest('Only a team has rooms.');
  const { id } = activity.object;
  const room = id === undefined ? undefined : await findConversation(write.tx, id);
  if (room === undefined || isGeneral(room)) throw notFound();
  return room;
}

/** Members of the room receive an update of it when the caller is one of them. */
async function moved(
  context: RuleContext,
  room: ConversationRecord,
  teamId: string | null,
): Promise<Decision> {
  const { caller, conversation, kms, write } = context;
  await changeConversation(write.tx, { ...room, teamId }, { teamId });
  const isIn = (await findParticipant(write.tx, room.id, caller.user.id)) !== undefined;
  const displayName = await titleForTeam(kms, room, conversation);
  return {
    object: {
      objectType: 'conversation',
      id: room.id,
      ...(displayName === undefined ? {} : { displayName }),
      encryptionKeyUrl: conversation.keyUrl,
    },
    keyUrl: conversation.keyUrl,
    kept: true,
    audience: 'members',
    also: isIn
      ? [
          {
            conversationId: room.id,
            activity: {
              verb: 'update',
              object: { objectType: 'conversation', id: room.id, details: byTeam },
            },
          },
        ]
      : [],
  };
}

/** `add` of a conversation. */
export const addRoom: Rule = async (context) => {
  const { caller, conversation, write } = context;
  const room = await roomIn(context);
  const me = await findParticipant(write.tx, room.id, caller.user.id);
  if (me === undefined) throw notFound();
  if (isDirect(room)) throw forbidden('This cannot be done in a space of two people.');
  if (room.teamId !== null && room.teamId !== conversation.id)
    throw badRequest('A room cannot go from one team to another.');
  await requireModerator({ ...context, conversation: room, me });
  return moved(context, room, conversation.id);
};

const removeRoom: Rule = async (context) => {
  const { conversation } = context;
  const room = await roomIn(context);
  if (room.teamId !== conversation.id) throw notFound();
  await requireModerator(context);
  return moved(context, room, null);
};

const archive =
  (on: boolean): Rule =>
  async (context) => {
    const { activity, conversation } = context;
    requireGroup(context);
    await requireModerator(context);
    if (conversation.teamId === null) throw badRequest('Only teams and their rooms can be archived.');
    const was = conversation.tags.includes('ARCHIVED');
    const others = conversation.tags.filter((tag) => tag !== 'ARCHIVED');
    return {
      object: {
        objectType: activity.object.objectType === 'team' ? 'team' : 'conversation',
        id: conversation.id,
      },
      kept: was !== on,
      audience: was === on ? 'none' : 'members',
      change: { tags: on ? [...others, 'ARCHIVED'] : others },
    };
  };

export const teamRules: Readonly<Record<string, Rule>> = {
  remove: removeRoom,
  archive: archive(true),
  unarchive: archive(false),
};
