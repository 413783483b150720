import type { TokenFunction } from '@trunkline/core';
import { endpointsOf, needText, scopeText } from './endpoints.js';
import { grant } from './grant.js';
import { sharedToken } from './shared-token.js';

export interface ClientCredentialsOptions {
  /** Base URL of a self-hosted service; left out: the cloud. */
  readonly service?: string;
  readonly clientId: string;
  /** Keep it on a server: anyone who has it is this client. */
  readonly clientSecret: string;
  /** Default `webexsquare:admin`. */
  readonly scopes?: string | readonly string[];
}

/**
 * A token for a program itself, without a person. Clients that share the function share the token.
 *
 * @throws {SdkError} `ERR_ARGUMENT`; from the function `ERR_AUTH_CLIENT` the client is unknown, or may not have the scopes;
 * `ERR_NETWORK`, `ERR_TIMEOUT`, `ERR_UNAVAILABLE`, `ERR_RATE_LIMITED`
 * @example createClient({ service, token: clientCredentials({ service, clientId, clientSecret }) });
 * @source protocol/identity-and-services.md §3
 */
export function clientCredentials(options: ClientCredentialsOptions): TokenFunction {
  needText({ ...options }, 'clientId', 'clientSecret');
  const { clientId, clientSecret, scopes = 'webexsquare:admin' } = options;
  const { token: url } = endpointsOf(options.service);
  const fields = {
    grant_type: 'client_credentials',
    scope: scopeText(scopes),
    self_contained_token: 'true',
  };
  return sharedToken(({ fetch, now = Date.now }, signal) =>
    grant(url, { clientId, clientSecret }, fields, { fetch, now, signal }),
  );
}
