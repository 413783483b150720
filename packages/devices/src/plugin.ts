import { definePlugin } from '@trunkline/core';
import { createDevices } from './devices.js';
import type { Devices } from './types.js';

/** Devices in meeting rooms, as `client.devices`. @example createClient({ token, plugins: [devices(), e2ee()] }) */
export const devices = definePlugin({
  name: 'devices',
  version: '0.1.0',
  setup: (host): Devices => createDevices(host),
});

declare module '@trunkline/wire' {
  interface Peers {
    readonly devices: Devices;
  }
}
