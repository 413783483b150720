import type { CallInit } from '@trunkline/core';
import type { ActivityContent } from '@trunkline/wire';
import type { Context } from './context.js';
import type { DraftObject } from './encrypt-object.js';
import type { Conversation, ReadableActivity } from '../types.js';

/** Messages and read receipts. @source protocol/conversation.md §3 */
export function posting({
  submitter,
}: Context): Pick<Conversation, 'post' | 'edit' | 'remove' | 'acknowledge'> {
  const { submit, submitInOrder } = submitter;
  const about =
    (verb: 'delete' | 'acknowledge') =>
    (conversationId: string, id: string, init?: CallInit): Promise<ReadableActivity> =>
      submit(conversationId, { verb, object: { objectType: 'activity', id } }, init);
  return {
    post: (conversationId, content, { parentId, clientTempId } = {}, init) =>
      submitInOrder(
        conversationId,
        {
          verb: 'post',
          object: comment(content),
          ...(parentId !== undefined && { parent: { id: parentId, type: 'reply' } }),
          ...(clientTempId !== undefined && { clientTempId }),
        },
        init,
      ),
    edit: (conversationId, activityId, content, init) =>
      submitInOrder(
        conversationId,
        {
          verb: 'post',
          // no cards at all takes them away, what is not named is kept
          object: { ...comment(content), ...(content.cards && { cards: content.cards }) },
          parent: { id: activityId, type: 'edit' },
        },
        init,
      ),
    remove: about('delete'),
    acknowledge: about('acknowledge'),
  };
}

/** @source protocol/conversation.md §3 */
export const comment = ({
  text,
  html,
  mentionedPeople,
  mentionsAll,
  cards,
}: Partial<ActivityContent>): DraftObject => ({
  objectType: 'comment',
  ...(text !== undefined && { displayName: text }),
  ...(html !== undefined && { content: html }),
  ...(mentionedPeople?.length && {
    mentions: { items: mentionedPeople.map((id) => ({ id, objectType: 'person' })) },
  }),
  ...(mentionsAll === true && {
    groupMentions: { items: [{ objectType: 'groupMention', groupType: 'all' }] },
  }),
  ...(cards?.length && { cards }),
});
