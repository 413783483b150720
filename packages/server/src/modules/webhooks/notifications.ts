import {
  deletedMessage,
  encodeId,
  membershipEvents,
  roomEvents,
  type WireActivity,
  type WireObject,
} from '@trunkline/wire';
import { iso, messageId, personId, restBase, roomId } from '../../kernel/http/fields.js';
import { fields, items, text } from '../../kernel/http/untrusted.js';
import { eventUrls } from '../../kernel/http/urls.js';
import type { Facts } from './filters.js';

/** Something that webhooks tell: never words, only what to fetch. @source protocol/hydra-rest.md §8.1 */
export interface Notification {
  readonly resource: 'messages' | 'memberships' | 'rooms' | 'attachmentActions';
  readonly event: 'created' | 'updated' | 'deleted';
  readonly data: { readonly id: string; readonly [field: string]: unknown };
  readonly facts: Facts;
  /** uuid of the message that a card was on */
  readonly messageId?: string;
}
/** What an edit does not say of the message it edits, nor a deletion of what it deletes. */
export interface Original {
  readonly verb: string;
  readonly publishedMs: number;
  readonly parent: { readonly id: string; readonly type: string } | undefined;
  readonly object: WireObject;
}

const typeOf = (place: WireObject | undefined): 'direct' | 'group' =>
  place?.tags?.includes('ONE_ON_ONE') === true ? 'direct' : 'group';
const isLocked = (place: WireObject): boolean => place.tags?.includes('LOCKED') === true;

/** Ids of the people that a message names; the message's newest words say who. */
export const mentionedIn = (object: WireObject): readonly string[] =>
  items(object.mentions).flatMap((entry) => text(fields(entry)['id']) ?? []);

function messageNotification(activity: WireActivity, original: Original | undefined): Notification {
  const { id, actor, object, parent, published, target } = activity;
  const edited = parent?.type === 'edit' ? parent.id : undefined;
  const uuid = edited ?? id;
  const personUuid = actor.entryUUID;
  const email = actor.emailAddress ?? '';
  const files = items(original?.object.files ?? object.files).map(
    (_, n) => `${eventUrls.base}${restBase}/contents/${encodeId('CONTENT', `${uuid}/${String(n)}`)}`,
  );
  const mentioned = mentionedIn(object);
  const groups = items(object.groupMentions).flatMap((entry) => text(fields(entry)['groupType']) ?? []);
  const root = edited === undefined ? parent : original?.parent;
  return {
    resource: 'messages',
    event: edited === undefined ? 'created' : 'updated',
    data: {
      id: messageId(uuid),
      roomId: roomId(target?.id ?? ''),
      roomType: typeOf(target),
      ...(files.length === 0 ? {} : { files }),
      personId: personId(personUuid),
      personEmail: email,
      ...(mentioned.length === 0 ? {} : { mentionedPeople: mentioned.map(personId) }),
      ...(groups.length === 0 ? {} : { mentionedGroups: groups }),
      ...(root?.type === 'reply' ? { parentId: messageId(root.id) } : {}),
      created: original === undefined ? published : iso(original.publishedMs),
      ...(edited === undefined ? {} : { updated: published }),
    },
    facts: {
      roomId: target?.id ?? '',
      roomType: typeOf(target),
      personId: personUuid,
      personEmail: email.toLowerCase(),
      hasFiles: files.length > 0,
      // an edit of the text keeps the cards
      hasAttachments: (object.cards ?? original?.object.cards ?? []).length > 0,
      mentioned: new Set(mentioned),
    },
  };
}

/** Edits and reactions are taken back in the same way: they are not messages. */
const isMessage = ({ verb, parent }: Original): boolean =>
  (verb === 'post' || verb === 'share') && (parent === undefined || parent.type === 'reply');

function deletionNotification(
  activity: WireActivity,
  original: Original | undefined,
): readonly Notification[] {
  const data = deletedMessage(activity);
  if (data === undefined || (original !== undefined && !isMessage(original))) return [];
  const { actor, target } = activity;
  // what the message held is gone: filters that look at it find nothing
  return [
    {
      resource: 'messages',
      event: 'deleted',
      data: { ...data },
      facts: {
        roomId: target?.id ?? '',
        roomType: data.roomType,
        personId: actor.entryUUID,
        personEmail: data.personEmail.toLowerCase(),
      },
    },
  ];
}

function actionNotification({
  id,
  actor,
  object,
  parent,
  published,
  target,
}: WireActivity): readonly Notification[] {
  if (parent === undefined || target?.id === undefined) return [];
  return [
    {
      resource: 'attachmentActions',
      event: 'created',
      data: {
        id: encodeId('ATTACHMENT_ACTION', id),
        type: object.objectType,
        messageId: messageId(parent.id),
        personId: personId(actor.entryUUID),
        roomId: roomId(target.id),
        created: published,
      },
      facts: { roomId: target.id, personId: actor.entryUUID },
      messageId: parent.id,
    },
  ];
}

function roomNotification(activity: WireActivity): readonly Notification[] {
  const room = activity.target ?? activity.object;
  return roomEvents(activity).map(({ event, data }) => ({
    resource: 'rooms',
    event,
    data: {
      ...data,
      lastActivity: activity.published,
      // of the room, as REST has it, not of the change
      created: text(room['published']) ?? data.created,
      isAnnouncementOnly: room.tags?.includes('ANNOUNCEMENT') === true,
      isReadOnly: room.tags?.includes('READ_ONLY') === true,
    },
    facts: { roomId: room.id ?? '', roomType: data.type, isLocked: isLocked(room) },
  }));
}

function membershipNotification(activity: WireActivity): readonly Notification[] {
  const { actor, object, target, verb } = activity;
  const room = verb === 'create' || verb === 'hide' ? object : target;
  const people = verb === 'create' ? (object.participants?.items ?? []) : [verb === 'hide' ? actor : object];
  return membershipEvents(activity).flatMap(({ event, data }, n): Notification[] => {
    if (event === 'seen') return [];
    const { isRoomHidden, ...shown } = data;
    return [
      {
        resource: 'memberships',
        event,
        data: { ...shown, ...(verb === 'hide' ? { isRoomHidden } : {}), isMonitor: false },
        facts: {
          roomId: room?.id ?? '',
          roomType: data.roomType,
          personId: people[n]?.id ?? '',
          personEmail: data.personEmail.toLowerCase(),
          ...(data.isModerator === undefined ? {} : { isModerator: data.isModerator }),
        },
      },
    ];
  });
}

/** What an activity is to webhooks: nothing, one thing, or several (a room made with its members). */
export function notificationsOf(
  activity: WireActivity,
  original: Original | undefined,
): readonly Notification[] {
  switch (activity.verb) {
    case 'post':
    case 'share':
      return activity.target === undefined ? [] : [messageNotification(activity, original)];
    case 'delete':
      return deletionNotification(activity, original);
    case 'cardAction':
      return actionNotification(activity);
    default:
      return [...roomNotification(activity), ...membershipNotification(activity)];
  }
}
