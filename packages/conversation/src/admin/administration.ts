import { sdkError, type CallInit } from '@trunkline/core';
import type { ActivityVerb } from '@trunkline/wire';
import type { Context } from '../engine/context.js';
import type { DraftObject } from '../engine/encrypt-object.js';
import type { Conversation, ReadableActivity, Uploads } from '../types.js';

const maxAvatarBytes = 1_048_576;
/** Verbs about a conversation as a whole, which say nothing but themselves. */
const plainVerbs = ['mute', 'unmute', 'favorite', 'unfavorite', 'hide', 'unhide', 'lock', 'unlock'] as const;
type PlainVerb = (typeof plainVerbs)[number];

type Administration = Pick<
  Conversation,
  | PlainVerb
  | 'add'
  | 'leave'
  | 'assignModerator'
  | 'unassignModerator'
  | 'updateKey'
  | 'update'
  | 'tag'
  | 'untag'
  | 'setSpaceProperty'
  | 'unsetSpaceProperty'
  | 'assignAvatar'
  | 'unassignAvatar'
  | 'cardAction'
>;

/** Members, moderators, tags, keys, title and picture of a conversation, and card actions. @source protocol/conversation.md §3 */
export function administration(
  { host, conversations, submitter }: Context,
  uploads: Uploads,
): Administration {
  const { submit } = submitter;
  const person = (id: string): DraftObject => ({ objectType: 'person', id });
  const itself = (id: string, more: object = {}): DraftObject => ({
    objectType: 'conversation',
    id,
    ...more,
  });
  const about =
    (verb: ActivityVerb, object: (id: string) => DraftObject) =>
    (conversationId: string, id: string, init?: CallInit): Promise<ReadableActivity> =>
      submit(conversationId, { verb, object: object(id) }, init);
  const tagged =
    (verb: 'tag' | 'untag') =>
    (conversationId: string, tags: readonly string[], init?: CallInit): Promise<ReadableActivity> =>
      submit(conversationId, { verb, object: itself(conversationId, { tags }) }, init);
  const property = (tag: string): DraftObject => ({ objectType: 'spaceProperty', tags: [tag] });
  const avatar = (items: readonly object[]): DraftObject => ({ objectType: 'content', files: { items } });

  async function leave(
    conversationId: string,
    personId?: string,
    init?: CallInit,
  ): Promise<ReadableActivity> {
    const { userId } = await host.connect(init);
    const id = personId ?? userId;
    // asked again: an unknown newer key would be mistaken for one that was made because someone left
    const { keyUrl } = id === userId ? {} : await conversations.refresh(conversationId, init);
    const left = await submit(
      conversationId,
      {
        verb: 'leave',
        object: person(id),
        kmsMessage: (resourceUri) => ({
          method: 'delete',
          uri: `${resourceUri}/authorizations?authId=${encodeURIComponent(id)}`,
        }),
      },
      init,
    );
    if (keyUrl !== undefined)
      try {
        await submitter.updateKey(conversationId, init, { unlessOtherThan: keyUrl });
      } catch (error) {
        // they are out, and the caller must not take them out once more
        host.report(error, 'changing the key of a conversation that someone left');
      }
    return left;
  }

  return {
    ...(Object.fromEntries(
      plainVerbs.map((verb) => [
        verb,
        (conversationId: string, init?: CallInit) =>
          submit(conversationId, { verb, object: itself(conversationId) }, init),
      ]),
    ) as Pick<Conversation, PlainVerb>),
    assignModerator: about('assignModerator', person),
    unassignModerator: about('unassignModerator', person),
    setSpaceProperty: about('set', property),
    unsetSpaceProperty: about('unset', property),
    tag: tagged('tag'),
    untag: tagged('untag'),
    add: (conversationId, personId, init) =>
      submit(
        conversationId,
        {
          verb: 'add',
          object: person(personId),
          kmsMessage: (resourceUri) => ({
            method: 'create',
            uri: '/authorizations',
            resourceUri,
            userIds: [personId],
          }),
        },
        init,
      ),
    leave,
    async updateKey(conversationId, { keyUri, ...init } = {}) {
      const updated = await submitter.updateKey(conversationId, init, { keyUri });
      if (updated) return updated;
      throw sdkError('ERR_CONFLICT', 'the key was changed by someone else meanwhile');
    },
    update: (conversationId, { title }, init) =>
      submit(
        conversationId,
        { verb: 'update', object: itself(conversationId, { displayName: title }) },
        init,
      ),
    async assignAvatar(conversationId, image, init) {
      const bytes = image.data instanceof Blob ? image.data.size : image.data.byteLength;
      if (bytes >= maxAvatarBytes)
        throw sdkError('ERR_ARGUMENT', 'the picture of a conversation has less than 1 MiB');
      const file = await uploads.upload(conversationId, image, { role: 'spaceAvatar' }, init);
      return submit(conversationId, { verb: 'assign', object: avatar([file]) }, init);
    },
    unassignAvatar: (conversationId, init) =>
      submit(conversationId, { verb: 'unassign', object: avatar([]) }, init),
    cardAction: (conversationId, activityId, inputs, init) =>
      submit(
        conversationId,
        {
          verb: 'cardAction',
          object: { objectType: 'submit', inputs: JSON.stringify(inputs) },
          parent: { id: activityId, type: 'cardAction' },
        },
        init,
      ),
  };
}
