// From what is kept to what travels. @source protocol/conversation.md §1
import type { WireActivity, WireConversation, WireFile, WireObject, WirePerson } from '@trunkline/wire';
import { fields, items, text } from '../../kernel/http/untrusted.js';
import { eventUrls, maskBase, type Urls } from '../../kernel/http/urls.js';
import type { User } from '../identity/api.js';
import type { Participant, StoredActivity } from './api.js';
import { type ConversationRecord, isDirect } from './store.js';
import { isOpenToTeam, teamUrl } from './team-rooms.js';

/** A conversation's avatar as it is kept in its `extra`. */
export interface KeptAvatar {
  /** the activity that gave it, which is what holds its file */
  readonly activityId: string;
  readonly keyUrl: string;
  readonly file: WireFile;
}
export const avatarOf = (extra: Readonly<Record<string, unknown>>): KeptAvatar | undefined =>
  extra['avatar'] as KeptAvatar | undefined;

export const iso = (ms: number): string => new Date(ms).toISOString();

// two literals instead of a spread, which takes twice as long: rooms have thousands of members
export function personOf(user: User, participant?: Participant): WirePerson {
  const { display_name: displayName, email, id, org_id: orgId } = user;
  if (participant !== undefined)
    return {
      id,
      entryUUID: id,
      objectType: 'person',
      type: 'PERSON',
      entryEmail: email,
      emailAddress: email,
      displayName,
      orgId,
      roomProperties: roomPropertiesOf(participant),
    };
  return {
    id,
    entryUUID: id,
    objectType: 'person',
    type: 'PERSON',
    entryEmail: email,
    emailAddress: email,
    displayName,
    orgId,
  };
}
const roomPropertiesOf = ({ isModerator, lastSeenActivityId, lastSeenMs }: Participant) =>
  lastSeenActivityId === null
    ? { isModerator }
    : {
        isModerator,
        lastSeenActivityUUID: lastSeenActivityId,
        lastSeenActivityDate: iso(lastSeenMs ?? 0),
      };
/** A user whose account is gone. */
const gone = (id: string): WirePerson => ({ id, entryUUID: id, objectType: 'person', type: 'PERSON' });

// our own file URLs are kept as paths, like every URL of this service
const ownFile = /^https?:\/\/[^/]+(\/files\/v1\/.*)$/;
export const relativeUrl = (url: string): string => ownFile.exec(url)?.[1] ?? url;
const absoluteUrl = (url: string, urls: Urls): string => (url.startsWith('/') ? urls.base + url : url);

const fileOf = (file: WireFile, urls: Urls): WireFile => {
  const image = fields(fields(file)['image']);
  const imageUrl = text(image['url']);
  return {
    ...file,
    url: absoluteUrl(file.url, urls),
    ...(imageUrl === undefined ? {} : { image: { ...image, url: absoluteUrl(imageUrl, urls) } }),
  };
};

type ConversationObject = WireObject & { readonly id: string; readonly url: string };

const conversationObject = (conversation: ConversationRecord, urls: Urls): ConversationObject => ({
  id: conversation.id,
  objectType: 'conversation',
  url: urls.conversation(conversation.id),
  tags: conversation.tags,
  published: iso(conversation.createdMs),
  encryptionKeyUrl: conversation.keyUrl,
  defaultActivityEncryptionKeyUrl: conversation.keyUrl,
  kmsResourceObjectUrl: conversation.kroUrl,
});

/** `target` of an activity: enough to know where it happened and under which keys. */
const targetOf = (conversation: ConversationRecord, urls: Urls): ConversationObject => ({
  ...conversationObject(conversation, urls),
  participants: { items: [] },
  activities: { items: [] },
});

// clients look into lists without asking whether there are any
const none = { items: [] };

const idOf = (value: unknown): string => text(fields(value)['id']) ?? '';

/** Everybody whose name is needed to show these. */
export function peopleIn(activities: readonly StoredActivity[]): readonly string[] {
  const ids = new Set<string>();
  for (const { actorId, object } of activities) {
    ids.add(actorId);
    if (object.objectType === 'person') ids.add(idOf(object));
    for (const person of items(object.participants)) ids.add(idOf(person));
  }
  return [...ids];
}

