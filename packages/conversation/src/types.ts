import type { CallInit, List, UploadInit } from '@trunkline/core';
import type {
  ConversationPeer,
  ConversationTag,
  WireActivity,
  WireConversation,
  ActivityContent,
} from '@trunkline/wire';

import type { ConversationFiles } from './files/types.js';

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
  /** Two people: refused with `ERR_CONFLICT` when they have a conversation; without it, that one is returned. */
  readonly onlyNew?: boolean;
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
  /** `true`: pages of `conversationsLimit`, fetched as they are read; otherwise there is one */
  readonly paginate?: boolean;
  /** the short form of conversations */
  readonly summary?: boolean;
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

/** How messages are listed by who or what they belong to. Dates are epoch ms. @source protocol/conversation.md §2 */
export interface RelatedQuery {
  readonly limit?: number;
  readonly maxDate?: number;
  readonly sinceDate?: number;
}

/** The newest words below one message. @source protocol/conversation.md §2 */
export interface ActivityThread {
  readonly childType: 'reply' | (string & {});
  readonly actorId: string;
  readonly parentActivityId: string;
  readonly childActivities: readonly ReadableActivity[];
}

/** Ids of what has children: replies, edits, reactions. @source protocol/conversation.md §2 */
export interface Parents {
  readonly reply: readonly string[];
  readonly edit: readonly string[];
  readonly reaction: readonly string[];
}

/** One reaction to one message, of all people. */
export interface Reaction {
  /** such as `celebrate`; empty when it cannot be read */
  readonly name: string;
  readonly count: number;
  /** One's own, for `removeReaction`; missing when one has not reacted so. */
  readonly mine?: string;
}

/** A message as a reader sees it: newest words, replies and reactions. */
export interface ThreadedMessage {
  /** as it was posted, with the words of its latest edit; id and date stay those of the message */
  readonly activity: ReadableActivity;
  /** when its words were changed, ISO 8601 */
  readonly edited?: string;
  /** id of the latest edit */
  readonly editId?: string;
  readonly reactions: readonly Reaction[];
  /** oldest first; replies have none themselves */
  readonly replies: readonly ThreadedMessage[];
}

export interface ThreadedQuery {
  /** messages and replies of one page, 1 to 100, default 20; a page may bring more where threads are long */
  readonly limit?: number;
  /** Begins before this date (epoch ms), … */
  readonly before?: number;
  /** … after it, … */
  readonly after?: number;
  /** … or around this activity: a message, a reply or an edit. */
  readonly around?: string;
}

export interface ThreadedPage {
  /** oldest first; a message keeps the position at which it was posted, with all its replies, even newer ones */
  readonly items: readonly ThreadedMessage[];
  readonly hasOlder: boolean;
  /** whether there is more towards now; always false on a page that began at the newest */
  readonly hasNewer: boolean;
  /** The page before this one. @throws {SdkError} `ERR_ARGUMENT` when `hasOlder` is false */
  older(init?: CallInit): Promise<ThreadedPage>;
  /** The page after this one; empty when nothing is new. */
  newer(init?: CallInit): Promise<ThreadedPage>;
}

/** Messages by thread. Iterating goes from the newest root to the oldest. */
export interface ThreadedList extends AsyncIterable<ThreadedMessage> {
  /** Returns the first page: the newest messages, or those around the given date or activity. */
  page(): Promise<ThreadedPage>;
}

/** Someone began to write, or stopped. Not stored: clients that were offline do not receive it. */
export interface Typing {
  readonly conversationId: string;
  /** uuid */
  readonly personId: string;
  readonly displayName: string | undefined;
  readonly isTyping: boolean;
}

/** A file as the app has it. */
export interface UploadFile {
  readonly data: Blob | Uint8Array;
  readonly name?: string;
  readonly type?: string;
}

/** What the engine needs for uploading files. */
export interface Uploads {
  /** Encrypts and uploads; answers the file as it goes into an activity, its secrets still to be wrapped. */
  upload(
    conversationId: string,
    file: UploadFile,
    options: { readonly role?: 'spaceAvatar' },
    init?: UploadInit,
  ): Promise<{ readonly objectType: 'file'; readonly [field: string]: unknown }>;
}

