import formbody from '@fastify/formbody';
import type { FastifyRequest } from 'fastify';
import { removalTime } from '../../kernel/clock.js';
import { badRequest, unauthorized } from '../../kernel/http/errors.js';
import { fields as fieldsOf } from '../../kernel/http/untrusted.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import type { Caller } from './api.js';
import type { Clients } from './clients.js';
import type { Codes } from './codes.js';
import {
  tokenAnswer as answer,
  clientOf,
  needed,
  oauthBase,
  oauthError,
  type OauthFields,
  registeredClient,
  textFields,
  unknownClient,
} from './oauth.js';
import { covers, sortScope } from './scopes.js';
import type { Tokens } from './tokens.js';

/** Where tokens are issued, reduced, inspected and revoked. @source protocol/identity-and-services.md §3 */
export function tokenRoutes(
  kernel: Kernel,
  parts: {
    readonly orgId: string;
    readonly tokens: Tokens;
    readonly clients: Clients;
    readonly codes: Codes;
    readonly callerIfAny: (authorization: string | undefined) => Promise<Caller | undefined>;
  },
): Routes {
  const { orgId, tokens, clients, codes, callerIfAny } = parts;

  async function exchange(request: FastifyRequest, fields: OauthFields): Promise<object> {
    const client = await registeredClient(clients, request, fields);
    const code = needed(fields, 'code');
    const redirectUri = needed(fields, 'redirect_uri');
    const verifier = fields['code_verifier'];
    const granted = await codes.redeem(code, { clientId: client.id, redirectUri, verifier });
    if (typeof granted === 'string') throw oauthError('invalid_grant', granted);
    return answer(granted);
  }

  async function refresh(request: FastifyRequest, fields: OauthFields): Promise<object> {
    const refreshToken = needed(fields, 'refresh_token');
    const { id, secret } = clientOf(request.headers.authorization, fields);
    if (!(await clients.mayAct(id, secret))) throw unknownClient();
    const client = id === undefined ? undefined : await clients.find(id);
    const granted = await tokens.refresh(refreshToken, { id, rotate: client?.isPublic === true });
    if (granted === undefined)
      throw oauthError('invalid_grant', 'The refresh token is not valid, or belongs to another client.');
    return answer(granted);
  }

  async function forItself(request: FastifyRequest, fields: OauthFields): Promise<object> {
    const client = await registeredClient(clients, request, fields);
    if (client.isPublic)
      throw oauthError('unauthorized_client', 'A client without a secret cannot act for itself.');
    const scope = sortScope(fields['scope'] ?? '') || 'webexsquare:admin';
    // the scope by default gives nothing but the catalog, so every client may have it
    if (!covers(`${client.scope} webexsquare:admin`, scope))
      throw oauthError('invalid_scope', 'The client is not registered for all of these scopes.');
    const id = await clients.machineId(client);
    return answer(await tokens.grantOnce(id, { clientId: client.id, scope }));
  }

  // a token of the same person that may do less, and ends with the one it came from
  async function reduceScope(fields: OauthFields): Promise<object> {
    const kept = await tokens.find(needed(fields, 'token'), 'access');
    if (kept === undefined || (kept.client_id !== null && kept.client_id !== fields['client_id']))
      throw oauthError('invalid_grant', 'The token is not valid, or belongs to another client.');
    const wanted = sortScope(fields['scope'] ?? '');
    if (wanted === '' || !covers(kept.scope, wanted))
      throw oauthError('invalid_scope', 'The scope must be a part of what the token has.');
    if (covers(wanted, kept.scope))
      throw oauthError(
        'invalid_scope',
        'Scope reduction requires a reduced scope: this is all that the token has.',
      );
    const issued = await tokens.reduce(kept, wanted);
    if (issued === undefined) throw oauthError('invalid_grant', 'The token was revoked.');
    return answer(issued);
  }

  return (app) => {
    void app.register(formbody);

    app.post(`${oauthBase}/access_token`, async (request, reply) => {
      void reply.header('cache-control', 'no-store');
      const fields = textFields(request.body);
      switch (needed(fields, 'grant_type')) {
        case 'authorization_code':
          return exchange(request, fields);
        case 'refresh_token':
          return refresh(request, fields);
        case 'client_credentials':
          return forItself(request, fields);
        case 'urn:cisco:oauth:grant-type:scope-reduction':
          return reduceScope(fields);
        default:
          throw oauthError('unsupported_grant_type', 'This service has no such grant.');
      }
    });

    app.post(`${oauthBase}/revoke`, async (request) => {
      const fields = textFields(request.body);
      const { id, secret } = clientOf(request.headers.authorization, fields);
      if (!(await clients.mayAct(id, secret))) throw unknownClient();
      const token = needed(fields, 'token');
      const kept = await tokens.find(token);
      // of another client: nothing happens, and nothing is revealed (RFC 7009 §2.1)
      if (kept === undefined || (kept.client_id !== null && id !== undefined && kept.client_id !== id))
        return {};
      // a client that refreshes revokes the access token before last: of that sign-in only what came from that token ends
      await tokens.revoke(token);
      return {};
    });

    // what a token is good for: asked with a good token, about any token that the caller holds
    app.post(`${servicePaths.conversation}/users/validateAuthToken`, async (request, reply) => {
      void reply.header('cache-control', 'no-store');
      if ((await callerIfAny(request.headers.authorization)) === undefined) throw unauthorized();
      const { token } = fieldsOf(request.body);
      const kept = typeof token === 'string' ? await tokens.find(token, 'access') : undefined;
      if (kept === undefined)
        throw badRequest('The field token must be an access token that is still valid.');
      return {
        scope: kept.scope.split(' '),
        clientId: kept.client_id,
        userId: kept.user_id,
        orgId,
        expiresIn: Math.max(0, Math.floor((kept.expires_ms - removalTime(kernel)) / 1000)),
      };
    });
  };
}
