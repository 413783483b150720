import type { Host } from '@trunkline/core';
import { createResource } from '@trunkline/core/kit';
import type { Webhook, Webhooks } from './types.js';

/** What callers see as `client.webhooks`. */
export function createWebhooks(host: Host): Webhooks {
  const { update, ...resource } = createResource<Webhook>(host, 'webhooks');
  return { ...resource, update: (webhook, init) => update(webhook, webhook, init) };
}
