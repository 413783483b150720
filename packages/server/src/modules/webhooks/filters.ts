import { uuidOf } from '@trunkline/wire';
import { badRequest } from '../../kernel/http/errors.js';

/** What filters look at, of one event. Ids are bare uuids; what an event does not say matches no filter. */
export interface Facts {
  readonly roomId?: string;
  readonly roomType?: 'direct' | 'group';
  readonly personId?: string;
  /** lower case */
  readonly personEmail?: string;
  readonly hasFiles?: boolean;
  readonly hasAttachments?: boolean;
  readonly isModerator?: boolean;
  readonly isLocked?: boolean;
  readonly mentioned?: ReadonlySet<string>;
}
export type Matches = (facts: Facts) => boolean;

const events: Readonly<Record<string, readonly string[]>> = {
  messages: ['created', 'updated', 'deleted', 'all'],
  memberships: ['created', 'updated', 'deleted', 'all'],
  // nothing migrates here, but anyone who asks for it asks for nothing that is wrong
  rooms: ['created', 'updated', 'migrated', 'all'],
  attachmentActions: ['created', 'all'],
  all: ['created', 'updated', 'deleted', 'all'],
};
const filters: Readonly<Record<string, readonly string[]>> = {
  messages: [
    'roomId',
    'roomType',
    'personId',
    'personEmail',
    'mentionedPeople',
    'hasFiles',
    'hasAttachments',
  ],
  memberships: ['roomId', 'personId', 'personEmail', 'isModerator'],
  rooms: ['type', 'isLocked'],
  attachmentActions: ['roomId'],
  all: ['roomId'],
};
const inWords = (names: readonly string[]): string =>
  `${names.slice(0, -1).join(', ')}${names.length > 1 ? ' and ' : ''}${names.at(-1) ?? ''}`;
const said = (value: string): string => JSON.stringify(value.slice(0, 50));

/** @throws ApiError 400 that says what there is. @source protocol/hydra-rest.md §8 */
export function checkSubject(resource: string, event: string): void {
  const known = Object.hasOwn(events, resource) ? events[resource] : undefined;
  if (known === undefined)
    throw badRequest(
      `This service has no webhooks for the resource ${said(resource)}; it knows ${inWords(Object.keys(events))}.`,
    );
  if (!known.includes(event))
    throw badRequest(
      `Unknown event ${said(event)} of the resource ${said(resource)}; there are ${inWords(known)}.`,
    );
}

function idOf(type: 'ROOM' | 'PEOPLE', name: string, value: string): string {
  const id = uuidOf(type, value);
  if (id === undefined) throw badRequest(`The filter ${name} must be an id.`);
  return id;
}
function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw badRequest(`The filter ${name} must be ${allowed.join(' or ')}.`);
  return found;
}

function condition(name: string, value: string, creatorId: string): Matches {
  switch (name) {
    case 'roomId': {
      const id = idOf('ROOM', name, value);
      return ({ roomId }) => roomId === id;
    }
    case 'personId': {
      const id = value === 'me' ? creatorId : idOf('PEOPLE', name, value);
      return ({ personId }) => personId === id;
    }
    case 'personEmail': {
      const email = value.trim().toLowerCase();
      if (!/^[^\s@]+@[^\s@]+$/.test(email))
        throw badRequest('The filter personEmail must be an email address.');
      return ({ personEmail }) => personEmail === email;
    }
    case 'mentionedPeople': {
      if (value !== 'me' && idOf('PEOPLE', name, value) !== creatorId)
        throw badRequest('The filter mentionedPeople must be me, or your own id.');
      return ({ mentioned }) => mentioned?.has(creatorId) === true;
    }
    case 'type':
    case 'roomType': {
      const type = oneOf(name, value, ['direct', 'group']);
      return ({ roomType }) => roomType === type;
    }
    case 'hasFiles':
    case 'hasAttachments':
    case 'isModerator':
    case 'isLocked': {
      const wanted = oneOf(name, value, ['true', 'false']) === 'true';
      return (facts) => facts[name] === wanted;
    }
    default:
      throw badRequest(`Unknown filter ${said(name)}.`);
  }
}

/** What a deleted message does not say any more. */
const ofContent: readonly string[] = ['hasFiles', 'hasAttachments', 'mentionedPeople'];

/** The conditions as they were written: a plus sign is itself, as in an email address, and not a space. */
function conditionsIn(filter: string): readonly (readonly [string, string])[] {
  if (/%(?![0-9a-f]{2})/i.test(filter))
    throw badRequest('The filter holds a % that is not followed by two hexadecimal digits; write it as %25.');
  return [...new URLSearchParams(filter.replaceAll('+', '%2B'))];
}

/** @throws ApiError 400 for a filter that can let nothing through */
export function checkFilter(resource: string, event: string, filter: string | undefined): void {
  if (resource !== 'messages' || event !== 'deleted' || filter === undefined) return;
  for (const [name] of conditionsIn(filter))
    if (ofContent.includes(name))
      throw badRequest(
        `The filter ${name} never matches the event "deleted": what a deleted message held is not known.`,
      );
}

/**
 * What a filter lets through: an event that meets all of its conditions.
 *
 * @param filter a query string
 * @throws ApiError 400 that says which part of it is wrong
 */
export function compileFilter(resource: string, filter: string | undefined, creatorId: string): Matches {
  if (filter === undefined) return () => true;
  const allowed = filters[resource] ?? [];
  const seen = new Set<string>();
  const conditions: Matches[] = [];
  for (const [name, value] of conditionsIn(filter)) {
    if (!allowed.includes(name))
      throw badRequest(
        `Unknown filter ${said(name)} for the resource ${said(resource)}; there are ${inWords(allowed)}.`,
      );
    if (seen.has(name)) throw badRequest(`The filter ${name} is given twice.`);
    seen.add(name);
    conditions.push(condition(name, value, creatorId));
  }
  return (facts) => conditions.every((met) => met(facts));
}
