import type { WireActivity, WireObject, WirePerson } from './activity.js';
import type { RoomType } from './hydra.js';
import { maxCardDepth } from './content-limits.js';
import { encodeId, encodeMembershipId } from './id.js';
import { isTooDeep } from './json-depth.js';

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

/** A card's `Action.Submit` was pressed. @source protocol/conversation.md §6 */
export interface AttachmentActionEvent {
  readonly id: string;
  readonly type: 'submit' | (string & {});
  readonly messageId: string;
  readonly roomId: string;
  readonly personId: string;
  /** of the activity, ISO 8601 */
  readonly created: string;
  /** what was filled in, by input id; absent where the activity holds ciphertext */
  readonly inputs?: Readonly<Record<string, unknown>>;
}

/** The person who did something, as a public id. */
export interface Acted {
  readonly actorId: string;
}
/** Of a room, from an activity. */
export interface RoomNews extends Acted {
  readonly resource: 'rooms';
  readonly event: 'created' | 'updated';
  readonly data: RoomEvent;
}
/** Of a membership, from an activity. */
export interface MembershipNews extends Acted {
  readonly resource: 'memberships';
  readonly event: 'created' | 'updated' | 'deleted' | 'seen';
  readonly data: MembershipEvent;
}
/** Of what was sent off from a card, from an activity. */
export interface AttachmentActionNews {
  readonly resource: 'attachmentActions';
  readonly event: 'created';
  readonly data: AttachmentActionEvent;
}
/** An activity, seen as the public API sees it. One activity can be several (a room created with members). */
export type PublicEvent =
  | { readonly resource: 'messages'; readonly event: 'created' | 'updated'; readonly data: MessageHead }
  | { readonly resource: 'messages'; readonly event: 'deleted'; readonly data: MessageDeletedEvent }
  | RoomNews
  | MembershipNews
  | AttachmentActionNews;

/** Who an activity is about: its actor, or its object of type person. */
type Member = Partial<Omit<WirePerson, 'objectType' | 'type'>>;
/** A conversation, or what an activity has of it. */
interface Tagged {
  readonly id?: string;
  readonly tags?: readonly string[];
}
const has = (room: Tagged | undefined, tag: string): boolean => room?.tags?.includes(tag) ?? false;
const roomTypeOf = (room: Tagged | undefined): RoomType => (has(room, 'ONE_ON_ONE') ? 'direct' : 'group');
const uuidOfPerson = (person: Member): string => person.entryUUID ?? person.id ?? '';
const emailOf = (person: Member): string => person.emailAddress ?? person.entryEmail ?? uuidOfPerson(person);

const actorIdOf = (actor: Member): string => encodeId('PEOPLE', uuidOfPerson(actor));

/** What a membership says of the two it joins. */
export function membershipOf(member: Member, room: Tagged, cluster: string) {
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
  };
}

/** Of a person in a room: joined, left, made moderator, hid the room, has read. @source protocol/conversation.md §6 */
export function membershipEvents(activity: WireActivity, cluster = 'us'): readonly MembershipNews[] {
  const { actor, object, target, verb, published } = activity;
  const news = (
    event: MembershipNews['event'],
    member: Member,
    room: WireObject,
    more: Partial<MembershipEvent> = { isModerator: member.roomProperties?.isModerator ?? false },
  ): MembershipNews => ({
    resource: 'memberships',
    event,
    actorId: actorIdOf(actor),
    data: {
      ...membershipOf(member, room, cluster),
      isRoomHidden: has(room, 'HIDDEN'),
      created: published,
      ...more,
    },
  });
  switch (verb) {
    case 'create':
      return (object.participants?.items ?? []).map((member) => news('created', member, object));
    case 'add':
    case 'leave':
      if (!target || object.objectType !== 'person') return [];
      return [news(verb === 'add' ? 'created' : 'deleted', object, target)];
    case 'assignModerator':
    case 'unassignModerator':
      if (!target) return [];
      return [news('updated', object, target, { isModerator: verb === 'assignModerator' })];
    case 'hide': {
      const { data, ...rest } = news('updated', actor, object);
      return [{ ...rest, data: { ...data, roomType: 'direct', isRoomHidden: true } }];
    }
    case 'acknowledge':
      if (!target) return [];
      return [news('seen', actor, target, { lastSeenId: encodeId('MESSAGE', object.id ?? '', cluster) })];
    default:
      return [];
  }
}

