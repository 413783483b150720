import { registerPlugin } from '@trunkline/core';
import { teams } from './plugin.js';
import type { Teams } from './types.js';

declare module '@trunkline/core' {
  interface RegisteredPlugins {
    readonly teams: Teams;
  }
}

registerPlugin(teams);
