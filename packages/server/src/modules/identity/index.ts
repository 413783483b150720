import type { FastifyRequest } from 'fastify';
import { clientAddress } from '../../kernel/http/client-address.js';
import { forbidden, unauthorized } from '../../kernel/http/errors.js';
import { elapsedTime } from '../../kernel/clock.js';
import type { Caller, Context, Identity, Routes } from '../contracts.js';
import { accountRoutes } from './account-routes.js';
import { createClients, type Clients } from './clients.js';
import { createCodes, createConsents } from './codes.js';
import { createDeviceCodes } from './device-codes.js';
import { devicePageRoutes } from './device-page-routes.js';
import { deviceRoutes } from './device-routes.js';
import { createGrants } from './grants.js';
import { createKnownBrowsers } from './known-browsers.js';
import { hashPassword } from './passwords.js';
import { allows, scopeOfRoute } from './scopes.js';
import { createSessions } from './sessions.js';
import { createSignInForm } from './sign-in-form.js';
import { signInRoutes } from './sign-in-routes.js';
import { createThrottle, type Throttle } from './throttle.js';
import { tokenRoutes } from './token-routes.js';
import { createTokens, type Tokens } from './tokens.js';
import { createUsers, type Users } from './users.js';

export { createGuests, type Guests } from './guests.js';
export { nameParts, roles, type NewUser } from './users.js';
export { allows } from './scopes.js';

/** Identity, with what only administration and sockets use. */
export interface IdentityService extends Identity {
  readonly orgId: string;
  readonly users: Users;
  readonly tokens: Tokens;
  readonly clients: Clients;
  /** The caller, when there is a good token; undefined without one or with a bad one. */
  callerIfAny(authorization: string | undefined): Promise<Caller | undefined>;
  /** Whether a person has this address, given as SHA-256 of it in lower case, hex. */
  hasEmailHash(hash: string): Promise<boolean>;
  /** Whether this header holds an access token that was looked up a short while ago and is valid. */
  readonly isKnown: (authorization: string) => boolean;
  readonly routes: readonly Routes[];
  /** Sets a password, and ends every other sign-in of this person: in browsers, and of apps but the caller's. */
  changePassword(caller: Caller, password: string): Promise<void>;
  /** Removes tokens, codes and sessions whose time is over. */
  sweep(): Promise<void>;
}

/** @source protocol/identity-and-services.md §2, §3 */
export function createIdentity(context: Context, orgId: string): IdentityService {
  const users = createUsers(context, orgId);
  const tokens = createTokens(context, orgId, (id) => users.byId(id));
  users.onChanged((id) => {
    tokens.forgetUser(id);
  });
  const clients = createClients(context, users);
  const codes = createCodes(context, orgId, tokens);
  const consents = createConsents(context);
  const sessions = createSessions(context, orgId, (id) => users.byId(id));
  const throttle = (): Throttle => createThrottle(() => elapsedTime(context));
  const knownBrowsers = createKnownBrowsers(context, orgId);
  const addressOf = (request: FastifyRequest): string | undefined =>
    clientAddress(context.config, request.raw);
  const signInForm = createSignInForm({
    ...{ users, sessions, knownBrowsers, addressOf },
    throttle: throttle(),
  });
  const deviceCodes = createDeviceCodes(context, tokens);

  const bearer = (authorization: string | undefined): string | undefined => {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    return token === undefined || token.length > 4096 ? undefined : token;
  };
  async function callerIfAny(authorization: string | undefined): Promise<Caller | undefined> {
    const token = bearer(authorization);
    return token === undefined ? undefined : tokens.caller(token);
  }

  return {
    orgId,
    users,
    tokens,
    clients,
    callerIfAny,
    isKnown: (authorization) => {
      const token = bearer(authorization);
      return token !== undefined && tokens.isKnown(token);
    },
    caller: async (
      request,
      scope = scopeOfRoute(request.method, request.routeOptions.url ?? request.url),
    ) => {
      const caller = await callerIfAny(request.headers.authorization);
      if (caller === undefined) throw unauthorized();
      if (scope !== undefined && !allows(caller.scopes, scope))
        throw forbidden(`The access token lacks the scope ${scope}.`);
      return caller;
    },
    callerOfToken: (accessToken) => tokens.caller(accessToken),
    userById: (id) => users.byId(id),
    rename: (userId, name) => users.rename(userId, name),
    usersByIds: (ids) => users.byIds(ids),
    userByEmail: (email) => users.byEmail(email),
    hasEmailHash: (hash) => users.hasEmailHash(hash),
    searchUsers: (org, query) => users.search(org, query),
    routes: [
      signInRoutes({ tokens, clients, codes, consents, sessions, signInForm }),
      tokenRoutes(context, { orgId, tokens, clients, codes, callerIfAny }),
      deviceRoutes(context, { clients, deviceCodes }),
      devicePageRoutes({
        ...{ clients, consents, sessions, signInForm, deviceCodes },
        clientOf: addressOf,
        throttle: throttle(),
      }),
      accountRoutes({ sessions, signInForm, grants: createGrants(context, tokens) }),
    ],
    changePassword: async ({ user, tokenHash }, password) => {
      const hash = await hashPassword(password);
      await context.store.write(async (write) => {
        await users.setPasswordHash(write, user.id, hash);
        for (const table of ['sessions', 'known_browsers'] as const)
          await write.tx.deleteFrom(table).where('user_id', '=', user.id).execute();
        await tokens.removeOthers(write, user.id, tokenHash);
      });
    },
    sweep: async () => {
      await tokens.sweep();
      await codes.sweep();
      await sessions.sweep();
      await deviceCodes.sweep();
      await knownBrowsers.sweep();
    },
  };
}
