// How people find a device: by what they keep, by its name, by the ultrasound they receive.
import { badRequest, notFound } from '../../kernel/http/errors.js';
import { fields, param, text } from '../../kernel/http/untrusted.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import type { Identity } from '../identity/api.js';
import type { Rooms } from './rooms.js';
import { auxiliaryDevice } from './shapes.js';
import {
  auxiliaryOf,
  deviceById,
  deviceByToken,
  putAuxiliary,
  removeAuxiliary,
  searchDevices,
} from './store.js';

type Params = { Params: { id: string } };
/** devices one person's clients may remember */
const mostKept = 200;
const mostFound = 50;

/** A name as ciphertext: this service cannot read it, and looks only at its form. */
function nameIn(body: unknown): { readonly name: string; readonly keyUrl: string } | undefined {
  const metadata = fields(fields(body)['metadata']);
  const name = text(metadata['encryptedUserAssignedName']);
  const keyUrl = text(metadata['encryptionKeyUrl']);
  if (name === undefined && keyUrl === undefined) return undefined;
  if (!/^[\w-]*(?:\.[\w-]*){4}$/.test(name ?? '') || (name?.length ?? 0) > 4096)
    throw badRequest('metadata.encryptedUserAssignedName must be a compact JWE of at most 4096 characters.');
  if (!/^kms:\/\/[^/]+\/keys\/[\w-]{1,64}$/.test(keyUrl ?? ''))
    throw badRequest('metadata.encryptionKeyUrl must be the URL of a key.');
  return { name: name ?? '', keyUrl: keyUrl ?? '' };
}

/** @source protocol/presence-devices-support.md §2.1, §2.3 */
export function findingRoutes(kernel: Kernel, identity: Identity, rooms: Rooms): Routes {
  const { store } = kernel;
  const kept = `${servicePaths.wdm}/devices/auxiliary`;
  return (app) => {
    app.get(kept, async (request) => {
      const { user } = await identity.caller(request);
      const urls = kernel.urls(request);
      const items = [];
      for (const row of await auxiliaryOf(store.db, user.id)) {
        const device = await deviceById(store.db, row.device_id);
        if (device !== undefined) items.push(auxiliaryDevice(urls, device, row));
      }
      return { items };
    });
    for (const path of [`${kept}/Room/:id`, `${kept}/:id`]) {
      app.put<Params>(path, async (request) => {
        const { user } = await identity.caller(request);
        const device = await rooms.visible(request.params.id, user);
        const named = nameIn(request.body);
        const row = await store.write(async ({ tx }) => {
          const all = await auxiliaryOf(tx, user.id);
          const before = all.find((one) => one.device_id === device.id);
          if (before === undefined && all.length >= mostKept)
            throw badRequest(`A person may keep ${String(mostKept)} devices at most.`);
          const now = {
            user_id: user.id,
            device_id: device.id,
            name: named?.name ?? before?.name ?? null,
            key_url: named?.keyUrl ?? before?.key_url ?? null,
            modified_ms: kernel.now(),
          };
          await putAuxiliary(tx, now, named !== undefined);
          return now;
        });
        return auxiliaryDevice(kernel.urls(request), device, row);
      });
      app.delete<Params>(path, async (request, reply) => {
        const { user } = await identity.caller(request);
        if (!(await store.write(({ tx }) => removeAuxiliary(tx, user.id, request.params.id))))
          throw notFound();
        return reply.code(204).send();
      });
    }

    app.post(`${servicePaths.argonaut}/directory`, async (request) => {
      const { user } = await identity.caller(request);
      const body = fields(request.body);
      const query = text(body['queryString'])?.trim() ?? '';
      if (query === '' || query.length > 128)
        throw badRequest('queryString must be a text of 1 to 128 characters.');
      const wanted = body['includeRooms'] !== false && body['searchEntity'] !== 'people';
      const people = !user.roles.includes('guest') && !user.roles.includes('machine');
      const found = wanted && people ? await searchDevices(store.db, user.org_id, query, mostFound) : [];
      const urls = kernel.urls(request);
      return {
        searchId: text(body['searchId'])?.slice(0, 64) ?? null,
        items: found.map((device) => auxiliaryDevice(urls, device)),
      };
    });

    app.get(`${servicePaths.proximity}/ultrasound/advertisements`, async (request) => {
      const { user } = await identity.caller(request);
      const token = param(request.query, 'token') ?? '';
      const found = token === '' ? undefined : await deviceByToken(store.db, token);
      if (found === undefined) throw notFound();
      const device = await rooms.visible(found.id, user);
      return {
        token,
        advertiser: { id: device.id, displayName: device.display_name },
      };
    });
  };
}