/** Of a room itself: made, or its settings changed. @source protocol/conversation.md §6 */
export function roomEvents(activity: WireActivity, cluster = 'us'): readonly RoomNews[] {
  const { actor, object, target, verb, published } = activity;
  const news = (event: RoomNews['event'], room: WireObject, tagged: WireObject): readonly RoomNews[] => {
    const data = {
      id: encodeId('ROOM', room.id ?? '', cluster),
      type: roomTypeOf(tagged),
      isLocked: has(tagged, 'LOCKED'),
      created: published,
    };
    const actorId = actorIdOf(actor);
    const more = verb === 'create' && { creatorId: actorId, lastActivity: published };
    return [{ resource: 'rooms', event, actorId, data: { ...data, ...more } }];
  };
  switch (verb) {
    case 'create':
      return news('created', object, object);
    case 'update':
      if (!target || object.objectType !== 'conversation') return [];
      return news('updated', object.id === undefined ? target : object, target);
    case 'lock':
    case 'unlock':
      return news('updated', object, object);
    default:
      return [];
  }
}

const messageOf = ({ actor, target }: WireActivity, uuid: string, cluster: string): MessageDeletedEvent => ({
  id: encodeId('MESSAGE', uuid, cluster),
  roomId: encodeId('ROOM', target?.id ?? '', cluster),
  roomType: roomTypeOf(target),
  personId: encodeId('PEOPLE', uuidOfPerson(actor)),
  personEmail: emailOf(actor),
});

/**
 * The message that was taken back by a `delete`; undefined for every other activity, such as the `delete` of a reaction,
 * which has the reaction's parent.
 *
 * @source protocol/conversation.md §6
 */
export function deletedMessage(activity: WireActivity, cluster = 'us'): MessageDeletedEvent | undefined {
  const { object, parent, target, verb } = activity;
  return verb === 'delete' && target && object.objectType === 'activity' && parent?.type !== 'reaction'
    ? messageOf(activity, object.id ?? '', cluster)
    : undefined;
}

// in an activity they are one text of JSON, which is ciphertext until someone decrypted it
function inputsOf({ inputs }: { readonly inputs?: unknown }): AttachmentActionEvent['inputs'] {
  let found = inputs;
  if (typeof inputs === 'string')
    try {
      if (isTooDeep(inputs, maxCardDepth)) return undefined;
      found = JSON.parse(inputs);
    } catch {
      return undefined;
    }
  return typeof found === 'object' && found !== null && !Array.isArray(found)
    ? (found as Record<string, unknown>)
    : undefined;
}

/** What was sent off from a card; none for every other activity. @source protocol/conversation.md §6 */
export function attachmentActionEvents(
  activity: WireActivity,
  cluster = 'us',
): readonly AttachmentActionNews[] {
  const { actor, id, object, parent, published, target, verb } = activity;
  if (verb !== 'cardAction' || !target || !parent) return [];
  const inputs = inputsOf(object);
  return [
    {
      resource: 'attachmentActions',
      event: 'created',
      data: {
        id: encodeId('ATTACHMENT_ACTION', id, cluster),
        type: object.objectType,
        messageId: encodeId('MESSAGE', parent.id, cluster),
        roomId: encodeId('ROOM', target.id, cluster),
        personId: encodeId('PEOPLE', uuidOfPerson(actor)),
        created: published,
        ...(inputs && { inputs }),
      },
    },
  ];
}

/**
 * The public events an activity stands for; none for verbs that the public API does not show.
 * An edit is `updated` of the message it edits (the official client says `created` with a new id).
 *
 * @param cluster cluster part of the public ids, see {@link clusterOf}
 * @source protocol/conversation.md §6
 */
export function publicEvents(activity: WireActivity, cluster = 'us'): readonly PublicEvent[] {
  const { id, parent, published, target, verb } = activity;
  if (verb === 'post' || verb === 'share') {
    if (!target) return [];
    const edited = parent?.type === 'edit' ? parent.id : undefined;
    const data = { ...messageOf(activity, edited ?? id, cluster), created: published };
    return [{ resource: 'messages', event: edited === undefined ? 'created' : 'updated', data }];
  }
  const deleted = deletedMessage(activity, cluster);
  if (deleted) return [{ resource: 'messages', event: 'deleted', data: deleted }];
  return [
    ...roomEvents(activity, cluster),
    ...membershipEvents(activity, cluster),
    ...attachmentActionEvents(activity, cluster),
  ];
}