function objectOf(
  { object, verb, deletedMs }: StoredActivity,
  conversation: ConversationRecord | undefined,
  users: ReadonlyMap<string, User>,
  urls: Urls,
): WireObject {
  const person = (id: string, participant?: Participant): WirePerson => {
    const user = users.get(id);
    return user === undefined ? gone(id) : personOf(user, participant);
  };
  switch (object.objectType) {
    case 'person': {
      const { roomProperties } = object;
      return { ...person(idOf(object)), ...(roomProperties === undefined ? {} : { roomProperties }) };
    }
    case 'team':
      return { ...object, url: teamUrl(urls, idOf(object)), teamMembers: none, conversations: none };
    case 'conversation': {
      // a room that comes into a team, or goes, is another one than that where it is said
      if (conversation === undefined || (idOf(object) !== '' && idOf(object) !== conversation.id))
        return { ...object, url: urls.conversation(idOf(object)), participants: none, activities: none };
      const people = items(object.participants);
      return {
        ...conversationObject(conversation, urls),
        ...(verb === 'create'
          ? {
              creatorUUID: conversation.creatorId,
              ...(conversation.title === null ? {} : { displayName: conversation.title }),
            }
          : {}),
        ...object,
        participants: {
          items: people.map((entry) => {
            const roomProperties = fields(fields(entry)['roomProperties']);
            const isModerator = roomProperties['isModerator'] === true;
            return { ...person(idOf(entry)), roomProperties: { isModerator } };
          }),
        },
        // clients decrypt a conversation's activities without asking whether there are any
        activities: { items: [] },
      };
    }
    case 'activity':
      return { ...object, url: urls.activity(idOf(object)) };
    default: {
      if (deletedMs !== null) return { objectType: 'activity' };
      if (object.files === undefined) return object;
      return { ...object, files: { items: object.files.items.map((file) => fileOf(file, urls)) } };
    }
  }
}

/** An activity without those parts that many have in common. */
function ownPartOf(
  activity: StoredActivity,
  conversation: ConversationRecord | undefined,
  users: ReadonlyMap<string, User>,
  urls: Urls,
): Omit<WireActivity, 'actor' | 'target'> {
  const isDeleted = activity.deletedMs !== null;
  return {
    id: activity.id,
    objectType: 'activity',
    verb: isDeleted ? 'tombstone' : activity.verb,
    url: urls.activity(activity.id),
    published: iso(activity.publishedMs),
    ...(activity.clientTempId === null ? {} : { clientTempId: activity.clientTempId }),
    object: objectOf(activity, conversation, users, urls),
    ...(activity.keyUrl === null || isDeleted ? {} : { encryptionKeyUrl: activity.keyUrl }),
    ...(activity.parent === undefined ? {} : { parent: activity.parent }),
  };
}

/** @source protocol/conversation.md §1.3 */
export function wireActivity(
  activity: StoredActivity,
  conversation: ConversationRecord,
  users: ReadonlyMap<string, User>,
  urls: Urls,
): WireActivity {
  const actor = users.get(activity.actorId);
  return {
    ...ownPartOf(activity, conversation, users, urls),
    actor: actor === undefined ? gone(activity.actorId) : personOf(actor),
    ...(activity.verb === 'create' ? {} : { target: targetOf(conversation, urls) }),
  };
}

/** The same for a caller who left by it: what they did, and nothing of the conversation but its id. */
export function wireActivityOfLeaver(
  activity: StoredActivity,
  users: ReadonlyMap<string, User>,
  urls: Urls,
): WireActivity {
  const actor = users.get(activity.actorId);
  const { conversationId: id } = activity;
  return {
    ...ownPartOf(activity, undefined, users, urls),
    actor: actor === undefined ? gone(activity.actorId) : personOf(actor),
    target: { id, objectType: 'conversation', url: urls.conversation(id), tags: [] },
  };
}

// by what they are made from, which is never changed in place
const actorTexts = new WeakMap<User, string>();
const targetTexts = new WeakMap<
  ConversationRecord['tags'],
  { readonly of: ConversationRecord; readonly text: string }
>();

function actorText(user: User): string {
  let text = actorTexts.get(user);
  if (text === undefined) actorTexts.set(user, (text = maskBase(personOf(user))));
  return text;
}
function targetText(conversation: ConversationRecord): string {
  const { createdMs, id, keyUrl, kroUrl, tags } = conversation;
  const known = targetTexts.get(tags);
  // messages of a conversation differ in nothing of this
  if (
    known?.of.id === id &&
    known.of.keyUrl === keyUrl &&
    known.of.kroUrl === kroUrl &&
    known.of.createdMs === createdMs
  )
    return known.text;
  const text = maskBase(targetOf(conversation, eventUrls));
  targetTexts.set(tags, { of: conversation, text });
  return text;
}

