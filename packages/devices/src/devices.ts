import { createList, sdkError, type Host } from '@trunkline/core';
import type { Devices, DevicesItem } from './types.js';

/** What callers see as `client.devices`. */
export function createDevices(host: Host): Devices {
  return {
    list: (query, init) =>
      createList<DevicesItem>(host, { ...init, service: 'hydra', path: 'devices', query: { ...query } }),

    async get(id, init) {
      if (!id) throw sdkError('ERR_ARGUMENT', 'an id is needed; give that of one in list()');
      const path = `devices/${encodeURIComponent(id)}`;
      return (await host.request<DevicesItem>({ ...init, service: 'hydra', path })).body;
    },
  };
}
