import { definePlugin } from '@trunkline/core';
import { createTeams } from './teams.js';
import type { Teams } from './types.js';

/** Teams, as `client.teams`. @example createClient({ token, plugins: [teams()] }) */
export const teams = definePlugin({
  name: 'teams',
  version: '0.1.0',
  setup: (host): Teams => createTeams(host),
});
