import { encodeId, type Webhook } from '@trunkline/wire';
import { randomUUID } from 'node:crypto';
import { type Cursors, pageSize } from '../../kernel/http/cursor.js';
import { ApiError, badRequest, notFound } from '../../kernel/http/errors.js';
import { idInPath, iso, personId, restBase } from '../../kernel/http/fields.js';
import { operation } from '../../kernel/http/operation.js';
import { leadsToPrivateAddress } from '../../kernel/http/outbound.js';
import { param } from '../../kernel/http/untrusted.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import type { Write } from '../../kernel/store/index.js';
import type { Caller, Identity, User } from '../identity/api.js';
import { changedWebhook, mainFields, newWebhook, ownedByField, secretField, subjectFields } from './body.js';
import { checkFilter, checkSubject, compileFilter } from './filters.js';
import { countOf, findWebhook, listWebhooks, removeWebhook, type WebhookRow } from './store.js';

export interface RouteParts {
  readonly kernel: Kernel;
  readonly identity: Identity;
  readonly cursors: Cursors;
  wrap(id: string, secret: string): Uint8Array;
  unwrap(row: WebhookRow): string | undefined;
  /** position of the newest event */
  head(write: Write): Promise<number>;
  /** It is active, as it is now. */
  isActive(row: WebhookRow, creator: User): void;
  removed(id: string): void;
}

const webhookMissing = (): ApiError => notFound('The webhook could not be found.');

