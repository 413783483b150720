import { isSdkError, sdkError, type CallInit } from '@trunkline/core';
import type { WireConversation } from '@trunkline/wire';
import type { Context } from '../engine/context.js';
import { conversationQuery } from '../engine/conversation-cache.js';
import { newKey, unknownSession } from '../engine/submitter.js';
import type { Conversation, NewConversation, ReadableConversation } from '../types.js';

/** New conversations, and the one that two people have. @source protocol/conversation.md §3.1 */
export function creating(context: Context): Pick<Conversation, 'create' | 'direct' | 'getByUser'> {
  const { host, encryption } = context;

  async function create(wanted: NewConversation, init?: CallInit): Promise<ReadableConversation> {
    const { userId } = await host.connect(init);
    const others = [...new Set(wanted.participants)].filter((id) => id !== userId);
    const [other] = others;
    const isDirect = others.length === 1 && wanted.forceGrouped !== true;
    if (isDirect && other !== undefined && wanted.onlyNew !== true)
      try {
        return await getByUser(other, { includeParticipants: true }, init);
      } catch (error) {
        if (!isSdkError(error) || error.status !== 404) throw error;
      }
    try {
      return await createNew(userId, others, wanted, isDirect, init);
    } catch (error) {
      if (!isSdkError(error)) throw error;
      // the other person, or another device of this one, created it in between
      if (isDirect && other !== undefined && error.status === 409 && wanted.onlyNew !== true)
        return getByUser(other, { includeParticipants: true }, init);
      if (error.errorCode !== unknownSession) throw error;
      await encryption().ping?.(init);
      return createNew(userId, others, wanted, isDirect, init);
    }
  }

  async function createNew(
    userId: string,
    others: readonly string[],
    wanted: NewConversation,
    isDirect: boolean,
    init?: CallInit,
  ): Promise<ReadableConversation> {
    const userIds = [userId, ...others];
    const key = await newKey(encryption(), init);
    const kmsMessage = await encryption().wrap(
      { method: 'create', uri: '/resources', userIds, keyUris: [key.uri] },
      init,
    );
    const tags = [...(isDirect ? ['ONE_ON_ONE'] : []), ...(wanted.tags ?? [])];
    const actor = { objectType: 'person', id: userId, entryUUID: userId };
    const { title } = wanted;
    const { body } = await host.request<WireConversation>({
      ...init,
      method: 'POST',
      service: 'conversation',
      path: 'conversations',
      body: {
        objectType: 'conversation',
        ...(title !== undefined && { displayName: await encryption().encryptText(key.uri, title, init) }),
        ...(tags.length > 0 && { tags }),
        activities: {
          items: [
            { objectType: 'activity', verb: 'create', actor },
            ...userIds.map((id) => ({
              objectType: 'activity',
              verb: 'add',
              actor,
              object: { objectType: 'person', id },
            })),
          ],
        },
        encryptionKeyUrl: key.uri,
        defaultActivityEncryptionKeyUrl: key.uri,
        kmsMessage,
      },
    });
    return context.readConversation(body);
  }

  const getByUser: Conversation['getByUser'] = async (personId, query = {}, init) =>
    context.readConversation(
      await context.get<WireConversation>(
        `conversations/user/${encodeURIComponent(personId)}`,
        { ...conversationQuery, includeConvWithDeletedUserUUID: true, ...query },
        init,
      ),
    );

  return {
    create,
    getByUser,
    async direct(personId, init) {
      const { userId } = await host.connect(init);
      if (personId === userId)
        throw sdkError('ERR_ARGUMENT', 'a room for two needs someone other than the signed-in person');
      return (await create({ participants: [personId] }, init)).id;
    },
  };
}
