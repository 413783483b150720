import { registerPlugin } from '@trunkline/core';
import { devices } from './plugin.js';
import type { Devices } from './types.js';

declare module '@trunkline/core' {
  interface RegisteredPlugins {
    readonly devices: Devices;
  }
}

registerPlugin(devices);
