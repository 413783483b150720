import type { Host } from '@trunkline/core';
import { checkArguments, type ParameterRules, createResource, requireArgument } from '@trunkline/core/kit';
import type { TeamMembership } from '@trunkline/wire';
import type { TeamMemberships } from './types.js';

/** What each call takes before `init`. */
const rules: ParameterRules<TeamMemberships> = {
  create: 'membership:object',
  list: 'sync query:object',
};

/** What callers see as `client.teamMemberships`. */
export function createTeamMemberships(host: Host): TeamMemberships {
  const { create, list, update, ...resource } = createResource<TeamMembership>(host, 'team/memberships');
  return checkArguments('teamMemberships', rules, {
    ...resource,
    async create(membership, init) {
      const { teamId, personId, personEmail } = membership;
      requireArgument(
        teamId && !personId !== !personEmail,
        'teamMemberships.create',
        'teamId and exactly one of personId and personEmail',
      );
      return create(membership, init);
    },
    list(query, init) {
      requireArgument(query.teamId, 'teamMemberships.list', 'the teamId of the team to read');
      return list(query, init);
    },
    update: (membership, init) => update(membership, membership, init),
  });
}
