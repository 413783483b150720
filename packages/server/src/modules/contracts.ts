// How services talk to each other: these interfaces, never another's tables. Ids are bare uuids.
import type { ActivityVerb, WireActivity, WireConversation, WireObject, WireParent } from '@trunkline/wire';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../kernel/config.js';
import type { Store, UsersTable, Write } from '../kernel/store/index.js';

/** A person or bot, out of the table. */
export interface User
  extends
    Omit<UsersTable, 'roles' | 'password_hash' | 'given_name' | 'family_name'>,
    Partial<Pick<UsersTable, 'given_name' | 'family_name'>> {
  readonly roles: readonly string[];
}

/** Who asks: a good access token was shown. */
export interface Caller {
  readonly user: User;
  readonly scopes: ReadonlySet<string>;
  /** the client that got the token; null: none, as for those an administrator made */
  readonly clientId?: string | null;
  /** SHA-256 of the token, hex */
  readonly tokenHash: string;
  /** epoch ms */
  readonly expiresMs: number;
}

/** What a person wants to be called. */
export interface NewName {
  readonly displayName: string;
  /** left out, with the family name: taken from the display name */
  readonly givenName?: string | undefined;
  readonly familyName?: string | undefined;
}

export interface Identity {
  /** @throws ApiError 401 unless the request carries a good access token (with that scope: 403) */
  caller(request: FastifyRequest, scope?: string): Promise<Caller>;
  /** The same for a token met elsewhere (socket frame, KMS message); undefined when it is no good. */
  callerOfToken(accessToken: string): Promise<Caller | undefined>;
  userById(id: string): Promise<User | undefined>;
  usersByIds(ids: readonly string[]): Promise<ReadonlyMap<string, User>>;
  userByEmail(email: string): Promise<User | undefined>;
  /** A person gives themselves another name. */
  rename(userId: string, name: NewName): Promise<User>;
  /** People of one organisation whose email or display name contains the given text. */
  searchUsers(
    orgId: string,
    query: {
      readonly email?: string;
      readonly displayName?: string;
      /** ids; left out: everyone */
      readonly among?: readonly string[];
      readonly max: number;
      /** where the page before ended; they are ordered by name, then by id */
      readonly after?: { readonly displayName: string; readonly id: string };
    },
  ): Promise<readonly User[]>;
}

/** An event for the outbox: for a conversation's members, or for one person. */
export interface NewEvent {
  readonly conversationId?: string;
  readonly userId?: string;
  /** the frame's `data`, with its `eventType`; kept as JSON */
  readonly data: { readonly eventType: string; readonly [field: string]: unknown };
  /** The JSON text of the whole `data`, as `sealBase` makes it, from those who have it: `data` then only names the type. */
  readonly text?: string;
}

export interface Mercury {
  /**
   * Writes an event in the transaction of the fact it tells; sockets get it after COMMIT, redelivered until
   * acknowledged. Answers its position: members who join with it see events from that position on.
   */
  append(write: Write, event: NewEvent): Promise<number>;
  /** Not kept, not redelivered: for those who are connected now. False when that person's device was not. */
  sendToDevice(userId: string, deviceId: string, data: NewEvent['data']): boolean;
  sendToUsers(userIds: readonly string[], data: NewEvent['data']): void;
  /** Membership changed: forget what is cached about who is in the conversation. Call it in `afterCommit`. */
  membershipChanged(conversationId: string): void;
}

/** What is shown of somebody to people of their organisation; callers have checked that they are. */
export interface Availability {
  /** From memory: asking for many costs nothing. Ids of nobody are `unknown`. */
  availabilityOf(userId: string): {
    readonly status:
      'active' | 'calendarItem' | 'call' | 'dnd' | 'inactive' | 'meeting' | 'ooo' | 'presenting' | 'unknown';
    /** epoch ms */
    readonly lastActiveMs: number | undefined;
  };
}

