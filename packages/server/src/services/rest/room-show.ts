import { encodeId, type Room } from '@trunkline/wire';
import type { Caller } from '../contracts.js';
import type { ConversationRecord } from '../conversation/index.js';
import { text } from '../untrusted.js';
import { iso, otherOf, personId, readable, roomId, roomTypeOf, teamId, type Rest } from './tools.js';

/** A room as REST tells it. @source protocol/hydra-rest.md §2 */
export async function showRoom(rest: Rest, caller: Caller, conversation: ConversationRecord): Promise<Room> {
  const type = roomTypeOf(conversation);
  const { extra, publicMs, tags, title: ciphertext } = conversation;
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
    ...(conversation.teamId === null ? {} : { teamId: teamId(conversation.teamId) }),
    lastActivity: iso(conversation.lastActivityMs),
    creatorId: personId(conversation.creatorId),
    created: iso(conversation.createdMs),
    ownerId: encodeId('ORGANIZATION', conversation.orgId),
    isAnnouncementOnly: tags.includes('ANNOUNCEMENT'),
    isReadOnly: tags.includes('READ_ONLY'),
    isPublic: publicMs !== null,
    ...(publicMs === null ? {} : { madePublic: iso(publicMs) }),
    ...(description === undefined ? {} : { description }),
  };
}
