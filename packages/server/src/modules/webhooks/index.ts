import { createCursors } from '../../kernel/http/cursor.js';
import type { Kernel } from '../../kernel/kernel.js';
import { defineModule, type Needs } from '../../kernel/module.js';
import type { Webhooks } from './api.js';
import { Deliverer } from './deliverer.js';
import { Dispatcher } from './dispatcher.js';
import { migrations } from './migrations/index.js';
import { Registry } from './registry.js';
import { webhookRoutes } from './routes.js';
import { createSender } from './sender.js';
import { activeWebhooks, removeWebhook, waitingDeliveries, type WebhookRow, webhooksOf } from './store.js';

/** Webhooks, and deliveries to their targets. @source protocol/hydra-rest.md §8 */
export const webhooks = defineModule({
  name: 'webhooks',
  migrations,
  needs: ['audience', 'conversation', 'identity', 'mercury'],
  setup: createWebhooks,
});

function createWebhooks(
  kernel: Kernel,
  { audience, conversation, identity, mercury }: Needs<'audience' | 'conversation' | 'identity' | 'mercury'>,
) {
  const { config, store, vault } = kernel;
  const registry = new Registry();
  // tied to its row: two secrets cannot be swapped in the table
  const nameOf = (id: string): string => `webhook/${id}`;
  const secretOf = ({ id, secret }: WebhookRow): Buffer | undefined =>
    secret === null ? undefined : vault.unwrap(nameOf(id), secret);
  const deliverer = new Deliverer(kernel, {
    registry,
    counts: kernel.counts,
    base: () => kernel.address.base,
    secretOf,
    sender: createSender({
      allowPrivate: config.allowPrivateTargets,
      timeoutMs: config.limits.webhookTimeoutMs,
      now: () => kernel.now(),
    }),
  });
  const dispatcher = new Dispatcher(kernel, {
    mercury,
    audience,
    reads: conversation.reads,
    registry,
    enqueue: (deliveries) => {
      deliverer.enqueue(deliveries);
    },
  });
  const stopListening = mercury.onAppended(() => {
    dispatcher.wake();
  });
  const removed = (id: string): void => {
    registry.remove(id);
    deliverer.drop(id);
  };
  // an app that may not act any more is notified of nothing any more
  identity.tokens.onRemoveHeld(async (write, held) => {
    const ids = await webhooksOf(write.tx, held);
    for (const id of ids) await removeWebhook(write, id);
    write.afterCommit(() => {
      ids.forEach(removed);
    });
  });

  const api: Webhooks = { waiting: () => deliverer.waiting() };
  return {
    api,
    routes: [
      webhookRoutes({
        kernel,
        identity,
        cursors: createCursors(vault.signer('cursors')),
        wrap: (id, secret) => vault.wrap(nameOf(id), Buffer.from(secret)),
        unwrap: (row) => secretOf(row)?.toString('utf8'),
        head: (write) => mercury.head(write),
        isActive: (row, creator) => {
          registry.put(row, creator);
          dispatcher.wake();
        },
        removed,
      }),
    ],
    // what is still to be delivered
    start: async () => {
      const rows = await activeWebhooks(store);
      const users = await identity.usersByIds([...new Set(rows.map((row) => row.creator_id))]);
      for (const row of rows) {
        const creator = users.get(row.creator_id);
        if (creator === undefined || registry.get(row.id) !== undefined) continue;
        try {
          registry.put(row, creator);
        } catch (error) {
          // one filter that is no longer understood must not keep the service from starting
          kernel.log.error({ err: error, webhook: row.id }, 'a webhook cannot be notified');
        }
      }
      for (const [id, count] of await waitingDeliveries(store)) deliverer.add(id, count);
      await dispatcher.start();
    },
    // cuts what is under way: it is delivered after the next start
    stop: async () => {
      stopListening();
      await dispatcher.close();
      await deliverer.close();
    },
  };
}
