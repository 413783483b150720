import { registerPlugin } from '@trunkline/core';
import { support } from './plugin.js';
import type { Support } from './types.js';

declare module '@trunkline/core' {
  interface RegisteredPlugins {
    readonly support: Support;
  }
}

registerPlugin(support);
