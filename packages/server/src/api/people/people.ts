import { encodeId, type Person, uuidOf } from '@trunkline/wire';
import { pageSize } from '../../kernel/http/cursor.js';
import { badRequest, notFound } from '../../kernel/http/errors.js';
import { idInPath, iso, personId, restBase } from '../../kernel/http/fields.js';
import { flag, param, text } from '../../kernel/http/untrusted.js';
import type { Routes } from '../../kernel/module.js';
import { isGuest, visiblePeople } from '../../modules/conversation/api.js';
import { nameParts, type User } from '../../modules/identity/api.js';
import type { Availability } from '../../modules/presence/api.js';
import type { Rest } from '../tools.js';

const maxIds = 100;

type Shown = ReturnType<Availability['availabilityOf']>;
/** As REST calls what presence knows under another name. */
const names: Readonly<Partial<Record<Shown['status'], string>>> = {
  calendarItem: 'meeting',
  dnd: 'DoNotDisturb',
  ooo: 'OutOfOffice',
};

/** @param shown undefined: it was not requested */
function show(user: User, shown: Shown | undefined): Person {
  const { givenName: firstName, familyName: lastName } = nameParts(user);
  return {
    id: personId(user.id),
    emails: [user.email],
    phoneNumbers: [],
    extension: user.extension,
    displayName: user.display_name,
    nickName: firstName,
    firstName,
    ...(lastName === '' ? {} : { lastName }),
    orgId: encodeId('ORGANIZATION', user.org_id),
    created: iso(user.created_ms),
    lastModified: iso(user.created_ms),
    ...(shown && { status: names[shown.status] ?? shown.status }),
    ...(shown?.lastActiveMs !== undefined && { lastActivity: iso(shown.lastActiveMs) }),
    loginEnabled: true,
    invitePending: false,
    type: user.roles.includes('bot') ? 'bot' : 'person',
  };
}

/** @source protocol/hydra-rest.md §6 */
export function peopleRoutes({ kernel, conversations, cursors, identity, presence }: Rest): Routes {
  /** How the caller sees people: of those of other organisations nothing is known. */
  const seenBy =
    (caller: User, excludeStatus = false) =>
    (user: User): Person => {
      if (excludeStatus) return show(user, undefined);
      const ours = user.org_id === caller.org_id;
      return show(
        user,
        ours ? presence.availabilityOf(user.id) : { status: 'unknown', lastActiveMs: undefined },
      );
    };

  /** Ids in either form; unknown ones are named, as `id` would be: clients match the answers by it. */
  async function batch(caller: User, ids: readonly string[], see: (user: User) => Person): Promise<object> {
    if (ids.length > maxIds) throw badRequest(`At most ${String(maxIds)} ids.`);
    const uuids = await visiblePeople(
      conversations.reads,
      caller,
      ids.flatMap((id) => uuidOf('PEOPLE', id) ?? []),
    );
    const found = await identity.usersByIds([...uuids]);
    const shown: Person[] = [];
    const missing: string[] = [];
    for (const id of ids) {
      const uuid = uuidOf('PEOPLE', id);
      const user = uuid === undefined ? undefined : found.get(uuid);
      if (user !== undefined) shown.push(see(user));
      else missing.push(uuid === undefined ? id : personId(uuid));
    }
    return { items: shown, notFoundIds: missing.length === 0 ? null : missing };
  }

  return (app) => {
    app.get(`${restBase}/people/me`, async (request) => {
      const caller = await identity.caller(request);
      return seenBy(caller.user)(caller.user);
    });

    app.get(`${restBase}/people`, async (request, reply) => {
      const { user } = await identity.caller(request);
      const see = seenBy(user, flag(param(request.query, 'excludeStatus')));
      const ids = param(request.query, 'id');
      if (ids !== undefined) return batch(user, ids.split(',').filter(Boolean), see);
      const email = param(request.query, 'email');
      const displayName = param(request.query, 'displayName');
      const max = pageSize(request, 100, 1_000);
      if (email === undefined && displayName === undefined && !user.roles.includes('admin'))
        throw badRequest('Email, displayName, or id must be specified.');
      const cursor = cursors.read(request, user.id);
      const after = cursor && {
        displayName: text(cursor['displayName']) ?? '',
        id: text(cursor['id']) ?? '',
      };
      const found = await identity.searchUsers(user.org_id, {
        max: max + 1,
        ...(email === undefined ? {} : { email: email.trim().toLowerCase() }),
        ...(displayName === undefined ? {} : { displayName }),
        ...(isGuest(user) ? { among: [...(await conversations.reads.sharing(user.id)), user.id] } : {}),
        ...(after && { after }),
      });
      const shown = found.slice(0, max);
      const last = shown.at(-1);
      if (found.length > max && last !== undefined)
        cursors.next(request, reply, kernel.urls(request), user.id, {
          displayName: last.display_name,
          id: last.id,
        });
      return { items: shown.map(see), notFoundIds: null };
    });

    app.get(`${restBase}/people/:id`, async (request) => {
      const caller = await identity.caller(request);
      const id = idInPath('PEOPLE', param(request.params, 'id'));
      const visible = await visiblePeople(conversations.reads, caller.user, [id]);
      const user = visible.has(id) ? await identity.userById(id) : undefined;
      if (user === undefined) throw notFound();
      return seenBy(caller.user)(user);
    });
  };
}
