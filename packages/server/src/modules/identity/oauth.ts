// What the OAuth routes share: fields, errors, and who the client says it is.
import type { FastifyRequest } from 'fastify';
import { ApiError } from '../../kernel/http/errors.js';
import type { Client, Clients } from './clients.js';
import type { Granted, Issued } from './tokens.js';

export const oauthBase = '/idbroker/idb/oauth2/v1';
export type OauthFields = Readonly<Record<string, string | undefined>>;
export type OauthErrorName =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  // of devices: RFC 8628 §3.5
  | 'access_denied'
  | 'expired_token';

/** Status 400 whatever the cause: clients look for the name of an error nowhere else. @source protocol/identity-and-services.md §3 */
export const oauthError = (error: OauthErrorName, description: string): ApiError =>
  new ApiError(400, description, {
    body: {
      error,
      error_description: description,
      error_uri: 'https://datatracker.ietf.org/doc/html/rfc6749#section-5.2',
      message: description,
    },
  });

/** Texts of a form or query; one that was given twice is not there. */
export function textFields(body: unknown): OauthFields {
  if (typeof body !== 'object' || body === null) return {};
  return Object.fromEntries(
    Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

export interface ClientCredentials {
  readonly id: string | undefined;
  readonly secret: string | undefined;
}

/** Basic, as the standard says and the official client does, or fields of the form. */
export function clientOf(authorization: string | undefined, fields: OauthFields): ClientCredentials {
  const basic = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(authorization ?? '')?.[1];
  if (basic === undefined) return { id: fields['client_id'] || undefined, secret: fields['client_secret'] };
  const text = Buffer.from(basic, 'base64').toString();
  const colon = text.indexOf(':');
  if (colon < 0) throw oauthError('invalid_client', 'The Basic credentials have no colon.');
  return { id: text.slice(0, colon) || undefined, secret: text.slice(colon + 1) };
}

export const needed = (fields: OauthFields, name: string): string => {
  const value = fields[name];
  if (value === undefined || value === '')
    throw oauthError('invalid_request', `The field ${name} is missing, or was given twice.`);
  return value;
};

export const unknownClient = (): Error =>
  oauthError('invalid_client', 'The client is not registered, or its secret is not right.');

/** Who asks, of those who are registered. @throws ApiError `invalid_client` */
export async function registeredClient(
  clients: Clients,
  request: FastifyRequest,
  fields: OauthFields,
): Promise<Client> {
  const { id, secret } = clientOf(request.headers.authorization, fields);
  const client = await clients.authenticate(id, secret);
  if (client === undefined) throw unknownClient();
  return client;
}

/** Tokens as they travel. @source protocol/identity-and-services.md §2 */
export const tokenAnswer = (issued: Issued | Granted): object => ({
  access_token: issued.accessToken,
  token_type: 'Bearer',
  expires_in: issued.expiresIn,
  scope: issued.scope,
  ...('refreshToken' in issued
    ? { refresh_token: issued.refreshToken, refresh_token_expires_in: issued.refreshExpiresIn }
    : {}),
});
