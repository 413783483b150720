import { sdkError, type TokenFunction } from '@trunkline/core';
import { endpointsOf, needText } from './endpoints.js';
import { ask, grantedOf, refusal } from './grant.js';
import { createGuestJwt, newGuest, type GuestJwtOptions } from './guest-jwt.js';
import { sharedToken } from './shared-token.js';

export interface GuestOfServer {
  /** Base URL of a self-hosted service; left out: the cloud. */
  readonly service?: string;
  /** Gets a JWT from your server, which made it with `createGuestJwt`. Called for each renewal. */
  readonly jwt: () => Promise<string>;
}
export interface GuestWithSecret extends GuestJwtOptions {
  readonly service?: string;
}

/**
 * A guest: someone without an account. In a page give `jwt`, so that the issuer's secret stays on your server; a program of
 * your own may give `issuer` and `secret`. The guest stays the same person across renewals.
 *
 * @throws {SdkError} `ERR_ARGUMENT`; from the function `ERR_TOKEN_INVALID` the JWT was refused; `ERR_NETWORK`,
 * `ERR_TIMEOUT`, `ERR_UNAVAILABLE`, `ERR_RATE_LIMITED`; what `jwt` throws
 * @example createClient({ token: guest({ jwt: async () => (await fetch('/guest-jwt')).text() }) });
 * @source protocol/identity-and-services.md §3.4
 */
export function guest(options: GuestOfServer | GuestWithSecret): TokenFunction {
  const { guestLogin } = endpointsOf(options.service);
  const nextJwt = jwtSource(options);
  return sharedToken(async ({ fetch, now = Date.now }, signal) => {
    const jwt = await nextJwt();
    if (typeof (jwt as unknown) !== 'string' || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(jwt))
      throw sdkError('ERR_TOKEN_INVALID', 'what `jwt` answered is not a JWT; answer the bare text');
    const { ok, status, body, retryAfterMs } = await ask(guestLogin, {
      headers: { authorization: jwt },
      call: { fetch, now, signal },
    });
    if (!ok) throw refusal(status, body, retryAfterMs);
    return grantedOf({ access_token: body['token'], expires_in: body['expiresIn'] }, now());
  });
}

function jwtSource(options: GuestOfServer | GuestWithSecret): () => Promise<string> {
  if ('jwt' in options) {
    if (typeof options.jwt !== 'function')
      throw sdkError('ERR_ARGUMENT', 'jwt must be a function that gets a JWT from your server');
    return () => options.jwt();
  }
  needText({ ...options }, 'issuer', 'secret', 'displayName');
  const subject = options.subject ?? newGuest();
  return () => createGuestJwt({ ...options, subject });
}
