import { registerPlugin } from '@trunkline/core';
import { webhooks } from './plugin.js';
import type { Webhooks } from './types.js';

declare module '@trunkline/core' {
  interface RegisteredPlugins {
    readonly webhooks: Webhooks;
  }
}

registerPlugin(webhooks);
