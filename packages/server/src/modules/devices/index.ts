import { EXCESSIVE_DEVICES } from '@trunkline/wire';
import { createHash, randomUUID } from 'node:crypto';
import { removalTime } from '../../kernel/clock.js';
import { ApiError, notFound } from '../../kernel/http/errors.js';
import { deviceUrl, servicePaths, socketPath, type Urls } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import { defineModule, type Needs } from '../../kernel/module.js';
import type { User } from '../identity/api.js';
import type { Devices } from './api.js';
import type { DevicesTable } from './schema.js';

/** What the service says of a device itself; the same keys out of a client's mouth are left out. */
const own = new Set([
  'url',
  'webSocketUrl',
  'userId',
  'orgId',
  'features',
  'services',
  'serviceHostMap',
  'etag',
]);
/** characters of JSON that one device may be */
const maxBody = 64 * 1024;
/** seconds */
const longestTtl = 30 * 86_400;

interface Said {
  readonly text: string;
  readonly ttlS: number | null;
}

function said(body: unknown): Said {
  const fields = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
  const kept = Object.fromEntries(Object.entries(fields).filter(([key]) => !own.has(key)));
  const text = JSON.stringify(kept);
  if (text.length > maxBody) throw new ApiError(413, 'The description of the device is too large.');
  const { ttl } = fields as { ttl?: unknown };
  return { text, ttlS: typeof ttl === 'number' && ttl > 0 ? Math.min(Math.ceil(ttl), longestTtl) : null };
}

/** WDM: where a person's clients register. @source protocol/device-and-mercury.md §2 */
export const devices = defineModule({
  name: 'devices',
  needs: ['features', 'identity', 'mercury'],
  setup: createDevices,
});

function createDevices(
  kernel: Kernel,
  { features, identity, mercury }: Needs<'features' | 'identity' | 'mercury'>,
) {
  const { store, config } = kernel;
  const expired = (row: Pick<DevicesTable, 'ttl_s' | 'modified_ms'>): boolean =>
    row.ttl_s !== null && row.modified_ms + row.ttl_s * 1000 < removalTime(kernel);

  async function answer(row: DevicesTable, user: User, urls: Urls): Promise<{ etag: string; body: object }> {
    const lists = await features.of(user.id);
    const body = {
      ...(JSON.parse(row.body) as object),
      url: deviceUrl(urls, row.id),
      webSocketUrl: urls.base.replace(/^http/, 'ws') + socketPath(row.id),
      userId: user.id,
      orgId: user.org_id,
      features: lists,
      creationTime: new Date(row.created_ms).toISOString(),
      modificationTime: new Date(row.modified_ms).toISOString(),
    };
    // the same while the toggles are: with an unchanged etag clients keep their developer list
    return {
      etag: `"${createHash('sha256').update(JSON.stringify(lists)).digest('hex').slice(0, 32)}"`,
      body,
    };
  }

  async function register(user: User, { text, ttlS }: Said): Promise<DevicesTable> {
    return store.write(async (write) => {
      const { tx } = write;
      const { count } = await tx
        .selectFrom('devices')
        .select((query) => query.fn.countAll<number>().as('count'))
        .where('user_id', '=', user.id)
        .executeTakeFirstOrThrow();
      // clients know this one by its text
      if (count >= config.limits.devicesPerUser) throw new ApiError(403, EXCESSIVE_DEVICES);
      const now = kernel.now();
      const row: DevicesTable = {
        id: randomUUID(),
        user_id: user.id,
        body: text,
        created_ms: now,
        modified_ms: now,
        ttl_s: ttlS,
        // it gets what happens from now on
        acked_pos: await mercury.head(write),
        lost: 0,
      };
      await tx.insertInto('devices').values(row).execute();
      return row;
    });
  }

  // another's device does not exist
  async function ownDevice(id: string, user: User): Promise<DevicesTable> {
    const row = await store.db
      .selectFrom('devices')
      .selectAll()
      .where('id', '=', id)
      .where('user_id', '=', user.id)
      .executeTakeFirst();
    if (row === undefined || expired(row)) throw notFound();
    return row;
  }

  const listeners: ((id: string) => Promise<void>)[] = [];
  async function remove(id: string): Promise<void> {
    await store.write(({ tx }) => tx.deleteFrom('devices').where('id', '=', id).execute());
    mercury.deviceRemoved(id);
    for (const listener of listeners)
      await listener(id).catch((error: unknown) => {
        kernel.log.error({ err: error }, 'not everything ended with a device');
      });
  }

  const base = `${servicePaths.wdm}/devices`;
  const api: Devices = {
    existing: async (ids, userId) => {
      const found = new Set<string>();
      // SQLite takes 32766 parameters at most
      for (let at = 0; at < ids.length; at += 1000) {
        const rows = await store.db
          .selectFrom('devices')
          .select(['id', 'user_id', 'ttl_s', 'modified_ms'])
          .where('id', 'in', ids.slice(at, at + 1000))
          .execute();
        for (const row of rows)
          if (!expired(row) && (userId === undefined || row.user_id === userId)) found.add(row.id);
      }
      return found;
    },
    onRemoved: (listener) => {
      listeners.push(listener);
    },
  };
  const routes: Routes = (app) => {
    app.post(base, async (request, reply) => {
      const { user } = await identity.caller(request, 'spark:all');
      const { etag, body } = await answer(
        await register(user, said(request.body)),
        user,
        kernel.urls(request),
      );
      return reply.header('etag', etag).send(body);
    });
    app.get(base, async (request) => {
      const { user } = await identity.caller(request, 'spark:all');
      const rows = await store.db.selectFrom('devices').selectAll().where('user_id', '=', user.id).execute();
      const urls = kernel.urls(request);
      const devices = rows
        .filter((row) => !expired(row))
        .map(async (row) => (await answer(row, user, urls)).body);
      return { devices: await Promise.all(devices) };
    });
    app.get<{ Params: { id: string } }>(`${base}/:id`, async (request, reply) => {
      const { user } = await identity.caller(request, 'spark:all');
      const row = await ownDevice(request.params.id, user);
      const { etag, body } = await answer(row, user, kernel.urls(request));
      return reply.header('etag', etag).send(body);
    });
    app.put<{ Params: { id: string } }>(`${base}/:id`, async (request, reply) => {
      const { user } = await identity.caller(request, 'spark:all');
      const before = await ownDevice(request.params.id, user);
      const { text, ttlS } = said(request.body);
      const row = {
        ...before,
        body: text === '{}' ? before.body : text,
        ttl_s: ttlS ?? before.ttl_s,
        modified_ms: kernel.now(),
      };
      await store.write(({ tx }) =>
        tx
          .updateTable('devices')
          .set({ body: row.body, ttl_s: row.ttl_s, modified_ms: row.modified_ms })
          .where('id', '=', row.id)
          .execute(),
      );
      const { etag, body } = await answer(row, user, kernel.urls(request));
      return reply.header('etag', etag).send(body);
    });
    app.delete<{ Params: { id: string } }>(`${base}/:id`, async (request, reply) => {
      const { user } = await identity.caller(request, 'spark:all');
      await remove((await ownDevice(request.params.id, user)).id);
      return reply.code(204).send();
    });
  };
  return {
    api,
    routes: [routes],
    sweep: async () => {
      const rows = await store.db
        .selectFrom('devices')
        .select(['id', 'ttl_s', 'modified_ms'])
        .where('ttl_s', 'is not', null)
        .execute();
      for (const row of rows) if (expired(row)) await remove(row.id);
    },
  };
}