/** @source protocol/hydra-rest.md §8 */
export function webhookRoutes(parts: RouteParts): Routes {
  const { kernel, cursors, identity } = parts;
  const { config, store } = kernel;

  const show = (row: WebhookRow): Webhook => {
    const secret = parts.unwrap(row);
    return {
      id: encodeId('WEBHOOK', row.id),
      name: row.name,
      targetUrl: row.target_url,
      resource: row.resource,
      event: row.event,
      ...(row.filter === null ? {} : { filter: row.filter }),
      ...(secret === undefined ? {} : { secret }),
      status: row.status,
      ownedBy: row.owned_by,
      orgId: encodeId('ORGANIZATION', row.org_id),
      createdBy: personId(row.creator_id),
      appId: encodeId('APPLICATION', row.app_id),
      created: iso(row.created_ms),
    };
  };
  const visible = (row: WebhookRow | undefined, { user }: Caller): WebhookRow => {
    const may =
      row !== undefined &&
      (row.creator_id === user.id ||
        (row.owned_by === 'org' && row.org_id === user.org_id && user.roles.includes('admin')));
    if (!may) throw webhookMissing();
    return row;
  };
  const idOf = (params: unknown): string =>
    idInPath('WEBHOOK', param(params, 'id'), 'The webhook could not be found.');

  async function checkTarget(targetUrl: string): Promise<void> {
    if (!config.allowPrivateTargets && (await leadsToPrivateAddress(new URL(targetUrl))))
      throw badRequest(
        'targetUrl must not lead to a private address. A service on this machine allows it with --allow-private-targets.',
      );
  }

  return (app) => {
    app.post(`${restBase}/webhooks`, operation('Creates a webhook.', newWebhook), async (request) => {
      const caller = await identity.caller(request, 'spark:all');
      const { user } = caller;
      const body = newWebhook.read(request.body);
      const main = mainFields(body);
      const { resource, event, filter } = subjectFields(body);
      checkSubject(resource, event);
      compileFilter(resource, filter, user.id);
      checkFilter(resource, event, filter);
      const secret = secretField(body);
      const ownedBy = ownedByField(body.ownedBy, caller) ?? 'creator';
      await checkTarget(main.targetUrl);
      const id = randomUUID();
      const row = await store.write(async (write) => {
        const { webhooksPerUser } = config.limits;
        if ((await countOf(write.tx, user.id)) >= webhooksPerUser)
          throw new ApiError(
            409,
            `A person has at most ${String(webhooksPerUser)} webhooks; delete one that is not needed.`,
          );
        const created: WebhookRow = {
          id,
          org_id: user.org_id,
          creator_id: user.id,
          app_id: caller.clientId ?? user.org_id,
          owned_by: ownedBy,
          name: main.name,
          target_url: main.targetUrl,
          resource,
          event,
          filter: filter ?? null,
          secret: typeof secret === 'string' ? parts.wrap(id, secret) : null,
          status: 'active',
          since_pos: await parts.head(write),
          created_ms: kernel.now(),
        };
        await write.tx.insertInto('webhooks').values(created).execute();
        write.afterCommit(() => {
          parts.isActive(created, user);
        });
        return created;
      });
      return show(row);
    });

    app.get(`${restBase}/webhooks`, async (request, reply) => {
      const caller = await identity.caller(request, 'spark:all');
      const limit = pageSize(request, 100, 100);
      const ownedBy = ownedByField(param(request.query, 'ownedBy'), caller);
      const cursor = cursors.read(request, caller.user.id);
      const after =
        typeof cursor?.['ms'] === 'number' && typeof cursor['id'] === 'string'
          ? { ms: cursor['ms'], id: cursor['id'] }
          : undefined;
      const found = await listWebhooks(store, {
        ...(ownedBy === 'org' ? { orgId: caller.user.org_id } : { creatorId: caller.user.id }),
        ...(ownedBy === undefined ? {} : { ownedBy }),
        limit: limit + 1,
        ...(after && { after }),
      });
      const shown = found.slice(0, limit);
      const last = shown.at(-1);
      if (found.length > limit && last !== undefined)
        cursors.next(request, reply, kernel.urls(request), caller.user.id, {
          ms: last.created_ms,
          id: last.id,
        });
      return { items: shown.map(show) };
    });

    app.get(`${restBase}/webhooks/:id`, async (request) => {
      const caller = await identity.caller(request, 'spark:all');
      return show(visible(await findWebhook(store.db, idOf(request.params)), caller));
    });

    app.put(`${restBase}/webhooks/:id`, operation('Changes a webhook.', changedWebhook), async (request) => {
      const caller = await identity.caller(request, 'spark:all');
      const id = idOf(request.params);
      const before = visible(await findWebhook(store.db, id), caller);
      const creator = await identity.userById(before.creator_id);
      if (creator === undefined) throw webhookMissing();
      const body = changedWebhook.read(request.body);
      const main = mainFields(body);
      const secret = secretField(body);
      const ownedBy = ownedByField(body.ownedBy, caller);
      const status = body.status;
      if (status !== undefined && status !== 'active' && status !== 'inactive')
        throw badRequest('status must be active, or be left out.');
      await checkTarget(main.targetUrl);
      const row = await store.write(async (write) => {
        const now = visible(await findWebhook(write.tx, id), caller);
        // anyone who hands back what they fetched changes nothing by it
        if (status === 'inactive' && now.status === 'active')
          throw badRequest('A webhook cannot be made inactive; delete it instead.');
        const wakes = status === 'active' && now.status === 'inactive';
        const change = {
          name: main.name,
          target_url: main.targetUrl,
          // as it was read it is of no type that the driver writes
          ...(secret === undefined ? {} : { secret: secret === null ? null : parts.wrap(id, secret) }),
          owned_by: ownedBy ?? now.owned_by,
          // what happened while it was inactive is not delivered
          ...(wakes ? { status: 'active' as const, since_pos: await parts.head(write) } : {}),
        };
        await write.tx.updateTable('webhooks').set(change).where('id', '=', id).execute();
        const changed: WebhookRow = { ...now, ...change };
        write.afterCommit(() => {
          if (changed.status === 'active') parts.isActive(changed, creator);
        });
        return changed;
      });
      return show(row);
    });

    app.delete(`${restBase}/webhooks/:id`, async (request, reply) => {
      const caller = await identity.caller(request, 'spark:all');
      const id = idOf(request.params);
      await store.write(async (write) => {
        visible(await findWebhook(write.tx, id), caller);
        await removeWebhook(write, id);
        write.afterCommit(() => {
          parts.removed(id);
        });
      });
      return reply.code(204).send();
    });
  };
}
