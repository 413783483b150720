import type { Context, Routes } from '../contracts.js';
import { contentRoutes } from './contents.js';
import { createCursors } from './cursor.js';
import { membershipRoutes } from './memberships.js';
import { messageListRoutes } from './message-lists.js';
import { messageRoutes } from './messages.js';
import { peopleRoutes } from './people.js';
import { roomRoutes } from './rooms.js';
import type { Rest, RestDeps } from './tools.js';

/** The public REST resources, over the same conversations. @source protocol/hydra-rest.md */
export function createRest(context: Context, deps: RestDeps): { readonly routes: Routes } {
  const rest: Rest = { ...deps, context, cursors: createCursors(deps.kms.vault.signer('cursors')) };
  const parts = [roomRoutes, messageRoutes, messageListRoutes, membershipRoutes, peopleRoutes, contentRoutes];
  return {
    routes: (app) => {
      for (const part of parts) part(rest)(app);
    },
  };
}
