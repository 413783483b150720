import type { CallInit, List } from '@trunkline/core';
import type {
  ConversationPeer,
  ConversationTag,
  WireActivity,
  WireConversation,
  Words,
} from '@trunkline/wire';

/** An activity as it comes out of the engine: content is plain text. */
export interface ReadableActivity extends WireActivity {
  /**
   * Content was there and could not be read: altered, or its key is not for this user. The fields concerned are empty
   * texts; everything else (who, when, where) is right.
   */
  readonly decryptionFailed?: true;
}

/** A conversation as it comes out of the engine: `displayName` is plain text. */
export interface ReadableConversation extends WireConversation {
  /** The title was there and could not be read; `displayName` is empty then. */
  readonly titleEncrypted?: true;
}

export interface NewConversation {
  /** uuids; oneself is added */
  readonly participants: readonly string[];
  readonly title?: string;
  /** besides `ONE_ON_ONE`, which is set for two */
  readonly tags?: readonly ConversationTag[];
  /** Two people: a group nevertheless, and always a new one. */
  readonly forceGrouped?: boolean;
}

/** @source protocol/conversation.md §2 */
export interface ConversationQuery {
  readonly includeParticipants?: boolean;
  /** newest activities that come along, default 0 */
  readonly activitiesLimit?: number;
  readonly computeTitleIfEmpty?: boolean;
  readonly participantAckFilter?: 'all' | 'noack' | 'myack';
}
/** @source protocol/conversation.md §2 */
export interface ConversationListQuery {
  /** conversations with something new since, epoch ms */
  readonly sinceDate?: number;
  readonly conversationsLimit?: number;
  readonly activitiesLimit?: number;
  readonly participantsLimit?: number;
  readonly isActive?: boolean;
  readonly computeTitleIfEmpty?: boolean;
}
/** Dates are epoch ms. @source protocol/conversation.md §2 */
export interface ActivityQuery {
  readonly limit?: number;
  readonly maxDate?: number;
  readonly sinceDate?: number;
  readonly midDate?: number;
  /** `false`: the oldest of the range rather than the newest */
  readonly lastActivityFirst?: boolean;
  readonly includeChildren?: boolean;
}

export interface PostOptions {
  readonly parentId?: string;
  /** uuid of ours by which the service knows a repetition; made when left out */
  readonly clientTempId?: string;
}

/**
 * `client.conversation`: the conversation service, end-to-end encrypted. All ids are bare uuids. What comes out is
 * readable; `content` is HTML as its sender wrote it: **never put it into a page without sanitising it**.
 *
 * Every call may reject with `ERR_NO_ENCRYPTION` (needs `encryption` on the same client), what the key service says
 * (`ERR_KEY_DENIED`, `ERR_KMS_TIMEOUT`, …) and what requests say (`ERR_NOT_FOUND` also for who is no member, …).
 *
 * @source protocol/conversation.md
 */
export interface Conversation extends ConversationPeer {
  /** With one other person: the conversation the two have, or a new one. Otherwise a new group. */
  create(conversation: NewConversation, init?: CallInit): Promise<ReadableConversation>;
  get(conversationId: string, query?: ConversationQuery, init?: CallInit): Promise<ReadableConversation>;
  /** Fetched as it is read. A title that cannot be read is empty, with `titleEncrypted`. */
  list(query?: ConversationListQuery, init?: CallInit): List<ReadableConversation>;
  /** Oldest first. For the page before: `maxDate` = date of the oldest − 1. */
  listActivities(
    conversationId: string,
    query?: ActivityQuery,
    init?: CallInit,
  ): Promise<readonly ReadableActivity[]>;
  post(
    conversationId: string,
    words: Words,
    options?: PostOptions,
    init?: CallInit,
  ): Promise<ReadableActivity>;
  edit(conversationId: string, activityId: string, words: Words, init?: CallInit): Promise<ReadableActivity>;
  /** Takes a message back. */
  remove(conversationId: string, activityId: string, init?: CallInit): Promise<ReadableActivity>;
  acknowledge(conversationId: string, activityId: string, init?: CallInit): Promise<ReadableActivity>;
  /** Adds a person and gives them the keys. */
  add(conversationId: string, personId: string, init?: CallInit): Promise<ReadableActivity>;
  /** Removes a person, oneself when left out, and takes the keys away. */
  leave(conversationId: string, personId?: string, init?: CallInit): Promise<ReadableActivity>;
  assignModerator(conversationId: string, personId: string, init?: CallInit): Promise<ReadableActivity>;
  unassignModerator(conversationId: string, personId: string, init?: CallInit): Promise<ReadableActivity>;
  /** A new key for everything from now on. */
  updateKey(conversationId: string, init?: CallInit): Promise<ReadableActivity>;
  /**
   * Each activity once, readable, in order within its conversation. A promise is waited for before the next activity
   * of that conversation and before the service is told that it has arrived. It does not open the socket:
   * `client.connect()` does, and so does every call that needs a key. Returns the way off.
   */
  onActivity(listener: (activity: ReadableActivity) => void | Promise<void>): () => void;
}
