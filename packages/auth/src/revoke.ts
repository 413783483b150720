import { endpointsOf, needText } from './endpoints.js';
import { revokeAt } from './grant.js';

export interface RevokeOptions {
  /** Base URL of a self-hosted service; left out: the cloud. */
  readonly service?: string;
  readonly clientId: string;
  /** Left out for public clients. */
  readonly clientSecret?: string;
  /** An access token; or a refresh token, which ends everything of its sign-in. */
  readonly token: string;
  /** What `token` is. Default `access_token`. */
  readonly hint?: 'access_token' | 'refresh_token';
  readonly fetch?: typeof fetch;
  readonly signal?: AbortSignal;
}

/**
 * Ends a token. One that has ended already, or never was, counts as ended.
 *
 * @throws {SdkError} `ERR_ARGUMENT`, `ERR_AUTH_CLIENT`, `ERR_NETWORK`, `ERR_TIMEOUT`, `ERR_UNAVAILABLE`, `ERR_RATE_LIMITED`
 * @source protocol/identity-and-services.md §3
 */
export async function revoke(options: RevokeOptions): Promise<void> {
  needText({ ...options }, 'clientId', 'token');
  const { clientId, clientSecret, token, hint = 'access_token', signal } = options;
  await revokeAt(endpointsOf(options.service).revoke, { clientId, clientSecret }, token, hint, {
    fetch: options.fetch ?? globalThis.fetch,
    now: Date.now,
    signal,
  });
}
