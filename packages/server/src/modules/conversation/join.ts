import { ApiError, notFound } from '../../kernel/http/errors.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Caller } from '../identity/api.js';
import type { Kms } from '../kms/api.js';
import { type ConversationRecord, findConversation, findParticipant, insertParticipants } from './store.js';
import type { Submitter } from './submit.js';
import { isOpenToTeam } from './team-rooms.js';

/** Whether a user who is not in it may know of it: a public room, to people of its organisation who are not guests. */
export const isOpenTo = (
  { orgId, publicMs }: Pick<ConversationRecord, 'orgId' | 'publicMs'>,
  { user }: Pick<Caller, 'user'>,
): boolean => publicMs !== null && orgId === user.org_id && !user.roles.includes('guest');

/**
 * Coming into a room by oneself: into a public one or, with `teamId`, into one that is open to a team of one's own. No one
 * who is in it has to do anything.
 */
export function createJoin(kernel: Kernel, kms: Kms, { concludeLeaves, record }: Submitter) {
  return (caller: Caller, conversationId: string, teamId?: string): Promise<void> =>
    kernel.store.write(async (write) => {
      const { user } = caller;
      const conversation = await findConversation(write.tx, conversationId);
      const isIn = (await findParticipant(write.tx, conversationId, user.id)) !== undefined;
      const isTeams =
        teamId !== undefined &&
        conversation?.teamId === teamId &&
        isOpenToTeam(conversation) &&
        (await findParticipant(write.tx, teamId, user.id)) !== undefined;
      if (conversation === undefined || (!isIn && !isTeams && !isOpenTo(conversation, caller)))
        throw notFound();
      if (isIn) throw new ApiError(409, 'User is already a participant');
      await kms.authorize(write, conversation.kroUrl, [user.id]);
      await record(
        write,
        caller,
        conversation,
        {
          object: { objectType: 'person', id: user.id, roomProperties: { isModerator: false } },
          kept: true,
          audience: 'members',
          afterEvent: (pos) =>
            insertParticipants(write.tx, conversation.id, [{ userId: user.id }], { pos, ms: kernel.now() }),
        },
        { verb: 'add' },
      );
      // when everybody had left, no one was there to get a new key
      await concludeLeaves(write, caller, conversation.id);
    });
}
