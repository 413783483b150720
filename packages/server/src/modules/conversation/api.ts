import type { ActivityVerb, WireObject, WireParent } from '@trunkline/wire';
import type { Caller } from '../identity/api.js';
import type { ConversationReads } from './reads.js';

export { byTime } from './activity-store.js';
export { isOpenTo } from './join.js';
export type { ConversationReads } from './reads.js';
export { peopleIn, wireActivity } from './shapes.js';
export type { ConversationRecord } from './store.js';
export { byTeam, isGeneral } from './team-rooms.js';
export { isGuest, visiblePeople } from './visible-people.js';

/** A participant now in a conversation. */
export interface Participant {
  readonly userId: string;
  readonly isModerator: boolean;
  readonly tags: readonly string[];
  readonly joinedMs: number;
  readonly lastSeenActivityId: string | null;
  readonly lastSeenMs: number | null;
}

/** An activity as a client submits it, or REST on its behalf. */
export interface NewActivity {
  readonly verb: ActivityVerb;
  readonly object: WireObject;
  readonly parent?: Pick<WireParent, 'id' | 'type'>;
  readonly clientTempId?: string;
  /** key of the object's ciphertext */
  readonly encryptionKeyUrl?: string;
  readonly kmsMessage?: string;
}

/** An activity as it is kept: content is ciphertext under `keyUrl`. */
export interface StoredActivity {
  readonly id: string;
  readonly conversationId: string;
  readonly seq: number;
  readonly verb: ActivityVerb;
  readonly actorId: string;
  readonly publishedMs: number;
  readonly parent: WireParent | undefined;
  readonly clientTempId: string | null;
  readonly keyUrl: string | null;
  readonly object: WireObject;
  readonly deletedMs: number | null;
}

export interface CreateOptions {
  readonly memberIds: readonly string[];
  /** JWE under `keyUrl`, or plain text, which is then encrypted under a new key */
  readonly title?: string;
  readonly isDirect?: boolean;
  readonly tags?: readonly string[];
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly keyUrl?: string;
  readonly kmsMessage?: string;
  /** what happens in it right away */
  readonly first?: readonly NewActivity[];
  /** the team it belongs to; `itself`: the general room of a new team, which has the same id */
  readonly team?: string;
  readonly isPublic?: boolean;
  /** of two people who have a conversation already: refused with 409, instead of returning that one */
  readonly onlyNew?: boolean;
}

/** Conversations. Every method checks that the caller may do what it does. */
export interface Conversations {
  create(caller: Caller, options: CreateOptions): Promise<{ readonly id: string }>;
  /** Stores and announces; the same `clientTempId` of the same person again answers the stored one. */
  submit(caller: Caller, conversationId: string, activity: NewActivity): Promise<StoredActivity>;

  readonly reads: ConversationReads;
  /** Into a public room of one's organisation. @throws ApiError 404 where it is none, 409 when in already */
  join(caller: Caller, conversationId: string): Promise<void>;
  /** Several in one write: all of them, or none. */
  submitAll(
    caller: Caller,
    conversationId: string,
    activities: readonly NewActivity[],
  ): Promise<readonly StoredActivity[]>;
}

declare module '../../kernel/module.js' {
  interface Modules {
    readonly conversation: Conversations;
  }
}
