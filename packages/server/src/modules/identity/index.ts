import type { FastifyRequest } from 'fastify';
import { elapsedTime } from '../../kernel/clock.js';
import { clientAddress } from '../../kernel/http/client-address.js';
import { forbidden, unauthorized } from '../../kernel/http/errors.js';
import type { Kernel } from '../../kernel/kernel.js';
import { defineModule } from '../../kernel/module.js';
import { accountRoutes } from './account-routes.js';
import type { Caller, Identity } from './api.js';
import { createClients } from './clients.js';
import { createCodes, createConsents } from './codes.js';
import { createDeviceCodes } from './device-codes.js';
import { devicePageRoutes } from './device-page-routes.js';
import { deviceRoutes } from './device-routes.js';
import { createGrants } from './grants.js';
import { createGuests } from './guests.js';
import { createKnownBrowsers } from './known-browsers.js';
import { migrations } from './migrations/index.js';
import { hashPassword } from './passwords.js';
import { allows, scopeOfRoute } from './scopes.js';
import { createSessions } from './sessions.js';
import { createSignInForm } from './sign-in-form.js';
import { signInRoutes } from './sign-in-routes.js';
import { createThrottle, type Throttle } from './throttle.js';
import { tokenRoutes } from './token-routes.js';
import { createTokens } from './tokens.js';
import { createUsers } from './users.js';

/** @source protocol/identity-and-services.md §2, §3 */
export const identity = defineModule({ name: 'identity', migrations, setup: createIdentity });

function createIdentity(kernel: Kernel) {
  const { orgId, vault } = kernel;
  const users = createUsers(kernel, orgId);
  const tokens = createTokens(kernel, orgId, (id) => users.byId(id));
  users.onChanged((id) => {
    tokens.forgetUser(id);
  });
  const clients = createClients(kernel, users);
  const codes = createCodes(kernel, orgId, tokens);
  const consents = createConsents(kernel);
  const sessions = createSessions(kernel, orgId, (id) => users.byId(id));
  const throttle = (): Throttle => createThrottle(() => elapsedTime(kernel));
  const knownBrowsers = createKnownBrowsers(kernel, orgId);
  const addressOf = (request: FastifyRequest): string | undefined =>
    clientAddress(kernel.config, request.raw);
  const signInForm = createSignInForm({
    ...{ users, sessions, knownBrowsers, addressOf },
    throttle: throttle(),
  });
  const deviceCodes = createDeviceCodes(kernel, tokens);

  const bearer = (authorization: string | undefined): string | undefined => {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    return token === undefined || token.length > 4096 ? undefined : token;
  };
  async function callerIfAny(authorization: string | undefined): Promise<Caller | undefined> {
    const token = bearer(authorization);
    return token === undefined ? undefined : tokens.caller(token);
  }

  const guests = createGuests(kernel, { users, tokens }, vault);
  const api: Identity = {
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
    changePassword: async ({ user, tokenHash }, password) => {
      const hash = await hashPassword(password);
      await kernel.store.write(async (write) => {
        await users.setPasswordHash(write, user.id, hash);
        for (const table of ['sessions', 'known_browsers'] as const)
          await write.tx.deleteFrom(table).where('user_id', '=', user.id).execute();
        await tokens.removeOthers(write, user.id, tokenHash);
      });
    },
    guests: guests.api,
  };
  return {
    api,
    routes: [
      signInRoutes({ tokens, clients, codes, consents, sessions, signInForm }),
      tokenRoutes(kernel, { orgId, tokens, clients, codes, callerIfAny }),
      deviceRoutes(kernel, { clients, deviceCodes }),
      devicePageRoutes({
        ...{ clients, consents, sessions, signInForm, deviceCodes },
        clientOf: addressOf,
        throttle: throttle(),
      }),
      accountRoutes({ sessions, signInForm, grants: createGrants(kernel, tokens) }),
      guests.routes,
    ],
    // tokens, codes and sessions that have expired
    sweep: async () => {
      await tokens.sweep();
      await codes.sweep();
      await sessions.sweep();
      await deviceCodes.sweep();
      await knownBrowsers.sweep();
    },
  };
}
