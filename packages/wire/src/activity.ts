// The conversation service's objects, as they travel. @source protocol/conversation.md §1

export interface Items<T> {
  readonly items: readonly T[];
}

/** @source §1.2 */
export interface WirePerson {
  readonly id: string;
  readonly entryUUID: string;
  readonly objectType: 'person';
  readonly type?: 'PERSON' | 'ROOM' | 'LYRA_SPACE' | (string & {});
  readonly entryEmail?: string;
  readonly emailAddress?: string;
  readonly displayName?: string;
  readonly orgId?: string;
  readonly roomProperties?: {
    readonly isModerator?: boolean;
    readonly lastSeenActivityUUID?: string;
    /** ISO 8601 */
    readonly lastSeenActivityDate?: string;
  };
}

export type ConversationTag =
  'ONE_ON_ONE' | 'LOCKED' | 'HIDDEN' | 'MUTED' | 'FAVORITE' | 'ANNOUNCEMENT' | 'PUBLIC' | (string & {});

/** @source §1.1 */
export interface WireConversation {
  readonly id: string;
  readonly objectType: 'conversation';
  readonly url: string;
  /** ISO 8601 */
  readonly published?: string;
  /** JWE under `encryptionKeyUrl`, or plain text when there is no key */
  readonly displayName?: string;
  readonly computedTitle?: string;
  readonly tags: readonly ConversationTag[];
  readonly encryptionKeyUrl?: string;
  readonly defaultActivityEncryptionKeyUrl?: string;
  readonly kmsResourceObjectUrl?: string;
  readonly creatorUUID?: string;
  readonly participants?: Items<WirePerson>;
  readonly activities?: Items<WireActivity>;
  readonly lastReadableActivityDate?: string;
  readonly lastRelevantActivityDate?: string;
  readonly lastSeenActivityDate?: string;
  readonly avatar?: WireObject;
  /** key of the avatar's texts */
  readonly avatarEncryptionKeyUrl?: string;
}

/** Verbs that end in a public event, and the others that the service knows. @source §3, §6 */
export type ActivityVerb =
  | 'post'
  | 'share'
  | 'delete'
  | 'create'
  | 'add'
  | 'leave'
  | 'acknowledge'
  | 'assignModerator'
  | 'unassignModerator'
  | 'hide'
  | 'unhide'
  | 'update'
  | 'updateKey'
  | 'lock'
  | 'unlock'
  | 'mute'
  | 'unmute'
  | 'favorite'
  | 'unfavorite'
  | 'tag'
  | 'untag'
  | 'set'
  | 'unset'
  | 'assign'
  | 'unassign'
  | 'cardAction'
  | 'tombstone'
  | (string & {});

export interface WireFile {
  readonly objectType: 'file';
  /** JWE */
  readonly displayName?: string;
  /** bytes, of the plaintext */
  readonly fileSize?: number;
  readonly mimeType?: string;
  readonly url: string;
  /** JWE of the SCR */
  readonly scr?: string;
  readonly width?: number;
  readonly height?: number;
  /** a small picture of it; `scr` as above */
  readonly image?: {
    readonly url: string;
    readonly scr?: string;
    readonly width?: number;
    readonly height?: number;
  };
}

/** The object of an activity: a comment, files, a person, a conversation or another activity. */
export interface WireObject {
  readonly objectType: string;
  readonly id?: string;
  readonly url?: string;
  /** JWE, or plain text without a key */
  readonly displayName?: string;
  /** HTML; JWE, or plain text without a key */
  readonly content?: string;
  readonly mentions?: Items<{ readonly id: string; readonly objectType: 'person' }>;
  readonly groupMentions?: Items<{ readonly groupType: string; readonly objectType?: string }>;
  readonly files?: Items<WireFile>;
  readonly cards?: readonly string[];
  readonly contentCategory?: 'images' | 'videos' | 'documents' | (string & {});
  readonly tags?: readonly ConversationTag[];
  readonly participants?: Items<WirePerson>;
  readonly inputs?: string;
  readonly entryUUID?: string;
  readonly emailAddress?: string;
  readonly entryEmail?: string;
  readonly orgId?: string;
  readonly roomProperties?: NonNullable<WirePerson['roomProperties']>;
  readonly [other: string]: unknown;
}

export interface WireParent {
  readonly id: string;
  readonly type: 'reply' | 'edit' | 'reaction' | 'cardAction' | (string & {});
  readonly published?: string;
}

/** @source §1.3 */
export interface WireActivity {
  readonly id: string;
  readonly objectType: 'activity';
  readonly verb: ActivityVerb;
  readonly url: string;
  /** ISO 8601 */
  readonly published: string;
  readonly clientTempId?: string;
  readonly actor: WirePerson;
  readonly object: WireObject;
  readonly target?: WireObject & { readonly id: string; readonly url: string };
  readonly encryptionKeyUrl?: string;
  readonly parent?: WireParent;
  /** with `includeChildren=true` */
  readonly children?: readonly WireChild[];
}

/** What belongs to an activity, handed out with it: its newest edit, its newest replies, its reactions. @source §1.3, §2 */
export interface WireChild {
  readonly type: 'edit' | 'reply' | 'reactionSummary' | 'reactionSelfSummary' | (string & {});
  readonly parent: WireParent;
  /** ISO 8601 */
  readonly published: string;
  readonly activity: WireActivity;
}

/** One of `object.reactions` of a `reaction2Summary` or, for one's own, `reaction2SelfSummary`. */
export interface WireReaction {
  /** JWE under the `encryptionKeyUrl` of the activity it stands in */
  readonly displayName: string;
  /** the same for the same reaction to the same message. @source protocol/kms-and-encryption.md §8.1 */
  readonly hmac: string;
  /** how many people; in the summary of all */
  readonly count?: number;
  /** the `add` activity to delete to take it back; in the summary of one's own */
  readonly reactionId?: string;
}

/** One of the items of `GET /threads`. @source §2 */
export interface WireThread {
  readonly childType: 'reply' | (string & {});
  /** who wrote the parent */
  readonly actorId: string;
  readonly parentActivityId: string;
  readonly conversationId: string;
  /** oldest first */
  readonly childActivities: readonly WireActivity[];
}

/** `conversation.activity` on the socket. */
export interface ActivityEventData {
  readonly eventType: 'conversation.activity';
  readonly activity: WireActivity;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** `encryption.kms_message` on the socket. @source protocol/kms-and-encryption.md §3.2 */
export interface KmsEventData {
  readonly eventType: 'encryption.kms_message';
  readonly encryption: { readonly kmsMessages: readonly string[] };
}

/** Someone writes, or has stopped; not kept, not delivered again. @source protocol/conversation.md §3 */
export interface TypingEventData {
  readonly eventType: 'status.start_typing' | 'status.stop_typing';
  /** uuid */
  readonly conversationId: string;
  readonly actor: WirePerson;
}
