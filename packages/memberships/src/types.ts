import type { CallInit, List } from '@trunkline/core';
import type { EventSource } from '@trunkline/core/kit';
import type { Acted, Membership, MembershipEvent, RoomType } from '@trunkline/wire';

export type { Acted, Membership, MembershipEvent, RoomType } from '@trunkline/wire';

/** Exactly one of `personId` and `personEmail`. @source protocol/hydra-rest.md §5 */
export interface MembershipCreate {
  readonly roomId: string;
  readonly personId?: string;
  readonly personEmail?: string;
  readonly isModerator?: boolean;
}

/** A fetched {@link Membership} fits. @source protocol/hydra-rest.md §5 */
export interface MembershipUpdate {
  readonly id: string;
  readonly isModerator?: boolean;
  /** rooms for two only */
  readonly isRoomHidden?: boolean;
}

/** `personId` and `personEmail` need a `roomId`, unless one asks about oneself. @source protocol/hydra-rest.md §5 */
export interface MembershipQuery {
  readonly roomId?: string;
  readonly personId?: string;
  readonly personEmail?: string;
  /** page size (default of the service: 100) */
  readonly max?: number;
}

/** A member, and how far that person has read. @source protocol/conversation.md §7 */
export interface MembershipWithReadStatus {
  readonly id: string;
  readonly roomId: string;
  readonly roomType: RoomType;
  readonly personId: string;
  readonly personEmail: string;
  readonly personDisplayName: string;
  readonly personOrgId: string;
  readonly isMonitor: false;
  readonly isModerator?: boolean;
  /** only on one's own entry, in a hidden room */
  readonly isRoomHidden?: true;
  /** the newest message that was read; left out when nothing was */
  readonly lastSeenId?: string;
  /** ISO 8601 */
  readonly lastSeenDate?: string;
}

/** A read receipt that was stored. */
export interface LastSeen extends MembershipEvent {
  readonly lastSeenId: string;
  readonly isMonitor: false;
}

/** Each event has `actorId`: the person who did it. */
export interface MembershipEvents {
  /** Someone came into a room; also once per first member of a new room. */
  created: MembershipEvent & Acted;
  /** Someone became moderator or no longer is, or hid a room for two. */
  updated: MembershipEvent & Acted;
  /** Someone left or was removed. */
  deleted: MembershipEvent & Acted;
  /** Someone read up to `lastSeenId`. */
  seen: MembershipEvent & Acted;
}

/**
 * Who is in which room. Every call also throws `ERR_UNAUTHORIZED`, `ERR_RATE_LIMITED`, `ERR_NETWORK`, `ERR_TIMEOUT`,
 * `ERR_CLIENT_CLOSED`, as `client.request` does, and `ERR_ARGUMENT` before any request when an id is missing.
 */
export interface Memberships extends EventSource<MembershipEvents> {
  /**
   * Brings a person into a room.
   *
   * @throws {SdkError} `ERR_ARGUMENT` without a room or without exactly one person, before any request;
   *   `ERR_CONFLICT` when the person is in it already, `ERR_FORBIDDEN`, `ERR_NOT_FOUND`
   * @source protocol/hydra-rest.md §5
   */
  create(membership: MembershipCreate, init?: CallInit): Promise<Membership>;
  /**
   * Returns a membership by its id.
   *
   * @param membership its id, or any object with one
   * @throws {SdkError} `ERR_NOT_FOUND`
   * @source protocol/hydra-rest.md §5
   */
  get(membership: string | { readonly id: string }, init?: CallInit): Promise<Membership>;
  /**
   * Memberships, page by page, fetched as you read; `init.signal` stops between pages as well as in mid-request.
   *
   * @example for await (const { personDisplayName } of client.memberships.list({ roomId })) show(personDisplayName);
   * @source protocol/hydra-rest.md §1.1, §5
   */
  list(query?: MembershipQuery, init?: CallInit): List<Membership>;
  /**
   * Changes a membership, such as whether the member is a moderator.
   *
   * @throws {SdkError} `ERR_FORBIDDEN` when a moderator is needed, `ERR_NOT_FOUND`
   * @source protocol/hydra-rest.md §5
   */
  update(membership: MembershipUpdate, init?: CallInit): Promise<Membership>;
  /**
   * Takes a person out of a room, or leaves it.
   *
   * @throws {SdkError} `ERR_FORBIDDEN`, `ERR_NOT_FOUND`
   * @source protocol/hydra-rest.md §5
   */
  remove(membership: string | { readonly id: string }, init?: CallInit): Promise<void>;
  /**
   * All members of a room with how far each has read.
   *
   * @param query.roomId a room id, or its bare uuid
   * @throws {SdkError} `ERR_ARGUMENT` when it is neither, `ERR_NOT_FOUND`
   * @source protocol/conversation.md §7
   */
  listWithReadStatus(
    query: { readonly roomId: string },
    init?: CallInit,
  ): Promise<{ readonly items: readonly MembershipWithReadStatus[] }>;
  /**
   * Says that the signed-in person has read everything up to a message. The other members see it as `seen`.
   *
   * @param message a message, or just these two ids of it; bare uuids will do
   * @throws {SdkError} `ERR_ARGUMENT` when the ids are none, `ERR_NOT_FOUND`
   * @source protocol/conversation.md §7
   */
  updateLastSeen(
    message: { readonly id: string; readonly roomId: string },
    init?: CallInit,
  ): Promise<LastSeen>;
}
