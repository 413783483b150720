// What follows when a member leaves or stops being a moderator: no conversation may become unmanageable.
import type { NewActivity } from './api.js';
import type { Decision } from './rule.js';
import {
  changeParticipant,
  type ConversationRecord,
  hasModerator,
  participantsOf,
  type Tx,
} from './store.js';
import { isGeneral } from './team-rooms.js';

/** Tags without the lock, and without what only a locked conversation may be. */
export const unlocked = ({ tags }: Pick<ConversationRecord, 'tags'>): readonly string[] =>
  tags.filter((tag) => tag !== 'LOCKED' && tag !== 'ANNOUNCEMENT');

/** Whether anyone could read it again after its last member left: a public room can be joined, a team's room by the team. */
export const canBeJoined = (conversation: ConversationRecord): boolean =>
  conversation.publicMs !== null || (conversation.teamId !== null && !isGeneral(conversation));

/**
 * A locked conversation without a moderator is unlocked. The general room of a team stays locked, because its moderators
 * are the team's: there the member who has been in it longest becomes the moderator. Undefined when nothing is to be done.
 */
export async function succession(
  tx: Tx,
  conversation: ConversationRecord,
): Promise<{ readonly verb: NewActivity['verb']; readonly decision: Decision } | undefined> {
  if (!conversation.tags.includes('LOCKED') || (await hasModerator(tx, conversation.id))) return undefined;
  if (!isGeneral(conversation))
    return {
      verb: 'unlock',
      decision: {
        object: { objectType: 'conversation', id: conversation.id },
        kept: true,
        audience: 'members',
        change: { tags: unlocked(conversation) },
      },
    };
  const [heir] = await participantsOf(tx, conversation.id);
  if (heir === undefined) return undefined;
  await changeParticipant(tx, conversation.id, heir.userId, { is_moderator: 1 });
  return {
    verb: 'assignModerator',
    decision: {
      object: { objectType: 'person', id: heir.userId, roomProperties: { isModerator: true } },
      kept: true,
      audience: 'members',
    },
  };
}
