import { endpointsOf, needText } from './endpoints.js';
import { ask, refusal } from './grant.js';

export interface LogoutUrlOptions {
  /** Base URL of a self-hosted service; left out: the cloud. */
  readonly service?: string;
  /** Where to go afterwards: a redirect URI of the client, to the letter; anything else ends at a page of the service. */
  readonly goto: string;
  /** A refresh or access token, whose whole sign-in ends. Left out: only the session of the browser at the sign-in page. */
  readonly token?: string;
  /** The cloud's name of the service that is left; empty by default. */
  readonly cisService?: string;
}

/**
 * Where a web server sends a visitor's browser to sign out: the service forgets who is signed in at its sign-in page, ends
 * the token's sign-in, and sends the browser on to `goto`. A token in an address may be seen by others on the way:
 * `signOut()` of the sign-in first, and this address without one, does the same.
 *
 * @throws {SdkError} `ERR_ARGUMENT`
 * @source protocol/identity-and-services.md §3.8
 */
export function logoutUrl(options: LogoutUrlOptions): string {
  needText({ ...options }, 'goto');
  const { goto, token, cisService = '' } = options;
  const query = new URLSearchParams({ cisService, goto, ...(token !== undefined && { token }) });
  return `${endpointsOf(options.service).logout}?${query.toString()}`;
}

export interface LogoutOptions {
  /** Base URL of a self-hosted service; left out: the cloud. */
  readonly service?: string;
  /** An access or refresh token. */
  readonly token: string;
  readonly cisService?: string;
  readonly fetch?: typeof fetch;
  readonly signal?: AbortSignal;
}

/**
 * Ends everything of a token's sign-in, without a browser and without the client's secret. One that has ended already
 * counts as ended.
 *
 * @throws {SdkError} `ERR_ARGUMENT`, `ERR_NETWORK`, `ERR_TIMEOUT`, `ERR_UNAVAILABLE`, `ERR_RATE_LIMITED`
 * @source protocol/identity-and-services.md §3.8
 */
export async function logout(options: LogoutOptions): Promise<void> {
  needText({ ...options }, 'token');
  const { token, cisService = '', signal } = options;
  const { ok, status, body, retryAfterMs } = await ask(endpointsOf(options.service).logout, {
    headers: {},
    json: { token, cisService },
    call: { fetch: options.fetch ?? globalThis.fetch, now: Date.now, signal },
  });
  if (!ok) throw refusal(status, body, retryAfterMs);
}
