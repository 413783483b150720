import { registerPlugin } from '@trunkline/core';
import type { Meetings } from './meetings.js';
import { meetings } from './plugin.js';

declare module '@trunkline/core' {
  interface RegisteredPlugins {
    readonly meetings: Meetings;
  }
}

registerPlugin(meetings);
