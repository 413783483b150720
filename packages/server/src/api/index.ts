import type { FastifyInstance } from 'fastify';
import { createCursors } from '../kernel/http/cursor.js';
import type { Kernel } from '../kernel/kernel.js';
import { defineModule } from '../kernel/module.js';
import { attachmentActionRoutes } from './attachment-actions/attachment-actions.js';
import { buildRoutes } from './build.js';
import { membershipRoutes } from './memberships/memberships.js';
import { contentRoutes } from './messages/contents.js';
import { messageListRoutes } from './messages/message-lists.js';
import { messageRoutes } from './messages/messages.js';
import { peopleRoutes } from './people/people.js';
import { roomRoutes } from './rooms/rooms.js';
import { searchRoutes } from './search/search.js';
import { teamMembershipRoutes } from './teams/team-memberships.js';
import { createTeams } from './teams/team-rooms.js';
import { teamRoutes } from './teams/teams.js';
import type { Rest, RestNeeds } from './tools.js';

/** The public REST resources, over the same conversations. @source protocol/hydra-rest.md */
export const rest = defineModule({
  name: 'rest',
  needs: ['conversation', 'files', 'identity', 'kms', 'mercury', 'presence'],
  setup: createRest,
});

function createRest(kernel: Kernel, needs: RestNeeds) {
  const { conversation: conversations, ...others } = needs;
  const rest: Rest = {
    ...others,
    kernel,
    conversations,
    cursors: createCursors(kernel.vault.signer('cursors')),
    teams: createTeams(conversations, needs.identity),
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
    routes: [
      (app: FastifyInstance) => {
        for (const part of parts) part(rest)(app);
      },
    ],
  };
}
