import type { Context, Routes } from '../modules/contracts.js';
import { createTeams } from './teams/team-rooms.js';
import { attachmentActionRoutes } from './attachment-actions/attachment-actions.js';
import { contentRoutes } from './messages/contents.js';
import { createCursors } from '../kernel/http/cursor.js';
import { membershipRoutes } from './memberships/memberships.js';
import { messageListRoutes } from './messages/message-lists.js';
import { messageRoutes } from './messages/messages.js';
import { peopleRoutes } from './people/people.js';
import { roomRoutes } from './rooms/rooms.js';
import { buildRoutes } from './build.js';
import { searchRoutes } from './search/search.js';
import { teamMembershipRoutes } from './teams/team-memberships.js';
import { teamRoutes } from './teams/teams.js';
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
