import type { Context, Routes } from '../contracts.js';
import { createTeams } from '../teams/index.js';
import { attachmentActionRoutes } from './attachment-actions.js';
import { contentRoutes } from './contents.js';
import { createCursors } from './cursor.js';
import { membershipRoutes } from './memberships.js';
import { messageListRoutes } from './message-lists.js';
import { messageRoutes } from './messages.js';
import { peopleRoutes } from './people.js';
import { roomRoutes } from './rooms.js';
import { buildRoutes } from './build.js';
import { searchRoutes } from './search.js';
import { teamMembershipRoutes } from './team-memberships.js';
import { teamRoutes } from './teams.js';
import type { Rest, RestDeps } from './tools.js';

/** The public REST resources, over the same conversations. @source protocol/hydra-rest.md */
export function createRest(context: Context, deps: RestDeps): { readonly routes: Routes } {
  const rest: Rest = {
    ...deps,
    context,
    cursors: createCursors(deps.kms.vault.signer('cursors')),
    teams: createTeams(deps.conversations, deps.identity),
  };
  const parts = [
    roomRoutes,
    messageRoutes,
    messageListRoutes,
    membershipRoutes,
    peopleRoutes,
    contentRoutes,
    teamRoutes,
    teamMembershipRoutes,
    attachmentActionRoutes,
    searchRoutes,
    buildRoutes,
  ];
  return {
    routes: (app) => {
      for (const part of parts) part(rest)(app);
    },
  };
}
