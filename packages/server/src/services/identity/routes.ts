import { ApiError } from '../../http/errors.js';
import { formBodies } from '../../http/bodies.js';
import type { Context, Routes } from '../contracts.js';
import type { Clients } from './clients.js';
import { accessLifeS, sortScope, type Issued, type Tokens } from './tokens.js';

type Fields = Readonly<Record<string, string | undefined>>;
interface Client {
  readonly id: string | undefined;
  readonly secret: string | undefined;
}

const oauthError = (error: string, description: string, status = 400): ApiError =>
  new ApiError(status, description, { body: { error, error_description: description } });

function textFields(body: unknown): Fields {
  if (typeof body !== 'object' || body === null) return {};
  return Object.fromEntries(
    Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

// Basic, as the standard says and the official client does, or fields of the form
function clientOf(authorization: string | undefined, fields: Fields): Client {
  const basic = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(authorization ?? '')?.[1];
  if (basic === undefined) return { id: fields['client_id'] || undefined, secret: fields['client_secret'] };
  const text = Buffer.from(basic, 'base64').toString();
  const colon = text.indexOf(':');
  if (colon < 0) throw oauthError('invalid_client', 'The Basic credentials have no colon.', 401);
  return { id: text.slice(0, colon) || undefined, secret: text.slice(colon + 1) };
}

const answer = (issued: Issued): object => ({
  access_token: issued.accessToken,
  token_type: 'Bearer',
  expires_in: issued.expiresIn,
  scope: issued.scope,
});

/** @source protocol/identity-and-services.md §3 */
export function oauthRoutes(context: Context, parts: { tokens: Tokens; clients: Clients }): Routes {
  const { tokens, clients } = parts;

  async function refresh(fields: Fields, client: Client): Promise<object> {
    const refreshToken = fields['refresh_token'];
    if (refreshToken === undefined)
      throw oauthError('invalid_request', 'The field refresh_token is missing.');
    if (!(await clients.mayAct(client.id, client.secret)))
      throw oauthError('invalid_client', 'The client is not known by this secret.');
    const kept = await tokens.find(refreshToken, 'refresh');
    if (kept === undefined || (kept.client_id !== null && kept.client_id !== client.id))
      throw oauthError('invalid_grant', 'The refresh token is not valid, or belongs to another client.');
    const issued = await tokens.access(kept.user_id, {
      clientId: kept.client_id,
      scope: kept.scope,
      grantId: kept.grant_id,
      expiresMs: context.now() + accessLifeS * 1000,
    });
    return {
      ...answer(issued),
      refresh_token: refreshToken,
      refresh_token_expires_in: Math.floor((kept.expires_ms - context.now()) / 1000),
    };
  }

  // a token of the same person that may do less, and dies with the one it came from
  async function reduceScope(fields: Fields): Promise<object> {
    const { token, scope = '' } = fields;
    const kept = token === undefined ? undefined : await tokens.find(token, 'access');
    if (kept === undefined || (kept.client_id !== null && kept.client_id !== fields['client_id']))
      throw oauthError('invalid_grant', 'The token is not valid, or belongs to another client.');
    const wanted = sortScope(scope);
    const has = new Set(kept.scope.split(' '));
    if (wanted === '' || wanted.split(' ').some((part) => !has.has(part)))
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
    formBodies(app);
    const base = '/idbroker/idb/oauth2/v1';

    app.post(`${base}/access_token`, async (request, reply) => {
      void reply.header('cache-control', 'no-store');
      const fields = textFields(request.body);
      switch (fields['grant_type']) {
        case 'refresh_token':
          return refresh(fields, clientOf(request.headers.authorization, fields));
        case 'urn:cisco:oauth:grant-type:scope-reduction':
          return reduceScope(fields);
        case undefined:
          throw oauthError('invalid_request', 'The field grant_type is missing.');
        default:
          throw oauthError('unsupported_grant_type', 'This service has no such grant.');
      }
    });

    app.post(`${base}/revoke`, async (request) => {
      const fields = textFields(request.body);
      const client = clientOf(request.headers.authorization, fields);
      if (!(await clients.mayAct(client.id, client.secret)))
        throw oauthError('invalid_client', 'The client is not known by this secret.', 401);
      const token = fields['token'];
      if (token === undefined) throw oauthError('invalid_request', 'The field token is missing.');
      const kept = await tokens.find(token);
      // a client that refreshes revokes the access token before last: what else came from that sign-in stays
      if (kept?.kind === 'refresh') await tokens.revokeGrant(kept.grant_id);
      else if (kept !== undefined) await tokens.revoke(token);
      return {};
    });

    const endSession = async (token: string | undefined): Promise<void> => {
      const kept = token === undefined ? undefined : await tokens.find(token);
      if (kept !== undefined) await tokens.revokeGrant(kept.grant_id);
    };
    app.post(`${base}/logout`, async (request, reply) => {
      await endSession(textFields(request.body)['token']);
      return reply.code(204).send();
    });
    app.get(`${base}/logout`, async (request, reply) => {
      const { token, goto } = textFields(request.query);
      await endSession(token);
      // only where a client said it lives: this is no place to be sent on from
      if (goto !== undefined && (await clients.isRedirectUri(goto))) return reply.redirect(goto);
      return reply.type('text/plain; charset=utf-8').send('You are signed out.');
    });
  };
}
