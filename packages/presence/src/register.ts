import { registerPlugin } from '@trunkline/core';
import { presence } from './plugin.js';
import type { Presence } from './types.js';

declare module '@trunkline/core' {
  interface RegisteredPlugins {
    readonly presence: Presence;
  }
}

registerPlugin(presence);
