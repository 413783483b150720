import { createResource, needs, type Host } from '@trunkline/core';
import type { Team } from '@trunkline/wire';
import type { Teams } from './types.js';

/** What callers see as `client.teams`. */
export function createTeams(host: Host): Teams {
  const { create, update, ...resource } = createResource<Team>(host, 'teams');
  return {
    ...resource,
    async create(team, init) {
      needs(team.name, 'teams.create', 'a name');
      return create(team, init);
    },
    update: (team, init) => update(team, team, init),
  };
}
