import { sdkError, type SdkError } from '../errors.js';
import type { Token, TokenContext, TokenFunction } from './token.js';

export interface RefreshTokenOptions {
  readonly refreshToken: string;
  readonly clientId: string;
  /** Left out for public clients; then `clientId:` is sent. */
  readonly clientSecret?: string;
  /** A token that is good now, so that the first refresh waits until it ends. */
  readonly accessToken?: string;
  /** of `accessToken`, epoch ms */
  readonly expiresAtMs?: number;
  readonly redirectUri?: string;
  /** Called after each refresh, so that the app can keep what came; `refreshToken` is the one to use next. */
  readonly onRefresh?: (token: Token & { readonly refreshToken: string }) => void | Promise<void>;
}

const TIMEOUT_MS = 30_000;

/**
 * A token function that uses the OAuth refresh grant. Keeps the newest refresh token, and revokes the access token before
 * the last one after each refresh.
 *
 * @throws {SdkError} (from the function) `ERR_TOKEN_INVALID` when the grant is refused; `ERR_NETWORK`, `ERR_UNAVAILABLE`
 * when there was no verdict
 * @example createClient({ token: refreshToken({ refreshToken, clientId, clientSecret }) });
 * @source protocol/identity-and-services.md §3
 */
export function refreshToken(options: RefreshTokenOptions): TokenFunction {
  const { clientId, clientSecret = '', redirectUri, onRefresh } = options;
  let newest = options.refreshToken;
  let first: Token | undefined =
    options.accessToken === undefined
      ? undefined
      : {
          accessToken: options.accessToken,
          ...(options.expiresAtMs !== undefined && { expiresAtMs: options.expiresAtMs }),
        };
  let current = options.accessToken;
  let before: string | undefined;
  return async ({ reason, tokenUrl, fetch, signal, now = Date.now }) => {
    const given = first;
    first = undefined;
    if (reason === 'start' && given) return given;
    const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: newest });
    if (redirectUri !== undefined) form.set('redirect_uri', redirectUri);
    let response: Response;
    let body: Answered;
    // no one else ends this: who waits for a token has a request of its own
    const limit = new AbortController();
    const abort = (): void => {
      limit.abort(signal.reason);
    };
    const timer = setTimeout(abort, TIMEOUT_MS);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
    try {
      response = await fetch(tokenUrl, {
        method: 'POST',
        headers: {
          authorization: `Basic ${base64(`${clientId}:${clientSecret}`)}`,
          accept: 'application/json',
        },
        body: form,
        signal: limit.signal,
        // the refresh token is not sent on to wherever a 307 leads
        redirect: 'manual',
      });
      body = (await response.json().catch(() => ({}))) as Answered;
    } catch (cause) {
      throw sdkError('ERR_NETWORK', 'the token service did not answer; is it reachable?', {
        cause,
        retryable: true,
      });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
    if (!response.ok) throw refusal(response.status, body);
    if (typeof body.access_token !== 'string')
      throw sdkError('ERR_TOKEN_INVALID', 'the token service answered without an access token');
    if (typeof body.refresh_token === 'string') newest = body.refresh_token;
    // requests may be under way with the token that is replaced now, but not with the one before it
    if (before !== undefined) revokeOld(before, { tokenUrl, fetch, signal }, clientId, clientSecret);
    before = current;
    current = body.access_token;
    const token: Token = {
      accessToken: body.access_token,
      ...(typeof body.expires_in === 'number' && { expiresAtMs: now() + body.expires_in * 1000 }),
    };
    await onRefresh?.({ ...token, refreshToken: newest });
    return token;
  };
}

function revokeOld(
  token: string,
  { tokenUrl, fetch, signal }: Pick<TokenContext, 'tokenUrl' | 'fetch' | 'signal'>,
  clientId: string,
  clientSecret: string,
): void {
  if (!tokenUrl.endsWith('/access_token')) return;
  fetch(tokenUrl.replace(/access_token$/, 'revoke'), {
    method: 'POST',
    headers: { authorization: `Basic ${base64(`${clientId}:${clientSecret}`)}`, accept: 'application/json' },
    body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
    signal,
  }).catch(() => undefined); // it ends by itself in time
}

interface Answered {
  readonly access_token?: unknown;
  readonly refresh_token?: unknown;
  readonly expires_in?: unknown;
  readonly error?: unknown;
}

function refusal(status: number, { error }: Answered): SdkError {
  // the grant error is a short word of RFC 6749; anything else stays out of the message
  const word = typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? `: ${error}` : '';
  return status >= 500 || status === 429
    ? sdkError('ERR_UNAVAILABLE', `the token service answered ${String(status)}`, { status, retryable: true })
    : sdkError('ERR_TOKEN_INVALID', `the token service refused to refresh (${String(status)}${word})`, {
        status,
      });
}

const base64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
