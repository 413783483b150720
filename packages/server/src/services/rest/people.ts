import { encodeId, uuidOf, type Person } from '@trunkline/wire';
import { badRequest, notFound } from '../../http/errors.js';
import type { Routes, User } from '../contracts.js';
import { param } from '../untrusted.js';
import { pageSize } from './cursor.js';
import { base, idInPath, iso, personId, type Rest } from './tools.js';

const maxIds = 100;

function show(user: User): Person {
  const [firstName = user.display_name, ...rest] = user.display_name.split(/\s+/);
  const lastName = rest.join(' ');
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
    status: 'unknown',
    loginEnabled: true,
    invitePending: false,
    type: user.roles.includes('bot') ? 'bot' : 'person',
  };
}

/** @source protocol/hydra-rest.md §6 */
export function peopleRoutes({ identity }: Rest): Routes {
  /** Ids in either form; those that nobody has are named, as `id` would be: clients match the answers by it. */
  async function batch(ids: readonly string[]): Promise<object> {
    if (ids.length > maxIds) throw badRequest(`At most ${String(maxIds)} ids.`);
    const found = await identity.usersByIds(ids.flatMap((id) => uuidOf('PEOPLE', id) ?? []));
    const shown: Person[] = [];
    const missing: string[] = [];
    for (const id of ids) {
      const uuid = uuidOf('PEOPLE', id);
      const user = uuid === undefined ? undefined : found.get(uuid);
      if (user !== undefined) shown.push(show(user));
      else missing.push(uuid === undefined ? id : personId(uuid));
    }
    return { items: shown, notFoundIds: missing.length === 0 ? null : missing };
  }

  return (app) => {
    app.get(`${base}/people/me`, async (request) => {
      const caller = await identity.caller(request);
      return show(caller.user);
    });

    app.get(`${base}/people`, async (request) => {
      const { user } = await identity.caller(request);
      const ids = param(request.query, 'id');
      if (ids !== undefined) return batch(ids.split(',').filter(Boolean));
      const email = param(request.query, 'email');
      const displayName = param(request.query, 'displayName');
      const max = pageSize(request, 100, 1_000);
      if (email === undefined && displayName === undefined && !user.roles.includes('admin'))
        throw badRequest('Email, displayName, or id must be specified.');
      const found = await identity.searchUsers(user.org_id, {
        max,
        ...(email === undefined ? {} : { email: email.trim().toLowerCase() }),
        ...(displayName === undefined ? {} : { displayName }),
      });
      return { items: found.map(show), notFoundIds: null };
    });

    app.get(`${base}/people/:id`, async (request) => {
      await identity.caller(request);
      const user = await identity.userById(idInPath('PEOPLE', param(request.params, 'id')));
      if (user === undefined) throw notFound();
      return show(user);
    });
  };
}
