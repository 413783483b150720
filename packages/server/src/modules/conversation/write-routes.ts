import type { WireActivity } from '@trunkline/wire';
import { isUuid } from '@trunkline/wire';
import { badRequest, notFound } from '../../kernel/http/errors.js';
import {
  fields,
  type Fields,
  isFields,
  items,
  list,
  param,
  text,
  texts,
} from '../../kernel/http/untrusted.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Routes } from '../../kernel/module.js';
import type { Caller, User } from '../identity/api.js';
import type { NewActivity } from './api.js';
import { peopleIn, personOf, wireActivity, wireActivityOfLeaver } from './shapes.js';
import { showConversation } from './show.js';
import { idIn, memberOf, type Tools } from './tools.js';
import { isSpaceTag, maxTags } from './verbs/avatar.js';
import { visiblePeople } from './visible-people.js';

const base = servicePaths.conversation;
const longestName = 128;
// what names a user or something is a text, or is not there
const naming = new Set(['id', 'entryUUID', 'contentCategory', 'encryptionKeyUrl']);

/** An activity out of a body. What only this service may say is not taken from strangers. */
function activityIn(value: unknown, verb?: string): NewActivity {
  const body = fields(value);
  const named = verb ?? text(body['verb']);
  if (named === undefined) throw badRequest('The verb is missing.');
  const object = Object.fromEntries(
    Object.entries(fields(body['object'])).filter(
      ([name, given]) => name !== 'details' && (typeof given === 'string' || !naming.has(name)),
    ),
  );
  const parent = fields(body['parent']);
  const parentId = text(parent['id']) ?? text(body['parentActivityId']);
  const parentType = text(parent['type']) ?? text(body['activityType']) ?? 'reply';
  const clientTempId = text(body['clientTempId']);
  const encryptionKeyUrl = text(body['encryptionKeyUrl']) ?? text(object['encryptionKeyUrl']);
  const kmsMessage = text(body['kmsMessage']);
  if (clientTempId !== undefined && clientTempId.length > 200)
    throw badRequest('The clientTempId is too long.');
  const id = text(object['id']) ?? text(object['url'])?.split('/').pop();
  return {
    verb: named,
    object: {
      ...object,
      objectType: text(object['objectType']) ?? '',
      ...(id === undefined ? {} : { id }),
    },
    ...(parentId === undefined ? {} : { parent: { id: parentId, type: parentType } }),
    ...(clientTempId === undefined ? {} : { clientTempId }),
    ...(encryptionKeyUrl === undefined ? {} : { encryptionKeyUrl }),
    ...(kmsMessage === undefined ? {} : { kmsMessage }),
  };
}

/** Uuids of those a body adds, by uuid or by address. */
export async function peopleOf(
  identity: Tools['identity'],
  activities: readonly unknown[],
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const entry of activities) {
    const object = fields(fields(entry)['object']);
    if (fields(entry)['verb'] !== 'add' || object['objectType'] !== 'person') continue;
    const given = text(object['entryUUID']) ?? text(object['id']) ?? '';
    const email = text(object['emailAddress']) ?? text(object['entryEmail']) ?? given;
    const id = isUuid(given) ? given : (await identity.userByEmail(email.toLowerCase()))?.id;
    if (id === undefined) throw badRequest('Not all of these people exist.');
    ids.push(id);
  }
  return ids;
}

/** Tags that a new space may have. @throws ApiError 400 for those that are a person's own or have routes of their own */
function newTagsIn(body: Fields): readonly string[] {
  const tags = [...new Set(texts(body['tags']))];
  const own = tags.filter((tag) => tag !== 'ONE_ON_ONE' && tag !== 'LOCKED');
  const isLocked = tags.includes('LOCKED');
  const lockedForTwo = isLocked && tags.includes('ONE_ON_ONE');
  if (lockedForTwo || own.length > maxTags || !own.every(isSpaceTag))
    throw badRequest('A space cannot be created with these tags.');
  if (own.includes('ANNOUNCEMENT') && !isLocked)
    throw badRequest('Only a locked space can be for announcements only.');
  return tags;
}