/**
 * `client.conversation`: the conversation service, end-to-end encrypted. All ids are bare uuids. What comes out is
 * readable, and `content` is HTML that can be put into a page: structure, links and mentions, nothing that runs or loads.
 *
 * Every call may reject with `ERR_NO_ENCRYPTION` (needs `encryption` on the same client), what the key service says
 * (`ERR_KEY_DENIED`, `ERR_KMS_TIMEOUT`, …) and what requests say (`ERR_NOT_FOUND` also for who is not a member, …).
 *
 * @source protocol/conversation.md
 */
export interface Conversation extends ConversationPeer, ConversationFiles {
  /** With one other person: the conversation the two have, or a new one. Otherwise a new group. */
  create(conversation: NewConversation, init?: CallInit): Promise<ReadableConversation>;
  /** Returns one conversation with its title decrypted. */
  get(conversationId: string, query?: ConversationQuery, init?: CallInit): Promise<ReadableConversation>;
  /** Fetched as it is read. A title that cannot be read is empty, with `titleEncrypted`. */
  list(query?: ConversationListQuery, init?: CallInit): List<ReadableConversation>;
  /** The conversation with this one person. @throws {SdkError} `ERR_NOT_FOUND` when there is none */
  getByUser(personId: string, query?: ConversationQuery, init?: CallInit): Promise<ReadableConversation>;
  /** Those one has left or was removed from. */
  listLeft(query?: ConversationListQuery, init?: CallInit): List<ReadableConversation>;
  /** Messages that mention oneself, newest first. */
  listMentions(query?: RelatedQuery, init?: CallInit): List<ReadableActivity>;
  /** Threads one takes part in. */
  listThreads(query?: RelatedQuery, init?: CallInit): List<ActivityThread>;
  /**
   * Several activities at once, in the order asked for, by their URLs or uuids; what is not there or not for us is
   * left out. Up to 100 go with one request.
   */
  activities(urlsOrIds: readonly string[], init?: CallInit): Promise<readonly ReadableActivity[]>;
  /** Which messages have children that are newer than `sinceDate`. */
  parents(
    conversationId: string,
    query?: { readonly activityType?: 'reply' | 'edit' | 'reaction'; readonly sinceDate?: number },
    init?: CallInit,
  ): Promise<Parents>;
  /** Replies to a message, or its edits; oldest first. */
  children(
    conversationId: string,
    activityId: string,
    type: 'reply' | 'edit',
    init?: CallInit,
  ): List<ReadableActivity>;
  /** Messages with their replies, newest words and reactions. @source protocol/conversation.md §2.1 */
  listThreaded(conversationId: string, query?: ThreadedQuery, init?: CallInit): ThreadedList;
  /** Oldest first. For the page before: `maxDate` = date of the oldest − 1. */
  listActivities(
    conversationId: string,
    query?: ActivityQuery,
    init?: CallInit,
  ): Promise<readonly ReadableActivity[]>;
  /** Sends a message, encrypted under the key of the conversation. */
  post(
    conversationId: string,
    words: ActivityContent,
    options?: PostOptions,
    init?: CallInit,
  ): Promise<ReadableActivity>;
  /** Replaces the content of a message. */
  edit(
    conversationId: string,
    activityId: string,
    words: Partial<ActivityContent>,
    init?: CallInit,
  ): Promise<ReadableActivity>;
  /** Takes a message back. */
  remove(conversationId: string, activityId: string, init?: CallInit): Promise<ReadableActivity>;
  /** Marks everything up to this activity as read. */
  acknowledge(conversationId: string, activityId: string, init?: CallInit): Promise<ReadableActivity>;
  /** Adds a person and gives them the keys. */
  add(conversationId: string, personId: string, init?: CallInit): Promise<ReadableActivity>;
  /**
   * Removes a person, oneself when left out, and takes the keys away. What is written from then on is under a key that
   * they never had: the service sees to that, or, where it does not, this call.
   */
  leave(conversationId: string, personId?: string, init?: CallInit): Promise<ReadableActivity>;
  /** New words for the title. */
  update(
    conversationId: string,
    changes: { readonly title: string },
    init?: CallInit,
  ): Promise<ReadableActivity>;
  /**
   * Reacts to a message: `celebrate`, `heart`, `thumbsup`, … The service counts reactions without reading them.
   *
   * @throws {SdkError} `ERR_CONFLICT` when one has reacted so already
   * @source protocol/kms-and-encryption.md §8.1
   */
  addReaction(
    conversationId: string,
    activityId: string,
    name: string,
    init?: CallInit,
  ): Promise<ReadableActivity>;
  /** Removes a reaction of one's own. @param reactionId `mine` of a {@link Reaction}, or the id of what `addReaction` answered */
  removeReaction(conversationId: string, reactionId: string, init?: CallInit): Promise<ReadableActivity>;
  /** All reactions to a message, counted. */
  reactions(conversationId: string, activityId: string, init?: CallInit): Promise<readonly Reaction[]>;
  /** Says that one is writing, again every few seconds while it lasts, and that one has stopped. */
  typing(conversationId: string, isTyping: boolean, init?: CallInit): Promise<void>;
  /** Who begins to write and who stops; a beginning that is not renewed ends by itself after 15 s. Returns an unsubscribe function. */
  onTyping(listener: (typing: Typing) => void): () => void;
  /** `MENTION_NOTIFICATIONS_OFF`, `MESSAGE_NOTIFICATIONS_ON`, `IGNORED`, … for oneself. */
  tag(conversationId: string, tags: readonly ConversationTag[], init?: CallInit): Promise<ReadableActivity>;
  /** Removes tags that the signed-in user has set for themselves. */
  untag(conversationId: string, tags: readonly ConversationTag[], init?: CallInit): Promise<ReadableActivity>;
  /** Turns notifications off, for the signed-in user. */
  mute(conversationId: string, init?: CallInit): Promise<ReadableActivity>;
  /** Turns notifications on again. */
  unmute(conversationId: string, init?: CallInit): Promise<ReadableActivity>;
  /** Marks the conversation as a favorite of the signed-in user. */
  favorite(conversationId: string, init?: CallInit): Promise<ReadableActivity>;
  /** Removes the favorite mark. */
  unfavorite(conversationId: string, init?: CallInit): Promise<ReadableActivity>;
  /** Out of one's lists until something new comes. */
  hide(conversationId: string, init?: CallInit): Promise<ReadableActivity>;
  /** Shows a hidden direct conversation again. */
  unhide(conversationId: string, init?: CallInit): Promise<ReadableActivity>;
  /** Only moderators may change it. */
  lock(conversationId: string, init?: CallInit): Promise<ReadableActivity>;
  /** Lets every member change title, members and settings again. */
  unlock(conversationId: string, init?: CallInit): Promise<ReadableActivity>;
  /** Such as `ANNOUNCEMENT`: only moderators may write. */
  setSpaceProperty(conversationId: string, tag: string, init?: CallInit): Promise<ReadableActivity>;
  /** Removes a property of the space. */
  unsetSpaceProperty(conversationId: string, tag: string, init?: CallInit): Promise<ReadableActivity>;
  /** Sets the picture of the conversation. @throws {SdkError} `ERR_ARGUMENT` for 1 MiB and more */
  assignAvatar(conversationId: string, image: UploadFile, init?: UploadInit): Promise<ReadableActivity>;
  /** Removes the picture of the conversation. */
  unassignAvatar(conversationId: string, init?: CallInit): Promise<ReadableActivity>;
  /** Submits a card of this message; the inputs leave as ciphertext. */
  cardAction(
    conversationId: string,
    activityId: string,
    inputs: Readonly<Record<string, unknown>>,
    init?: CallInit,
  ): Promise<ReadableActivity>;
  /** Makes a member a moderator. */
  assignModerator(conversationId: string, personId: string, init?: CallInit): Promise<ReadableActivity>;
  /** Takes the moderator role from a member. */
  unassignModerator(conversationId: string, personId: string, init?: CallInit): Promise<ReadableActivity>;
  /**
   * A new key for everything from now on.
   *
   * @param init.keyUri this key, which the caller made with `encryption.createKeys` and which is bound to nothing yet
   */
  updateKey(
    conversationId: string,
    init?: CallInit & { readonly keyUri?: string },
  ): Promise<ReadableActivity>;
  /**
   * Each activity once, readable, in order within its conversation. A promise is waited for before the next activity
   * of that conversation and before the service is notified that it has arrived. It does not open the socket:
   * `client.connect()` does, and so does every call that needs a key. Returns an unsubscribe function.
   */
  onActivity(listener: (activity: ReadableActivity) => void | Promise<void>): () => void;
}
