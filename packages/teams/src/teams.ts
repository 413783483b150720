import type { Host } from '@trunkline/core';
import { checkArguments, type ParameterRules, createResource, requireArgument } from '@trunkline/core/kit';
import type { Team } from '@trunkline/wire';
import type { Teams } from './types.js';

/** What each call takes before `init`. */
const rules: ParameterRules<Teams> = {
  create: 'team:object',
};

/** What callers see as `client.teams`. */
export function createTeams(host: Host): Teams {
  const { create, update, ...resource } = createResource<Team>(host, 'teams');
  return checkArguments('teams', rules, {
    ...resource,
    async create(team, init) {
      requireArgument(team.name, 'teams.create', 'a name');
      return create(team, init);
    },
    update: (team, init) => update(team, team, init),
  });
}
