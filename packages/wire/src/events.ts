import type { WireActivity, WireObject, WirePerson } from './activity.js';
import type { RoomType } from './hydra.js';
import { encodeId, encodeMembershipId } from './id.js';

/** What is known of a room from an activity alone. @source protocol/conversation.md §6 */
export interface RoomEvent {
  readonly id: string;
  readonly type: RoomType;
  readonly isLocked: boolean;
  readonly created: string;
  readonly creatorId?: string;
  readonly lastActivity?: string;
}

/** What is known of a membership from an activity alone. @source protocol/conversation.md §6 */
export interface MembershipEvent {
  readonly id: string;
  readonly roomId: string;
  readonly roomType: RoomType;
  readonly personId: string;
  readonly personEmail: string;
  readonly personDisplayName: string;
  readonly personOrgId: string;
  readonly isRoomHidden: boolean;
  readonly isModerator?: boolean;
  /** of the activity, ISO 8601 */
  readonly created: string;
  /** with `seen`: the newest message that was read */
  readonly lastSeenId?: string;
}

/** A removed message: who removed it, and where. @source protocol/conversation.md §6 */
export interface MessageDeletedEvent {
  readonly id: string;
  readonly roomId: string;
  readonly roomType: RoomType;
  readonly personId: string;
  readonly personEmail: string;
}

/** A message that was written or edited: its words are in the activity, or must be fetched by `id`. */
export interface MessageHead {
  /** of the message; for an edit that of the message which was edited */
  readonly id: string;
  readonly roomId: string;
  readonly roomType: RoomType;
  readonly personId: string;
  readonly personEmail: string;
  readonly created: string;
}

/** An activity, seen as the public API sees it. One activity can be several (a room created with members). */
export type PublicEvent =
  | { readonly resource: 'messages'; readonly event: 'created' | 'updated'; readonly data: MessageHead }
  | { readonly resource: 'messages'; readonly event: 'deleted'; readonly data: MessageDeletedEvent }
  | { readonly resource: 'rooms'; readonly event: 'created' | 'updated'; readonly data: RoomEvent }
  | {
      readonly resource: 'memberships';
      readonly event: 'created' | 'updated' | 'deleted' | 'seen';
      readonly data: MembershipEvent;
    };

/** Who an activity is about: its actor, or its object of type person. */
type Member = Partial<Omit<WirePerson, 'objectType' | 'type'>>;
const has = (object: WireObject | undefined, tag: string): boolean => object?.tags?.includes(tag) ?? false;
const roomTypeOf = (object: WireObject | undefined): RoomType =>
  has(object, 'ONE_ON_ONE') ? 'direct' : 'group';
const uuidOfPerson = (person: Member): string => person.entryUUID ?? person.id ?? '';
const emailOf = (person: Member): string => person.emailAddress ?? person.entryEmail ?? uuidOfPerson(person);

const moderator = (member: Member): { isModerator: boolean } => ({
  isModerator: member.roomProperties?.isModerator ?? false,
});

function membership(
  activity: WireActivity,
  member: Member,
  room: WireObject,
  cluster: string,
  more: Partial<MembershipEvent> = {},
): MembershipEvent {
  const personUuid = uuidOfPerson(member);
  const roomUuid = room.id ?? '';
  return {
    id: encodeMembershipId(personUuid, roomUuid, cluster),
    roomId: encodeId('ROOM', roomUuid, cluster),
    roomType: roomTypeOf(room),
    personId: encodeId('PEOPLE', personUuid),
    personEmail: emailOf(member),
    personDisplayName: member.displayName ?? '',
    personOrgId: member.orgId === undefined ? '' : encodeId('ORGANIZATION', member.orgId),
    isRoomHidden: has(room, 'HIDDEN'),
    created: activity.published,
    ...more,
  };
}

const room = (
  activity: WireActivity,
  object: WireObject,
  tagged: WireObject,
  cluster: string,
): RoomEvent => ({
  id: encodeId('ROOM', object.id ?? '', cluster),
  type: roomTypeOf(tagged),
  isLocked: has(tagged, 'LOCKED'),
  created: activity.published,
  ...(activity.verb === 'create'
    ? { creatorId: encodeId('PEOPLE', uuidOfPerson(activity.actor)), lastActivity: activity.published }
    : {}),
});

/**
 * The public events an activity stands for; none for verbs that the public API does not show.
 * An edit is `updated` of the message it edits (the official client says `created` with a new id).
 *
 * @param cluster cluster part of the public ids, see {@link clusterOf}
 * @source protocol/conversation.md §6
 */
export function publicEvents(activity: WireActivity, cluster = 'us'): readonly PublicEvent[] {
  const { actor, object, target, verb } = activity;
  const members = (
    event: 'created' | 'updated' | 'deleted' | 'seen',
    data: MembershipEvent,
  ): readonly PublicEvent[] => [{ resource: 'memberships', event, data }];
  switch (verb) {
    case 'post':
    case 'share': {
      if (!target) return [];
      const edited = activity.parent?.type === 'edit' ? activity.parent.id : undefined;
      return [
        {
          resource: 'messages',
          event: edited === undefined ? 'created' : 'updated',
          data: {
            id: encodeId('MESSAGE', edited ?? activity.id, cluster),
            roomId: encodeId('ROOM', target.id, cluster),
            roomType: roomTypeOf(target),
            personId: encodeId('PEOPLE', uuidOfPerson(actor)),
            personEmail: emailOf(actor),
            created: activity.published,
          },
        },
      ];
    }
    case 'delete': {
      if (!target || object.objectType !== 'activity') return [];
      const data = {
        id: encodeId('MESSAGE', object.id ?? '', cluster),
        roomId: encodeId('ROOM', target.id, cluster),
        roomType: roomTypeOf(target),
        personId: encodeId('PEOPLE', uuidOfPerson(actor)),
        personEmail: emailOf(actor),
      };
      return [{ resource: 'messages', event: 'deleted', data }];
    }
    case 'create':
      return [
        { resource: 'rooms', event: 'created', data: room(activity, object, object, cluster) },
        ...(object.participants?.items ?? []).flatMap((member) =>
          members('created', membership(activity, member, object, cluster, moderator(member))),
        ),
      ];
    case 'add':
      if (!target || object.objectType !== 'person') return [];
      return members('created', membership(activity, object, target, cluster, moderator(object)));
    case 'leave':
      if (!target || object.objectType !== 'person') return [];
      return members('deleted', membership(activity, object, target, cluster, moderator(object)));
    case 'assignModerator':
    case 'unassignModerator':
      if (!target) return [];
      return members(
        'updated',
        membership(activity, object, target, cluster, { isModerator: verb === 'assignModerator' }),
      );
    case 'hide':
      return members(
        'updated',
        membership(activity, actor, object, cluster, {
          ...moderator(actor),
          roomType: 'direct',
          isRoomHidden: true,
        }),
      );
    case 'acknowledge': {
      if (!target) return [];
      const lastSeenId = encodeId('MESSAGE', object.id ?? '', cluster);
      return members('seen', membership(activity, actor, target, cluster, { lastSeenId }));
    }
    case 'update': {
      if (!target || object.objectType !== 'conversation') return [];
      const updated = room(activity, object.id === undefined ? target : object, target, cluster);
      return [{ resource: 'rooms', event: 'updated', data: updated }];
    }
    case 'lock':
    case 'unlock':
      return [{ resource: 'rooms', event: 'updated', data: room(activity, object, object, cluster) }];
    default:
      return [];
  }
}
