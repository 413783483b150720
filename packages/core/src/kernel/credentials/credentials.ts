import type { Clock } from '../clock.js';
import { isSdkError, sdkError, type SdkError } from '../errors.js';
import type { Logger } from '../log.js';
import type { Token, TokenContext, TokenFunction } from './token.js';

export interface Credentials {
  /** The present token, at once when there is a good one. @throws {SdkError} `ERR_AUTH_EXPIRED` */
  get(): string | Promise<string>;
  /** The service refused `token`: another one, got once for all who come with the same. @throws {SdkError} `ERR_AUTH_EXPIRED` */
  rejected(token: string): Promise<string>;
  /** The token at hand, if any, without asking anybody. */
  peek(): string | undefined;
  /** whether asking again may bring another token */
  readonly renewable: boolean;
  close(): void;
}

export interface CredentialsParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly fetch: typeof fetch;
  readonly tokenUrl: () => string;
  readonly refreshed: (token: Token) => void;
  readonly expired: (error: SdkError) => void;
}

// setTimeout's limit
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Keeps one token good: refresh before its end and after a refusal, one call for all who wait. */
export function createCredentials(
  source: string | Token | TokenFunction,
  { clock, log, signal, fetch, tokenUrl, refreshed, expired }: CredentialsParts,
): Credentials {
  const ask = typeof source === 'function' ? source : undefined;
  let current: Token | undefined =
    typeof source === 'function' ? undefined : typeof source === 'string' ? { accessToken: source } : source;
  let refreshAtMs = Number.POSITIVE_INFINITY;
  let bad = false; // the service refused `current`
  let told = false; // `expired` was emitted, and no usable token has appeared since
  let pending: Promise<string> | undefined;
  let cancelTimer: (() => void) | undefined;

  const schedule = (atMs: number): void => {
    cancelTimer?.();
    refreshAtMs = atMs;
    if (signal.aborted) return;
    cancelTimer = clock.after(
      Math.min(Math.max(0, atMs - clock.now()), MAX_DELAY_MS),
      () => {
        if (clock.now() < refreshAtMs) schedule(refreshAtMs);
        else refresh('expiring').catch(() => undefined); // reported by `expired`
      },
      { unref: true },
    );
  };
  const accept = (token: Token, first: boolean): void => {
    current = token;
    bad = false;
    told = false;
    refreshAtMs = Number.POSITIVE_INFINITY;
    cancelTimer?.();
    if (token.expiresAtMs !== undefined) {
      // at 80-90 % of what is left: clients that started together do not come back together
      const leftMs = token.expiresAtMs - clock.now();
      // a new one that has ended already: one of the clocks is wrong, and the service is the judge. Not again and again
      if (first || leftMs > 0) schedule(clock.now() + leftMs * (0.8 + 0.1 * Math.random()));
    }
    if (!first) refreshed(token);
  };
  const give = (message: string, cause?: unknown): SdkError => {
    const error = sdkError('ERR_AUTH_EXPIRED', message, { cause });
    if (!told && !signal.aborted) {
      told = true;
      log.warn({ code: error.code }, 'no good token can be had');
      expired(error);
    }
    return error;
  };
  const run = async (askNow: TokenFunction, reason: TokenContext['reason']): Promise<string> => {
    const previous = current;
    let token: Token;
    try {
      const answer = await askNow({
        reason,
        ...(previous && { previous }),
        tokenUrl: tokenUrl(),
        now: () => clock.now(),
        fetch,
        signal,
      });
      token = typeof answer === 'string' ? { accessToken: answer } : answer;
      if (typeof (token as Partial<Token> | undefined)?.accessToken !== 'string' || token.accessToken === '')
        throw sdkError('ERR_TOKEN_INVALID', 'the token function answered no access token');
    } catch (error) {
      // the present one still works: try again at half of what is left
      const leftMs = (previous?.expiresAtMs ?? 0) - clock.now();
      if (reason === 'expiring' && previous && !bad && leftMs > 0) {
        log.warn({}, 'the token could not be refreshed yet');
        schedule(clock.now() + Math.max(1_000, leftMs / 2));
        return previous.accessToken;
      }
      // no answer from the token service is not a verdict about the token
      if (isSdkError(error) && error.retryable) throw error;
      throw give('no token could be had; sign in again', error);
    }
    if (bad && token.accessToken === previous?.accessToken)
      throw give('the token function gave the refused token again; sign in again');
    accept(token, previous === undefined);
    return token.accessToken;
  };
  const refresh = (reason: TokenContext['reason']): Promise<string> => {
    if (ask === undefined)
      return Promise.reject(give('the service refused the token; give a new one, or a function'));
    pending ??= run(ask, reason).finally(() => {
      pending = undefined;
    });
    return pending;
  };
  if (ask !== undefined) refreshAtMs = Number.NEGATIVE_INFINITY;

  return {
    renewable: ask !== undefined,
    peek: () => current?.accessToken,
    get: () => {
      if (current !== undefined && !bad && clock.now() < refreshAtMs) return current.accessToken;
      if (ask === undefined && current !== undefined) return current.accessToken; // the service is the judge
      return refresh(current === undefined ? 'start' : bad ? 'rejected' : 'expiring');
    },
    rejected: (token) => {
      if (current !== undefined && current.accessToken !== token && !bad)
        return Promise.resolve(current.accessToken);
      bad = ask !== undefined;
      return refresh('rejected');
    },
    close: () => {
      cancelTimer?.();
    },
  };
}