/** @source protocol/conversation.md §3 */
export function writeRoutes(tools: Tools): Routes {
  const { kernel, create, identity, mercury, perform, reads } = tools;

  async function submitted(
    request: Parameters<typeof identity.caller>[0],
    caller: Caller,
    activity: NewActivity,
  ): Promise<WireActivity & { readonly kmsMessage?: string }> {
    const id = idIn(request.params);
    const { conversation, isMember, kmsMessage, stored } = await perform(caller, id, activity);
    const answer = kmsMessage === undefined ? {} : { kmsMessage };
    const users = await identity.usersByIds(peopleIn([stored]));
    const urls = kernel.urls(request);
    if (isMember) return { ...wireActivity(stored, conversation, users, urls), ...answer };
    return { ...wireActivityOfLeaver(stored, users, urls), ...answer };
  }

  return (app) => {
    app.post(`${base}/conversations`, async (request) => {
      const caller = await identity.caller(request);
      const body = fields(request.body);
      const activities = items(body['activities']);
      const title = text(body['displayName']);
      const keyUrl = text(body['encryptionKeyUrl']) ?? text(body['defaultActivityEncryptionKeyUrl']);
      const kmsMessage = text(body['kmsMessage']);
      const first = activities.flatMap((entry) => {
        const verb = fields(entry)['verb'];
        if (verb !== 'post' && verb !== 'favorite') return [];
        const activity = activityIn(entry);
        // its words were encrypted under the conversation's new key
        return [
          verb === 'post' && activity.encryptionKeyUrl === undefined && keyUrl !== undefined
            ? { ...activity, encryptionKeyUrl: keyUrl }
            : activity,
        ];
      });
      const tags = newTagsIn(body);
      const { id, kmsMessage: answer } = await create(caller, {
        memberIds: await peopleOf(identity, activities),
        isDirect: tags.includes('ONE_ON_ONE'),
        onlyNew: true,
        tags,
        ...(title === undefined ? {} : { title }),
        ...(keyUrl === undefined ? {} : { keyUrl }),
        ...(kmsMessage === undefined ? {} : { kmsMessage }),
        first,
      });
      const membership = await memberOf(reads, caller, id);
      const query = { includeParticipants: 'true', activitiesLimit: '10' };
      const { shown } = await showConversation(tools, caller, membership, query, kernel.urls(request));
      return { ...shown, ...(answer === undefined ? {} : { kmsMessage: answer }) };
    });

    app.post(`${base}/conversations/:id/activities`, async (request) => {
      const caller = await identity.caller(request);
      return submitted(request, caller, activityIn(request.body));
    });
    app.post(`${base}/conversations/:id/content`, async (request) => {
      const caller = await identity.caller(request);
      return submitted(request, caller, activityIn(request.body, 'share'));
    });

    app.post(`${base}/conversations/:id/status/typing`, async (request, reply) => {
      const caller = await identity.caller(request);
      const id = idIn(request.params);
      await memberOf(reads, caller, id);
      const eventType = text(fields(request.body)['eventType']) ?? '';
      if (eventType !== 'status.start_typing' && eventType !== 'status.stop_typing')
        throw badRequest('eventType must be status.start_typing or status.stop_typing.');
      const others = (await reads.peopleIds(id)).filter((it) => it !== caller.user.id);
      mercury.sendToUsers(others, { eventType, conversationId: id, actor: personOf(caller.user) });
      return reply.code(204).send();
    });

    app.post(`${base}/users`, async (request) => {
      const { user: caller } = await identity.caller(request);
      const answer: Record<string, object> = {};
      for (const entry of list(request.body).slice(0, 200)) {
        const given = isFields(entry) ? (text(entry['email']) ?? text(entry['id'])) : text(entry);
        if (given === undefined) continue;
        const found: User | undefined = isUuid(given)
          ? await identity.userById(given)
          : await identity.userByEmail(given.toLowerCase());
        const user =
          found !== undefined && (await visiblePeople(reads, caller, [found.id])).has(found.id)
            ? found
            : undefined;
        // users are not made up here: an unknown user has no id
        answer[given] =
          user === undefined
            ? { userExists: false }
            : { ...personOf(user), email: user.email, userExists: true };
      }
      return answer;
    });
    app.get(`${base}/users`, async (request) => {
      const { user } = await identity.caller(request);
      return ownUser(user);
    });
    app.patch(`${base}/users/user`, async (request) => {
      const { user } = await identity.caller(request);
      const displayName = text(fields(request.body)['displayName'])?.trim() ?? '';
      if (displayName === '' || displayName.length > longestName || /[\u0000-\u001f\u007f]/.test(displayName))
        throw badRequest(`displayName must be a text of 1 to ${String(longestName)} characters.`);
      return ownUser(await identity.rename(user.id, { displayName }));
    });

    app.get(`${base}/users/:id`, async (request) => {
      const { user: caller } = await identity.caller(request);
      const given = param(request.params, 'id') ?? '';
      const visible = isUuid(given) && (await visiblePeople(reads, caller, [given])).has(given);
      const user = visible ? await identity.userById(given) : undefined;
      if (user === undefined) throw notFound();
      return personOf(user);
    });
  };
}

/** What this service lets every person do; clients look for these names. */
const entitlements = ['spark', 'webex-squared', 'squared-room-moderation'] as const;
const ownUser = (user: User): object => ({
  ...personOf(user),
  email: user.email,
  name: user.display_name,
  entitlements,
});
