import { definePlugin } from '@trunkline/core';
import { createTeamMemberships } from './team-memberships.js';
import { createTeams } from './teams.js';
import type { TeamMemberships, Teams } from './types.js';

/** Teams, as `client.teams`. @example createClient({ token, plugins: [teams(), teamMemberships()] }) */
export const teams = definePlugin({
  name: 'teams',
  version: '0.1.0',
  setup: (host): Teams => createTeams(host),
});

/** Who is in which team, as `client.teamMemberships`. @example createClient({ token, plugins: [teamMemberships()] }) */
export const teamMemberships = definePlugin({
  name: 'teamMemberships',
  version: '0.1.0',
  setup: (host): TeamMemberships => createTeamMemberships(host),
});

declare module '@trunkline/wire' {
  interface Peers {
    readonly teams: Teams;
    readonly teamMemberships: TeamMemberships;
  }
}