/** The text of the event that announces an activity: {@link wireActivity} of {@link eventUrls}, with the base left open. */
export function activityEvent(
  activity: StoredActivity,
  conversation: ConversationRecord,
  users: ReadonlyMap<string, User>,
): string {
  const user = users.get(activity.actorId);
  const actor = user === undefined ? maskBase(gone(activity.actorId)) : actorText(user);
  const target = activity.verb === 'create' ? '' : `"target":${targetText(conversation)},`;
  const own = maskBase(ownPartOf(activity, conversation, users, eventUrls));
  return `{"eventType":"conversation.activity","activity":{"actor":${actor},${target}${own.slice(1)}}`;
}

function membersOf(people: readonly Participant[], users: ReadonlyMap<string, User>): readonly WirePerson[] {
  const members: WirePerson[] = [];
  for (const participant of people) {
    const user = users.get(participant.userId);
    if (user !== undefined) members.push(personOf(user, participant));
  }
  return members;
}

/** As this member sees it: with the tags of their own. `me` is undefined for someone who is not in it. @source protocol/conversation.md §1.1 */
export function wireConversation(
  conversation: ConversationRecord,
  me: Participant | undefined,
  urls: Urls,
  parts: {
    readonly people?: readonly Participant[];
    readonly users?: ReadonlyMap<string, User>;
    readonly activities?: readonly StoredActivity[];
    readonly computedTitle?: string;
  } = {},
): WireConversation {
  const { people, users = new Map<string, User>(), activities = [] } = parts;
  const avatar = avatarOf(conversation.extra);
  const lastSeenMs = me?.lastSeenMs ?? null;
  return {
    ...conversationObject(conversation, urls),
    objectType: 'conversation',
    ...(conversation.title === null ? {} : { displayName: conversation.title }),
    ...(avatar === undefined
      ? {}
      : {
          avatar: { objectType: 'content', files: { items: [fileOf(avatar.file, urls)] } },
          avatarEncryptionKeyUrl: avatar.keyUrl,
        }),
    ...(parts.computedTitle === undefined ? {} : { computedTitle: parts.computedTitle }),
    tags: [
      ...new Set([
        ...conversation.tags,
        ...(me?.tags ?? []),
        ...(isOpenToTeam(conversation) ? ['OPEN'] : []),
        ...(conversation.tags.includes('ARCHIVED') ? ['HIDDEN'] : []),
      ]),
    ],
    ...(conversation.teamId === null
      ? {}
      : {
          team: {
            id: conversation.teamId,
            objectType: 'team',
            url: teamUrl(urls, conversation.teamId),
            generalConversationUuid: conversation.teamId,
          },
        }),
    creatorUUID: conversation.creatorId,
    participants: {
      items: membersOf(people ?? [], users),
    },
    activities: { items: activities.map((activity) => wireActivity(activity, conversation, users, urls)) },
    lastReadableActivityDate: iso(conversation.lastReadableMs),
    lastRelevantActivityDate: iso(conversation.lastActivityMs),
    ...(lastSeenMs === null ? {} : { lastSeenActivityDate: iso(lastSeenMs) }),
  };
}

/** As a person sees it who left it: that it existed, and when it was created. */
export const wireLeftConversation = (
  { createdMs, creatorId, id, tags }: ConversationRecord,
  urls: Urls,
): WireConversation => ({
  id,
  objectType: 'conversation',
  url: urls.conversation(id),
  tags: tags.filter((tag) => tag === 'ONE_ON_ONE'),
  published: iso(createdMs),
  // clients read these without asking whether they are there
  encryptionKeyUrl: '',
  defaultActivityEncryptionKeyUrl: '',
  kmsResourceObjectUrl: '',
  creatorUUID: creatorId,
  participants: { items: [] },
  activities: { items: [] },
  lastReadableActivityDate: iso(createdMs),
  lastRelevantActivityDate: iso(createdMs),
});

/** Names of the others, for a conversation without a title. */
export function titleFrom(
  conversation: ConversationRecord,
  people: readonly Participant[],
  users: ReadonlyMap<string, User>,
  meId: string,
): string {
  return people
    .filter((person) => person.userId !== meId)
    .slice(0, isDirect(conversation) ? 1 : 5)
    .map((person) => users.get(person.userId)?.display_name ?? '')
    .filter(Boolean)
    .join(', ');
}
