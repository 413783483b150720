import { forbidden, unauthorized } from '../../http/errors.js';
import type { Caller, Context, Identity, Routes } from '../contracts.js';
import { createClients, type Clients } from './clients.js';
import { oauthRoutes } from './routes.js';
import { allows, createTokens, type Tokens } from './tokens.js';
import { createUsers } from './users.js';

export { hashSecret, sameSecret } from './clients.js';
export { roles, type NewUser } from './users.js';
export { allows } from './tokens.js';

/** Identity, with what only administration and sockets use. */
export interface IdentityService extends Identity {
  readonly orgId: string;
  readonly users: Pick<ReturnType<typeof createUsers>, 'create'>;
  readonly tokens: Tokens;
  readonly clients: Clients;
  /** The caller, when there is a good token; undefined without one or with a bad one. */
  callerIfAny(authorization: string | undefined): Promise<Caller | undefined>;
  readonly routes: Routes;
}

/** @source protocol/identity-and-services.md §2, §3 */
export function createIdentity(context: Context, orgId: string): IdentityService {
  const users = createUsers(context, orgId);
  const tokens = createTokens(context, orgId, (id) => users.byId(id));
  const clients = createClients(context);

  async function callerIfAny(authorization: string | undefined): Promise<Caller | undefined> {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    return token === undefined || token.length > 4096 ? undefined : tokens.caller(token);
  }

  return {
    orgId,
    users,
    tokens,
    clients,
    callerIfAny,
    caller: async (request, scope) => {
      const caller = await callerIfAny(request.headers.authorization);
      if (caller === undefined) throw unauthorized();
      if (scope !== undefined && !allows(caller.scopes, scope))
        throw forbidden(`The access token lacks the scope ${scope}.`);
      return caller;
    },
    callerOfToken: (accessToken) => tokens.caller(accessToken),
    userById: (id) => users.byId(id),
    usersByIds: (ids) => users.byIds(ids),
    userByEmail: (email) => users.byEmail(email),
    searchUsers: (org, query) => users.search(org, query),
    routes: oauthRoutes(context, { tokens, clients }),
  };
}
