import { isSdkError, sdkError, systemClock, type SdkError, type Token } from '@trunkline/core';
import { race, retryAfterMs } from '@trunkline/core/kit';
import { base64 } from './base64.js';

/** An OAuth client. Public ones, such as a page, have no secret. */
export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
}

/** What a grant brought. */
export interface Granted extends Token {
  readonly refreshToken?: string;
  /** epoch ms */
  readonly refreshExpiresAtMs?: number;
  /** space separated */
  readonly scope?: string;
}

export interface Call {
  readonly fetch: typeof fetch;
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

// a token service that says nothing for so long says nothing at all
const TIMEOUT_MS = 30_000;

/**
 * A call of the token endpoint.
 *
 * @throws {SdkError} `ERR_TOKEN_INVALID` the grant is refused; `ERR_AUTH_CLIENT` the client is; `ERR_NETWORK`,
 * `ERR_TIMEOUT`, `ERR_UNAVAILABLE`, `ERR_RATE_LIMITED`, `ERR_BAD_RESPONSE`, `ERR_HTTP` when there was no verdict
 * @source protocol/identity-and-services.md §3
 */
export async function grant(
  url: string,
  client: OAuthClient,
  fields: Readonly<Record<string, string | undefined>>,
  call: Call,
): Promise<Granted> {
  const { ok, status, body, retryAfterMs } = await ask(url, { ...withClient(client, fields), call });
  if (!ok) throw refusal(status, body, retryAfterMs);
  return grantedOf(body, call.now());
}

/** RFC 7009. A token that is unknown or ended counts as revoked. @throws {SdkError} as {@link grant} */
export async function revokeAt(
  url: string,
  client: OAuthClient,
  token: string,
  hint: string,
  call: Call,
): Promise<void> {
  const { ok, status, body, retryAfterMs } = await ask(url, {
    ...withClient(client, { token, token_type_hint: hint }),
    call,
  });
  if (!ok) throw refusal(status, body, retryAfterMs);
}

/**
 * The tokens in an answer: of the token endpoint, or of an address bar, where numbers are text.
 *
 * @throws {SdkError} `ERR_BAD_RESPONSE` when there is no access token in it
 */
export function grantedOf(body: Readonly<Record<string, unknown>>, nowMs: number): Granted {
  const { access_token: accessToken, refresh_token: refreshToken, scope } = body;
  if (typeof accessToken !== 'string' || accessToken === '')
    throw sdkError(
      'ERR_BAD_RESPONSE',
      'what came is not an answer of a token service: no access token is in it; is something else in between?',
      { retryable: true },
    );
  // counted from now on by our own clock: the service's may differ
  const endOf = (seconds: unknown): number | undefined => {
    const number = seconds === '' || seconds === null ? Number.NaN : Number(seconds);
    return Number.isFinite(number) && number >= 0 ? nowMs + number * 1000 : undefined;
  };
  const [expiresAtMs, refreshExpiresAtMs] = [
    endOf(body['expires_in']),
    endOf(body['refresh_token_expires_in']),
  ];
  return {
    accessToken,
    ...(expiresAtMs !== undefined && { expiresAtMs }),
    ...(typeof refreshToken === 'string' && refreshToken !== '' && { refreshToken }),
    ...(refreshExpiresAtMs !== undefined && { refreshExpiresAtMs }),
    ...(typeof scope === 'string' && scope !== '' && { scope }),
  };
}

interface Sent {
  /** default POST */
  readonly method?: 'GET' | 'POST' | 'PATCH';
  readonly headers: Readonly<Record<string, string>>;
  readonly form?: URLSearchParams;
  readonly json?: object;
  readonly call: Call;
}
export interface Answered {
  readonly ok: boolean;
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly retryAfterMs: number | undefined;
}

/** Confidential clients show their secret as Basic; public ones name themselves in the form. */
export const withClient = (
  { clientId, clientSecret }: OAuthClient,
  fields: Readonly<Record<string, string | undefined>>,
): Pick<Sent, 'headers'> & { readonly form: URLSearchParams } => {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.set(name, value);
  if (clientSecret !== undefined)
    return { form, headers: { authorization: basicOf({ clientId, clientSecret }) } };
  form.set('client_id', clientId);
  return { form, headers: {} };
};

export const basicOf = ({ clientId, clientSecret = '' }: OAuthClient): string =>
  `Basic ${base64(`${clientId}:${clientSecret}`)}`;

/** @throws {SdkError} `ERR_NETWORK`, `ERR_TIMEOUT`; the signal's reason */
export async function ask(
  url: string,
  { method = 'POST', headers, form, json, call }: Sent,
): Promise<Answered> {
  call.signal?.throwIfAborted();
  const ending = new AbortController();
  const stop = systemClock.after(
    TIMEOUT_MS,
    () => {
      ending.abort(
        sdkError('ERR_TIMEOUT', `the token service did not answer within ${String(TIMEOUT_MS / 1000)} s`, {
          retryable: true,
        }),
      );
    },
    { unref: true },
  );
  const work = async (): Promise<Answered> => {
    const response = await call.fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        ...(json && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(form && { body: form }),
      ...(json && { body: JSON.stringify(json) }),
      signal: ending.signal,
      // codes, secrets and tokens are not sent on to wherever a 307 leads
      redirect: 'manual',
    });
    const body: unknown = await response.json().catch(() => undefined);
    return {
      ok: response.ok,
      status: response.status,
      body: typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {},
      retryAfterMs: retryAfterMs(response.headers, call.now()),
    };
  };
  try {
    return await race(race(work(), ending.signal), call.signal);
  } catch (cause) {
    if (isSdkError(cause) || call.signal?.aborted === true) throw cause;
    throw sdkError(
      'ERR_NETWORK',
      'the token service did not answer; is it reachable, and does it allow this origin?',
      {
        cause,
        retryable: true,
      },
    );
  } finally {
    stop();
    ending.abort();
  }
}

/** The service's own word for what is wrong, when it is one of RFC 6749; anything else stays out of messages. */
export const errorWord = (error: unknown): string | undefined =>
  typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? error : undefined;

export function refusal(
  status: number,
  { error }: Readonly<Record<string, unknown>>,
  retryAfterMs?: number,
): SdkError {
  const word = errorWord(error);
  const said = `the token service answered ${String(status)}${word === undefined ? '' : ` (${word})`}`;
  if (status === 429)
    return sdkError('ERR_RATE_LIMITED', `${said}; try again later`, {
      status,
      retryAfterMs,
      retryable: true,
    });
  if (status >= 500) return sdkError('ERR_UNAVAILABLE', said, { status, retryAfterMs, retryable: true });
  if (word !== undefined && clientErrors.has(word))
    return sdkError('ERR_AUTH_CLIENT', `${said}; check how the OAuth client is registered`, { status });
  // a proxy or another server may say anything: only what a token service says is a verdict
  return word !== undefined || status === 400 || status === 401
    ? sdkError('ERR_TOKEN_INVALID', `${said}; sign in again`, { status })
    : sdkError('ERR_HTTP', `${said}; is \`service\` its base URL?`, { status });
}

/** Errors that only another registration, or other options, can end. */
export const clientErrors: ReadonlySet<string> = new Set([
  'invalid_client',
  'invalid_request',
  'invalid_scope',
  'unauthorized_client',
  'unsupported_grant_type',
  'unsupported_response_type',
]);
