import type { CallInit, List } from '@trunkline/core';
import type { EventSource } from '@trunkline/core/kit';
import type { Acted, Room, RoomEvent, RoomType, WireConversation } from '@trunkline/wire';

export type { Acted, Room, RoomEvent, RoomType } from '@trunkline/wire';

/** @source protocol/hydra-rest.md §2 */
export interface RoomCreate {
  readonly title: string;
  readonly teamId?: string;
  readonly classificationId?: string;
  readonly isLocked?: boolean;
  /** anybody in the organisation may join; needs a `description` */
  readonly isPublic?: boolean;
  readonly description?: string;
  /** only moderators write; needs `isLocked` */
  readonly isAnnouncementOnly?: boolean;
}

/** What a room is changed to; the service wants the title each time. A fetched {@link Room} fits. */
export interface RoomUpdate extends RoomCreate {
  readonly id: string;
  readonly isReadOnly?: boolean;
}

/** @source protocol/hydra-rest.md §2 */
export interface RoomQuery {
  readonly teamId?: string;
  /** both when left out */
  readonly type?: RoomType;
  readonly sortBy?: 'id' | 'lastactivity' | 'created';
  readonly orgPublicSpaces?: boolean;
  /** ISO 8601 */
  readonly from?: string;
  /** ISO 8601 */
  readonly to?: string;
  /** page size, 1-1000 (default of the service: 100) */
  readonly max?: number;
}

/** How far the signed-in person has read. */
export interface RoomWithReadStatus {
  readonly id: string;
  readonly type: RoomType;
  readonly title?: string;
  /** There is a title, and it cannot be read here: no `e2ee()` on this client, or its key cannot be had. */
  readonly titleEncrypted?: true;
  /** ISO 8601, of the newest activity that anybody can see */
  readonly lastActivityDate?: string;
  /** ISO 8601; 1970-01-01T00:00:00.000Z when nothing was ever read */
  readonly lastSeenActivityDate: string;
}

/** Each event has `actorId`: the person who did it. */
export interface RoomEvents {
  /** A room was made, and the signed-in person is in it. */
  created: RoomEvent & Acted;
  /** Its title, lock or other settings changed. The payload holds no title: `get` the room for it. */
  updated: RoomEvent & Acted;
}

/**
 * Rooms the signed-in person is in. Every call also throws `ERR_UNAUTHORIZED`, `ERR_RATE_LIMITED`, `ERR_NETWORK`,
 * `ERR_TIMEOUT`, `ERR_CLIENT_CLOSED`, as `client.request` does, and `ERR_ARGUMENT` before any request when an id is missing.
 */
export interface Rooms extends EventSource<RoomEvents> {
  /**
   * Makes a room with the signed-in person in it. A room for two is made by a message to that person instead.
   *
   * @throws {SdkError} `ERR_BAD_REQUEST` when the service refuses the combination of options
   * @source protocol/hydra-rest.md §2
   */
  create(room: RoomCreate, init?: CallInit): Promise<Room>;
  /**
   * Returns a room by its id.
   *
   * @param room its id, or any object with one
   * @throws {SdkError} `ERR_NOT_FOUND` when it does not exist or the person is not in it
   * @source protocol/hydra-rest.md §2
   */
  get(room: string | { readonly id: string }, init?: CallInit): Promise<Room>;
  /**
   * Rooms, page by page, fetched as you read; `init.signal` stops between pages as well as in mid-request.
   *
   * @example for await (const room of client.rooms.list({ max: 50 })) show(room.title);
   * @source protocol/hydra-rest.md §1.1, §2
   */
  list(query?: RoomQuery, init?: CallInit): List<Room>;
  /**
   * Changes a room, such as its title.
   *
   * @throws {SdkError} `ERR_FORBIDDEN` when a moderator is needed, `ERR_NOT_FOUND`
   * @source protocol/hydra-rest.md §2
   */
  update(room: RoomUpdate, init?: CallInit): Promise<Room>;
  /**
   * Removes the room for everybody.
   *
   * @throws {SdkError} `ERR_FORBIDDEN`, `ERR_NOT_FOUND`
   * @source protocol/hydra-rest.md §2
   */
  remove(room: string | { readonly id: string }, init?: CallInit): Promise<void>;
  /**
   * One room, with how far it has been read.
   *
   * @param roomId a room id, or its bare uuid
   * @throws {SdkError} `ERR_ARGUMENT` when it is neither, `ERR_NOT_FOUND`
   * @source protocol/conversation.md §7
   */
  getWithReadStatus(roomId: string, init?: CallInit): Promise<RoomWithReadStatus>;
  /** The same, from a conversation that is at hand: nothing is requested. @source protocol/conversation.md §7 */
  readStatusOf(conversation: WireConversation, init?: CallInit): Promise<RoomWithReadStatus>;
  /**
   * All active rooms with how far each has been read, newest activity first.
   *
   * @param maxRecent at most so many, of the last 14 days; 0 (default) means up to 1000 of any age
   * @throws {SdkError} `ERR_ARGUMENT` when it is negative or no integer
   * @source protocol/conversation.md §7
   */
  listWithReadStatus(
    maxRecent?: number,
    init?: CallInit,
  ): Promise<{ readonly items: readonly RoomWithReadStatus[] }>;
}
