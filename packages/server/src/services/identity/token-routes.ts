import formbody from '@fastify/formbody';
import type { FastifyRequest } from 'fastify';
import type { Routes } from '../contracts.js';
import type { Clients } from './clients.js';
import type { Codes } from './codes.js';
import {
  clientOf,
  needed,
  oauthBase,
  oauthError,
  registeredClient,
  textFields,
  tokenAnswer as answer,
  unknownClient,
  type OauthFields,
} from './oauth.js';
import { covers, sortScope } from './scopes.js';
import type { Tokens } from './tokens.js';

/** Where tokens are made and unmade. @source protocol/identity-and-services.md §3 */
export function tokenRoutes(parts: {
  readonly tokens: Tokens;
  readonly clients: Clients;
  readonly codes: Codes;
}): Routes {
  const { tokens, clients, codes } = parts;

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

  // a token of the same person that may do less, and dies with the one it came from
  async function reduceScope(fields: OauthFields): Promise<object> {
    const kept = await tokens.find(needed(fields, 'token'), 'access');
    if (kept === undefined || (kept.client_id !== null && kept.client_id !== fields['client_id']))
      throw oauthError('invalid_grant', 'The token is not valid, or belongs to another client.');
    const wanted = sortScope(fields['scope'] ?? '');
    if (wanted === '' || !covers(kept.scope, wanted))
      throw oauthError('invalid_scope', 'The scope must be a part of what the token has.');
    const issued = await tokens.access(kept.user_id, {
      clientId: kept.client_id,
      scope: wanted,
      grantId: kept.grant_id,
      expiresMs: kept.expires_ms,
    });
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
      // of another client: nothing happens, and nothing is told (RFC 7009 §2.1)
      if (kept === undefined || (kept.client_id !== null && id !== undefined && kept.client_id !== id))
        return {};
      // a client that refreshes revokes the access token before last: what else came from that sign-in stays
      if (kept.kind === 'refresh') await tokens.revokeGrant(kept.grant_id);
      else await tokens.revoke(token);
      return {};
    });
  };
}
