import { createList, sdkError, type Host } from '@trunkline/core';
import type { Teams, TeamsItem } from './types.js';

/** What callers see as `client.teams`. */
export function createTeams(host: Host): Teams {
  return {
    list: (query, init) =>
      createList<TeamsItem>(host, { ...init, service: 'hydra', path: 'teams', query: { ...query } }),

    async get(id, init) {
      if (!id) throw sdkError('ERR_ARGUMENT', 'an id is needed; give that of one in list()');
      const path = `teams/${encodeURIComponent(id)}`;
      return (await host.request<TeamsItem>({ ...init, service: 'hydra', path })).body;
    },
  };
}
