import type { Feature } from '@trunkline/wire';
import { badRequest, forbidden } from '../../kernel/http/errors.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import { defineModule, type Needs } from '../../kernel/module.js';
import type { Identity } from '../identity/api.js';
import type { Features } from './api.js';
import { migrations } from './migrations/index.js';
import type { FeaturesTable } from './schema.js';

type Kind = FeaturesTable['kind'];
/** toggles one person may have of one kind */
const most = 500;
const keyPattern = /^[\w.-]{1,100}$/;

const asFeature = (row: Pick<FeaturesTable, 'key' | 'val' | 'modified_ms'>): Feature => ({
  key: row.key,
  val: row.val,
  type: /^(true|false)$/i.test(row.val) ? 'boolean' : 'string',
  mutable: true,
  lastModified: new Date(row.modified_ms).toISOString(),
});

const typeOf = (kind: Kind): 'USER' | 'DEVELOPER' => (kind === 'user' ? 'USER' : 'DEVELOPER');

function readToggle(body: unknown): { key: string; val: string } {
  const { key, val } = (typeof body === 'object' && body !== null ? body : {}) as {
    key?: unknown;
    val?: unknown;
  };
  if (typeof key !== 'string' || !keyPattern.test(key))
    throw badRequest('key must be a name of 1 to 100 characters.');
  if (!['string', 'number', 'boolean'].includes(typeof val))
    throw badRequest('val must be text, a number or a boolean.');
  const text = String(val);
  if (text.length > 1000) throw badRequest('val is longer than 1000 characters.');
  return { key, val: text };
}

/** Feature toggles: kept per person, sent to their devices. @source protocol/device-and-mercury.md §3 */
export const features = defineModule({
  name: 'features',
  migrations,
  needs: ['identity', 'mercury'],
  setup: createFeatures,
});

function createFeatures(kernel: Kernel, { identity, mercury }: Needs<'identity' | 'mercury'>) {
  const { store } = kernel;
  const listeners = new Set<(userId: string, key: string, val: string) => void>();

  async function set(
    userId: string,
    kind: Kind,
    toggles: readonly { key: string; val: string }[],
  ): Promise<Feature[]> {
    const now = kernel.now();
    return store.write(async (write) => {
      const changed: Feature[] = [];
      for (const { key, val } of toggles) {
        const row = { user_id: userId, kind, key, val, modified_ms: now };
        await write.tx
          .insertInto('features')
          .values(row)
          .onConflict((conflict) =>
            conflict.columns(['user_id', 'kind', 'key']).doUpdateSet({ val, modified_ms: now }),
          )
          .execute();
        const featureToggle = { ...asFeature(row), type: typeOf(kind) };
        await mercury.append(write, { userId, data: { eventType: 'featureToggle_update', featureToggle } });
        changed.push(asFeature(row));
        if (kind === 'user')
          write.afterCommit(() => {
            for (const listener of listeners) listener(userId, key, val);
          });
      }
      const { count } = await write.tx
        .selectFrom('features')
        .select((query) => query.fn.countAll<number>().as('count'))
        .where('user_id', '=', userId)
        .executeTakeFirstOrThrow();
      if (count > most) throw badRequest(`A person may have ${String(most)} toggles at most.`);
      return changed;
    });
  }

  const api: Features = {
    of: async (userId) => {
      const rows = await store.db.selectFrom('features').selectAll().where('user_id', '=', userId).execute();
      const list = (kind: Kind): Feature[] => rows.filter((row) => row.kind === kind).map(asFeature);
      return { developer: list('developer'), entitlement: [], user: list('user') };
    },
    usersWith: async (key, val) => {
      const rows = await store.db
        .selectFrom('features')
        .select('user_id')
        .where('kind', '=', 'user')
        .where('key', '=', key)
        .where((where) => where.eb(where.fn<string>('lower', ['val']), '=', val.toLowerCase()))
        .execute();
      return rows.map((row) => row.user_id);
    },
    onUserToggle: (listener) => {
      listeners.add(listener);
    },
  };
  const routes: Routes = (app) => {
    const base = `${servicePaths.feature}/features/users/:userId`;
    const self = async (request: Parameters<Identity['caller']>[0], userId: string): Promise<void> => {
      const { user } = await identity.caller(request, 'spark:all');
      if (user.id !== userId) throw forbidden();
    };
    for (const kind of ['developer', 'user'] as const)
      app.post<{ Params: { userId: string } }>(`${base}/${kind}`, async (request) => {
        const { userId } = request.params;
        await self(request, userId);
        return (await set(userId, kind, [readToggle(request.body)]))[0];
      });
    app.post<{ Params: { userId: string } }>(`${base}/toggles`, async (request) => {
      const { userId } = request.params;
      await self(request, userId);
      if (!Array.isArray(request.body) || request.body.length > 100)
        throw badRequest('The body must be a list of at most 100 toggles.');
      const featureToggles: (Omit<Feature, 'type'> & { readonly type: string })[] = [];
      for (const item of request.body as unknown[]) {
        const { type } = (typeof item === 'object' && item !== null ? item : {}) as { type?: unknown };
        const kind = type === 'USER' ? 'user' : 'developer';
        const changed = await set(userId, kind, [readToggle(item)]);
        // here the type is whose toggle it is, as in the request and in the event
        featureToggles.push(...changed.map((toggle) => ({ ...toggle, type: typeOf(kind) })));
      }
      return { featureToggles };
    });
  };
  return { api, routes: [routes] };
}
