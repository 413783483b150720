// import '@trunkline/teams/register': the one file of this package that does something when it is loaded
import { registerPlugin } from '@trunkline/core';
import { teamMemberships, teams } from './plugin.js';
import type { TeamMemberships, Teams } from './types.js';

declare module '@trunkline/core' {
  interface RegisteredPlugins {
    readonly teams: Teams;
    readonly teamMemberships: TeamMemberships;
  }
}

registerPlugin(teams);
registerPlugin(teamMemberships);
