// What a team does with its rooms, said in its general room: rooms join, leave and are archived.
import { badRequest, forbidden, notFound } from '../../../kernel/http/errors.js';
import type { Effect, Rule, Scene } from '../scene.js';
import { requireGroup, requireModerator } from '../scene.js';
import {
  changeConversation,
  type ConversationRecord,
  findConversation,
  findParticipant,
  isDirect,
} from '../store.js';
import { byTeam, isGeneral, titleForTeam } from '../team-rooms.js';

/** The room that the object names; the conversation itself must be a team's general room. */
async function roomIn({ activity, conversation, write }: Scene): Promise<ConversationRecord> {
  if (!isGeneral(conversation)) throw badRequest('Only a team has rooms.');
  const { id } = activity.object;
  const room = id === undefined ? undefined : await findConversation(write.tx, id);
  if (room === undefined || isGeneral(room)) throw notFound();
  return room;
}

/** Members of the room receive an update of it when the caller is one of them. */
async function moved(scene: Scene, room: ConversationRecord, teamId: string | null): Promise<Effect> {
  const { caller, conversation, kms, write } = scene;
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
export const addRoom: Rule = async (scene) => {
  const { caller, conversation, write } = scene;
  const room = await roomIn(scene);
  const me = await findParticipant(write.tx, room.id, caller.user.id);
  if (me === undefined) throw notFound();
  if (isDirect(room)) throw forbidden('This cannot be done in a space of two people.');
  if (room.teamId !== null && room.teamId !== conversation.id)
    throw badRequest('A room cannot go from one team to another.');
  await requireModerator({ ...scene, conversation: room, me });
  return moved(scene, room, conversation.id);
};

const removeRoom: Rule = async (scene) => {
  const { conversation } = scene;
  const room = await roomIn(scene);
  if (room.teamId !== conversation.id) throw notFound();
  await requireModerator(scene);
  return moved(scene, room, null);
};

const archive =
  (on: boolean): Rule =>
  async (scene) => {
    const { activity, conversation } = scene;
    requireGroup(scene);
    await requireModerator(scene);
    if (conversation.teamId === null) throw badRequest('Only teams and their rooms can be archived.');
    const was = conversation.tags.includes('ARCHIVED');
    const others = conversation.tags.filter((tag) => tag !== 'ARCHIVED');
    return {
      object: {
        objectType: activity.object.objectType === 'team' ? 'team' : 'conversation',
        id: conversation.id,
      },
      kept: was !== on,
      audience: was === on ? 'nobody' : 'members',
      change: { tags: on ? [...others, 'ARCHIVED'] : others },
    };
  };

export const teamRules: Readonly<Record<string, Rule>> = {
  remove: removeRoom,
  archive: archive(true),
  unarchive: archive(false),
};
