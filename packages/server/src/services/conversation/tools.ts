import { isUuid } from '@trunkline/wire';
import type { WireConversation } from '@trunkline/wire';
import { notFound } from '../../http/errors.js';
import type {
  Caller,
  Context,
  Conversations,
  Identity,
  Mercury,
  StoredActivity,
  Urls,
} from '../contracts.js';
import { param } from '../untrusted.js';
import type { CreateOptions } from './create.js';
import type { ConversationReads } from './reads.js';
import { peopleIn, titleFromPeople, wireConversation } from './shapes.js';
import type { ConversationRecord, Membership } from './store.js';

/** What the routes are made from. */
export interface Tools {
  readonly context: Context;
  readonly identity: Identity;
  readonly mercury: Mercury;
  readonly reads: ConversationReads;
  readonly create: (caller: Caller, options: CreateOptions) => Promise<ConversationRecord>;
  readonly submit: Conversations['submit'];
}

/** The uuid in a path; anything else is simply not there. */
export const idIn = (params: unknown, name = 'id'): string => {
  const id = param(params, name);
  if (id === undefined || !isUuid(id)) throw notFound();
  return id;
};

export async function memberOf(
  reads: ConversationReads,
  caller: Caller,
  conversationId: string,
): Promise<Membership> {
  const found = await reads.membership(conversationId, caller.user.id);
  if (found === undefined) throw notFound();
  return found;
}

const number = (query: unknown, name: string, most: number): number | undefined => {
  const value = Number(param(query, name) ?? NaN);
  return Number.isInteger(value) && value >= 0 ? Math.min(value, most) : undefined;
};
export { number as wholeNumber };

/** A conversation as this query wants it. @source protocol/conversation.md §2 */
export async function showConversation(
  { identity, reads }: Tools,
  caller: Caller,
  { conversation, me }: Membership,
  query: unknown,
  urls: Urls,
): Promise<WireConversation> {
  const limit = number(query, 'activitiesLimit', 100) ?? 0;
  const participantsLimit = number(query, 'participantsLimit', 10_000);
  const withPeople =
    param(query, 'includeParticipants') === 'true' ||
    param(query, 'participantAckFilter') !== undefined ||
    (participantsLimit ?? 0) > 0;
  const needsTitle = conversation.title === null && param(query, 'computeTitleIfEmpty') === 'true';
  const everybody = withPeople || needsTitle ? await reads.participants(conversation.id) : [];
  const people = withPeople
    ? everybody.slice(0, participantsLimit === 0 ? undefined : participantsLimit)
    : [];
  const activities: readonly StoredActivity[] =
    limit === 0 ? [] : await reads.activities(conversation.id, { limit });
  const users = await identity.usersByIds([
    ...people.map((person) => person.userId),
    ...peopleIn(activities),
  ]);
  return wireConversation(conversation, me, urls, {
    people,
    users,
    activities,
    ...(needsTitle
      ? { computedTitle: await titleFromPeople(conversation, everybody, caller.user.id, identity) }
      : {}),
  });
}
