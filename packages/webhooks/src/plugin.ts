import { definePlugin } from '@trunkline/core';
import { createWebhooks } from './webhooks.js';
import type { Webhooks } from './types.js';

/** Webhooks, as `client.webhooks`. @example createClient({ token, plugins: [webhooks()] }) */
export const webhooks = definePlugin({
  name: 'webhooks',
  version: '0.1.0',
  setup: (host): Webhooks => createWebhooks(host),
});

declare module '@trunkline/wire' {
  interface Peers {
    readonly webhooks: Webhooks;
  }
}
