import { noCounts, type Counts } from '../../kernel/metrics.js';
import type { Context, Identity, Routes } from '../contracts.js';
import type { ConversationService } from '../conversation/index.js';
import type { Tokens } from '../identity/tokens.js';
import type { Vault } from '../../kernel/vault/vault.js';
import type { MercuryService } from '../mercury/index.js';
import { createCursors } from '../../kernel/http/cursor.js';
import { Deliverer } from './deliverer.js';
import { Dispatcher } from './dispatcher.js';
import { Registry } from './registry.js';
import { webhookRoutes } from './routes.js';
import { createSender } from './sender.js';
import { activeWebhooks, removeWebhook, waitingDeliveries, webhooksOf, type WebhookRow } from './store.js';

export interface WebhookService {
  readonly routes: Routes;
  /** Tells what is still to be told; once the service listens. */
  start(): Promise<void>;
  /** How many deliveries wait. */
  waiting(): number;
  /** Cuts what is under way: it is told after the next start. */
  close(): Promise<void>;
}

/** Webhooks, and telling their targets. @source protocol/hydra-rest.md §8 */
export function createWebhooks(
  context: Context & {
    readonly counts?: Counts;
    /** what absolute URLs begin with that nobody asked for */
    base(): string;
  },
  deps: {
    readonly identity: Identity & { readonly tokens: Pick<Tokens, 'onRemoveHeld'> };
    readonly mercury: Pick<MercuryService, 'onAppended' | 'eventsAfter' | 'head'>;
    readonly conversations: Pick<ConversationService, 'membersAt' | 'reads'>;
    readonly vault: Vault;
  },
): WebhookService {
  const { config, store } = context;
  const { identity, mercury, vault } = deps;
  const registry = new Registry();
  // tied to its row: two secrets cannot be swapped in the table
  const nameOf = (id: string): string => `webhook/${id}`;
  const secretOf = ({ id, secret }: WebhookRow): Buffer | undefined =>
    secret === null ? undefined : vault.unwrap(nameOf(id), secret);
  const deliverer = new Deliverer(context, {
    registry,
    counts: context.counts ?? noCounts(),
    base: () => context.base(),
    secretOf,
    sender: createSender({
      allowPrivate: config.allowPrivateTargets,
      timeoutMs: config.limits.webhookTimeoutMs,
      now: () => context.now(),
    }),
  });
  const dispatcher = new Dispatcher(context, {
    mercury,
    conversations: deps.conversations,
    registry,
    told: (deliveries) => {
      deliverer.told(deliveries);
    },
  });
  const stopListening = mercury.onAppended(() => {
    dispatcher.ring();
  });
  const removed = (id: string): void => {
    registry.remove(id);
    deliverer.drop(id);
  };
  // an app that may not act any more is told nothing any more
  identity.tokens.onRemoveHeld(async (write, held) => {
    const ids = await webhooksOf(write.tx, held);
    for (const id of ids) await removeWebhook(write, id);
    write.afterCommit(() => {
      ids.forEach(removed);
    });
  });

  return {
    routes: webhookRoutes({
      context,
      identity,
      cursors: createCursors(vault.signer('cursors')),
      wrap: (id, secret) => vault.wrap(nameOf(id), Buffer.from(secret)),
      unwrap: (row) => secretOf(row)?.toString('utf8'),
      head: (write) => mercury.head(write),
      isActive: (row, creator) => {
        registry.put(row, creator);
        dispatcher.ring();
      },
      removed,
    }),
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
          context.log.error({ err: error, webhook: row.id }, 'a webhook cannot be told of anything');
        }
      }
      for (const [id, count] of await waitingDeliveries(store)) deliverer.add(id, count);
      await dispatcher.start();
    },
    waiting: () => deliverer.waiting(),
    close: async () => {
      stopListening();
      await dispatcher.close();
      await deliverer.close();
    },
  };
}
