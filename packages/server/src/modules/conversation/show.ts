// Several of a kind at once: each kind of row is asked for once, however long the list is.
import type { WireActivity, WireConversation } from '@trunkline/wire';
import { param } from '../../kernel/http/untrusted.js';
import type { Urls } from '../../kernel/http/urls.js';
import type { Caller } from '../identity/api.js';
import type { Participant, StoredActivity } from './api.js';
import type { PersonCursor } from './reads-people.js';
import { peopleIn, titleFrom, wireActivity, wireConversation } from './shapes.js';
import type { ConversationRecord, Membership } from './store.js';
import { type Tools, wholeNumber } from './tools.js';

/** people of one conversation that are handed out at once: all of a large one, … */
const mostPeople = 10_000;
/** … and in a list of conversations */
const mostPeopleInList = 100;
/** names in a title that is made of names */
const namesInTitle = 5;

interface Wanted {
  readonly people: number;
  readonly after?: PersonCursor;
  readonly activities: number;
  readonly titles: boolean;
}

function wanted(query: unknown, most: number): Wanted {
  const limit = wholeNumber(query, 'participantsLimit', most);
  const everybody =
    param(query, 'includeParticipants') === 'true' || param(query, 'participantAckFilter') !== undefined;
  return {
    people: limit === undefined || limit === 0 ? (everybody ? most : 0) : limit,
    activities: wholeNumber(query, 'activitiesLimit', 100) ?? 0,
    titles: param(query, 'computeTitleIfEmpty') === 'true',
  };
}

const ids = (people: readonly Participant[]): readonly string[] => people.map((person) => person.userId);

/** The newest ones of a conversation, as clients expect them within it: in the order they happened. */
const oldestFirst = (activities: readonly StoredActivity[]): readonly StoredActivity[] =>
  [...activities].reverse();

/** Conversations as this query wants them. @source protocol/conversation.md §2 */
export async function showConversations(
  { identity, reads }: Tools,
  caller: Caller,
  found: readonly Membership[],
  query: unknown,
  urls: Urls,
): Promise<readonly WireConversation[]> {
  const want = wanted(query, mostPeopleInList);
  const all = found.map(({ conversation }) => conversation.id);
  const untitled = want.titles
    ? found.flatMap(({ conversation }) => (conversation.title === null ? [conversation.id] : []))
    : [];
  const [people, named, activities] = await Promise.all([
    reads.firstPeople(want.people === 0 ? [] : all, want.people),
    reads.firstPeople(untitled, namesInTitle + 1),
    reads.newest(want.activities === 0 ? [] : all, want.activities),
  ]);
  const users = await identity.usersByIds([
    ...new Set([
      ...[...people.values(), ...named.values()].flatMap(ids),
      ...[...activities.values()].flatMap(peopleIn),
    ]),
  ]);
  return found.map(({ conversation, me }) => {
    const { id } = conversation;
    return wireConversation(conversation, me, urls, {
      people: people.get(id) ?? [],
      users,
      activities: oldestFirst(activities.get(id) ?? []),
      ...(want.titles && conversation.title === null
        ? { computedTitle: titleFrom(conversation, named.get(id) ?? [], users, caller.user.id) }
        : {}),
    });
  });
}

/** One of them: with all its people, or a page of them. */
export async function showConversation(
  { identity, reads }: Tools,
  caller: Caller,
  { conversation, me }: Membership,
  query: unknown,
  urls: Urls,
  after?: PersonCursor,
): Promise<{ readonly shown: WireConversation; readonly next: PersonCursor | undefined }> {
  const want = wanted(query, mostPeople);
  const needsTitle = want.titles && conversation.title === null;
  const page =
    want.people === 0
      ? { people: [], next: undefined }
      : await reads.peoplePage(conversation.id, { limit: want.people, ...(after && { after }) });
  const named = needsTitle
    ? ((await reads.firstPeople([conversation.id], namesInTitle + 1)).get(conversation.id) ?? [])
    : [];
  const activities: readonly StoredActivity[] =
    want.activities === 0 ? [] : await reads.activities(conversation.id, { limit: want.activities });
  const users = await identity.usersByIds([
    ...new Set([...ids(page.people), ...ids(named), ...peopleIn(activities)]),
  ]);
  const shown = wireConversation(conversation, me, urls, {
    people: page.people,
    users,
    activities: oldestFirst(activities),
    ...(needsTitle ? { computedTitle: titleFrom(conversation, named, users, caller.user.id) } : {}),
  });
  return { shown, next: page.next };
}

/** The conversations of these activities, as far as the caller is in them. */
export async function placesOf(
  { reads }: Tools,
  caller: Caller,
  activities: readonly StoredActivity[],
): Promise<ReadonlyMap<string, ConversationRecord>> {
  const found = await reads.memberships(caller.user.id, [
    ...new Set(activities.map((activity) => activity.conversationId)),
  ]);
  return new Map([...found].map(([id, { conversation }]) => [id, conversation]));
}

/** Activities of these conversations; those of others are left out. */
export async function showActivities(
  { identity }: Tools,
  activities: readonly StoredActivity[],
  places: ReadonlyMap<string, ConversationRecord>,
  urls: Urls,
): Promise<readonly WireActivity[]> {
  const users = await identity.usersByIds(peopleIn(activities));
  return activities.flatMap((activity) => {
    const conversation = places.get(activity.conversationId);
    return conversation === undefined ? [] : [wireActivity(activity, conversation, users, urls)];
  });
}
