import type { CallInit, Host } from '@trunkline/core';
import { createLru } from '@trunkline/core/kit';
import type { ConversationTag, WireActivity, WireConversation } from '@trunkline/wire';

/** What is needed of a conversation to write into it. */
export interface ConversationInfo {
  readonly id: string;
  readonly url: string;
  readonly tags: readonly ConversationTag[];
  /** key of new activities */
  readonly keyUrl: string | undefined;
  /** the key service's resource, whose members may have the keys */
  readonly resourceUrl: string | undefined;
}

export interface ConversationCache {
  get(conversationId: string, init?: CallInit): Promise<ConversationInfo>;
  /** Asks the service again. */
  refresh(conversationId: string, init?: CallInit): Promise<ConversationInfo>;
  /** Takes what a conversation says of itself. */
  learn(conversation: WireConversation): ConversationInfo;
  /** Sees each activity, whether it was readable or not: a new key must be used by the next message. */
  see(activity: WireActivity): void;
}

const maxConversations = 5_000;

/** @source protocol/kms-and-encryption.md §8 */
export const conversationQuery = {
  uuidEntryFormat: true,
  personRefresh: true,
  activitiesLimit: 0,
  includeConvWithDeletedUserUUID: false,
  includeParticipants: false,
} as const;

export function createConversationCache(host: Host): ConversationCache {
  const conversations = createLru<ConversationInfo>(maxConversations);
  const asked = new Map<string, Promise<ConversationInfo>>();

  const keep = (head: ConversationInfo): ConversationInfo => {
    conversations.set(head.id, head);
    return head;
  };
  const learn = (conversation: WireConversation): ConversationInfo =>
    keep({
      id: conversation.id,
      url: conversation.url,
      tags: conversation.tags,
      keyUrl: conversation.defaultActivityEncryptionKeyUrl,
      resourceUrl: conversation.kmsResourceObjectUrl,
    });
  const refresh = async (conversationId: string, init?: CallInit): Promise<ConversationInfo> => {
    const known = conversations.get(conversationId);
    const { body } = await host.request<WireConversation>({
      ...init,
      ...(known
        ? { url: known.url }
        : { service: 'conversation', path: `conversations/${encodeURIComponent(conversationId)}` }),
      query: conversationQuery,
    });
    return learn(body);
  };

  return {
    learn,
    refresh,
    // a conversation without a key gets one sooner or later: what we know of it is not worth keeping
    get: async (conversationId, init) => {
      const head = conversations.get(conversationId);
      if (head?.keyUrl !== undefined && head.resourceUrl !== undefined) return head;
      // a caller with a signal asks for itself: it may give up, and the others have not
      if (init?.signal) return refresh(conversationId, init);
      let answer = asked.get(conversationId);
      if (!answer) {
        answer = refresh(conversationId).finally(() => asked.delete(conversationId));
        asked.set(conversationId, answer);
      }
      return answer;
    },
    see(activity) {
      if (activity.verb !== 'updateKey' || conversations.size === 0) return;
      const id = conversationOf(activity);
      const head = conversations.get(id);
      if (!head) return;
      const keyUrl = activity.object['defaultActivityEncryptionKeyUrl'];
      if (typeof keyUrl === 'string') keep({ ...head, keyUrl });
      else conversations.delete(id);
    },
  };
}

/** The conversation an activity belongs to: its target, or its object when it is about the conversation itself. */
export function conversationOf(activity: WireActivity): string {
  const { target, object } = activity;
  if (target !== undefined) return target.id;
  return object.objectType === 'conversation' ? (object.id ?? '') : '';
}