/** A participant now in a conversation. */
export interface Participant {
  readonly userId: string;
  readonly isModerator: boolean;
  readonly tags: readonly string[];
  readonly joinedMs: number;
  readonly lastSeenActivityId: string | null;
  readonly lastSeenMs: number | null;
}

/** What mercury must know of memberships, answered by the conversation service. */
export interface Audience {
  /** ids of those who are in the conversation at `pos`; the tags they set for themselves, where they did */
  membersAt(conversationId: string, pos: number): Promise<ReadonlyMap<string, readonly string[]>>;
}

/** Key service, as other services on this machine use it. Callers have checked membership. */
export interface Kms {
  /** A new key bound to a new resource that these people may use. */
  createConversationKey(
    write: Write,
    creatorId: string,
    userIds: readonly string[],
  ): Promise<{ readonly keyUrl: string; readonly kroUrl: string }>;
  authorize(write: Write, kroUrl: string, userIds: readonly string[]): Promise<void>;
  revoke(write: Write, kroUrl: string, userId: string): Promise<void>;
  /** Text → compact JWE under the key (REST in clear arrives here and is stored as ciphertext). */
  encrypt(keyUrl: string, plaintext: string): Promise<string>;
  /** @throws when the key is gone or the text was altered */
  decrypt(keyUrl: string, jwe: string): Promise<string>;
  /**
   * A `kmsMessage` embedded in another service's request: unwrapped, checked against the caller, carried out within
   * `write`. Answers what it did (and the wrapped answer, which may be handed back).
   */
  embedded(
    write: Write,
    caller: Caller,
    jwe: string,
  ): Promise<{
    readonly keyUris: readonly string[];
    readonly kroUrl: string | undefined;
    readonly answer: string;
  }>;
}

/** What the conversation service must know of files, answered by the file service. All within the write under way. */
export interface FilePort {
  /** Whether a URL, with or without host, names a file of this service. */
  isOurs(url: string): boolean;
  /** Bytes of a file of ours that was uploaded to this conversation; undefined for everything else. */
  sizeOf(write: Write, url: string, conversationId: string): Promise<number | undefined>;
  /** This activity of the conversation shows these; files of other conversations and of elsewhere are left out. */
  show(write: Write, conversationId: string, activityId: string, urls: readonly string[]): Promise<void>;
  /** These activities of the conversation show nothing any more: its files that no other shows are removed after COMMIT. */
  drop(write: Write, conversationId: string, activityIds: readonly string[]): Promise<void>;
  /** No one can read the conversation any more: all its files are removed after COMMIT. */
  dropAll(write: Write, conversationId: string): Promise<void>;
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

/** The conversation service, as REST uses it. Everything checks that the caller may. */
export interface Conversations extends Audience {
  create(
    caller: Caller,
    options: {
      readonly memberIds: readonly string[];
      /** JWE under `keyUrl`, or plain text, which is then encrypted under a new key */
      readonly title?: string;
      readonly isDirect?: boolean;
      readonly tags?: readonly string[];
      readonly extra?: Readonly<Record<string, unknown>>;
      readonly keyUrl?: string;
      readonly kmsMessage?: string;
    },
  ): Promise<{ readonly id: string }>;
  /** Stores and announces; the same `clientTempId` of the same person again answers the stored one. */
  submit(caller: Caller, conversationId: string, activity: NewActivity): Promise<StoredActivity>;
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

/** Absolute URLs are made per answer, from `--public-url` or the Host header, and are never stored. */
export interface Urls {
  /** `http://host:port`, no trailing slash */
  readonly base: string;
  service(name: string): string;
  conversation(id: string): string;
  activity(id: string): string;
}

/** What every service is made from. */
export interface Context {
  readonly config: Config;
  readonly store: Store;
  readonly log: Logger;
  /** epoch ms */
  now(): number;
  /** epoch ms by time that really passed: what is removed for its age must be old by this one, too. Default: `now` */
  steady?(): number;
  /** Of this request's answer. */
  urls(request: FastifyRequest): Urls;
}

export type { WireActivity, WireConversation };
export type Routes = (app: FastifyInstance) => void;
