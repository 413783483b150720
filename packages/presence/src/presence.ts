import { createList, sdkError, type Host } from '@trunkline/core';
import type { Presence, PresenceItem } from './types.js';

/** What callers see as `client.presence`. */
export function createPresence(host: Host): Presence {
  return {
    list: (query, init) =>
      createList<PresenceItem>(host, { ...init, service: 'hydra', path: 'presence', query: { ...query } }),

    async get(id, init) {
      if (!id) throw sdkError('ERR_ARGUMENT', 'an id is needed; give that of one in list()');
      const path = `presence/${encodeURIComponent(id)}`;
      return (await host.request<PresenceItem>({ ...init, service: 'hydra', path })).body;
    },
  };
}
