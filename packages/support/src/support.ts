import { createList, sdkError, type Host } from '@trunkline/core';
import type { Support, SupportItem } from './types.js';

/** What callers see as `client.support`. */
export function createSupport(host: Host): Support {
  return {
    list: (query, init) =>
      createList<SupportItem>(host, { ...init, service: 'hydra', path: 'support', query: { ...query } }),

    async get(id, init) {
      if (!id) throw sdkError('ERR_ARGUMENT', 'an id is needed; give that of one in list()');
      const path = `support/${encodeURIComponent(id)}`;
      return (await host.request<SupportItem>({ ...init, service: 'hydra', path })).body;
    },
  };
}
