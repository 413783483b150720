// What the OAuth routes share: fields, errors, and who the client says it is.
import { ApiError } from '../../http/errors.js';

export const oauthBase = '/idbroker/idb/oauth2/v1';
export type OauthFields = Readonly<Record<string, string | undefined>>;
export type OauthErrorName =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope';

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
