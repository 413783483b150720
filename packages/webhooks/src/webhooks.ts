import { createList, sdkError, type Host } from '@trunkline/core';
import type { Webhooks, WebhooksItem } from './types.js';

/** What callers see as `client.webhooks`. */
export function createWebhooks(host: Host): Webhooks {
  return {
    list: (query, init) =>
      createList<WebhooksItem>(host, { ...init, service: 'hydra', path: 'webhooks', query: { ...query } }),

    async get(id, init) {
      if (!id) throw sdkError('ERR_ARGUMENT', 'an id is needed; give that of one in list()');
      const path = `webhooks/${encodeURIComponent(id)}`;
      return (await host.request<WebhooksItem>({ ...init, service: 'hydra', path })).body;
    },
  };
}
