import { isSdkError, sdkError, type Token, type TokenContext, type TokenFunction } from '@trunkline/core';
import { endpointsOf, needText, scopeText } from './endpoints.js';
import { grant, revokeAt, type Call } from './grant.js';
import { sharedToken } from './shared-token.js';

export interface DownscopeOptions {
  /** Base URL of a self-hosted service; left out: the cloud. */
  readonly service?: string;
  /** The client that the token was given to. */
  readonly clientId: string;
  /** For `revoke` only, where the client has one. */
  readonly clientSecret?: string;
  /** What may do more: someone's access token, or the function that gives it. */
  readonly token: string | TokenFunction;
  readonly fetch?: typeof fetch;
}

/** Tokens of the same person that may do less. */
export interface Downscoped {
  /**
   * A token with these scopes alone, for `createClient({ token })` or to hand to a part of a program that is trusted less.
   * Asked for once for all who want the same scopes; renewed with the token it comes from, with which it also ends.
   *
   * @throws {SdkError} from the function: `ERR_AUTH_CLIENT` (invalid_scope) the scopes are not part of what the token has;
   * `ERR_TOKEN_INVALID` the token has ended; `ERR_NETWORK`, `ERR_TIMEOUT`, `ERR_UNAVAILABLE`, `ERR_RATE_LIMITED`; what
   * the token's function throws
   */
  readonly scoped: (scopes: string | readonly string[]) => TokenFunction;
  /** Ends those that were given and are still good; the token that they came from stays. @throws {SdkError} as `revoke` */
  revoke(init?: { readonly signal?: AbortSignal }): Promise<void>;
}

/**
 * Makes tokens that may do less out of one that may do more.
 *
 * @throws {SdkError} `ERR_ARGUMENT`
 * @example
 * const less = downscope({ service, clientId, token: auth.token });
 * const reader = createClient({ service, token: less.scoped('spark:rooms_read'), plugins: [rooms()] });
 * @source protocol/identity-and-services.md §3, §3.7
 */
export function downscope(options: DownscopeOptions): Downscoped {
  needText({ ...options }, 'clientId');
  const { clientId, clientSecret, token: whole } = options;
  if (typeof whole !== 'function') needText({ ...options }, 'token');
  const endpoints = endpointsOf(options.service);

  interface Kept {
    readonly token: TokenFunction;
    /** the newest, and what it was made of */
    last?: { readonly reduced: Token; readonly from: Token };
  }
  const kept = new Map<string, Kept>();

  const wholeToken = async (
    context: TokenContext,
    reason: TokenContext['reason'],
    previous: Token | undefined,
    signal: AbortSignal,
  ): Promise<Token> => {
    if (typeof whole === 'string') return { accessToken: whole };
    const { tokenUrl, fetch, now } = context;
    const got = await whole({
      tokenUrl,
      fetch,
      reason,
      signal,
      ...(now && { now }),
      ...(previous && { previous }),
    });
    return typeof got === 'string' ? { accessToken: got } : got;
  };

  const make = async (
    mine: Kept,
    scope: string,
    context: TokenContext,
    signal: AbortSignal,
  ): Promise<Token> => {
    const { fetch, now = Date.now } = context;
    const call: Call = { fetch: options.fetch ?? fetch, now, signal };
    const reduce = async (from: Token): Promise<Token> => {
      const fields = {
        grant_type: 'urn:cisco:oauth:grant-type:scope-reduction',
        token: from.accessToken,
        scope,
        self_contained_token: 'true',
      };
      // by its id alone, as the protocol has it: who holds the token may have less of it
      const reduced = await grant(endpoints.token, { clientId }, fields, call);
      mine.last = { reduced, from };
      return reduced;
    };
    const { reason } = context;
    const before = mine.last?.from;
    // it ends with the token that it came from: that one is renewed first
    const from = await wholeToken(
      context,
      reason === 'expiring' ? reason : 'start',
      reason === 'expiring' ? before : undefined,
      signal,
    );
    try {
      return await reduce(from);
    } catch (error) {
      if (typeof whole === 'string' || !isSdkError(error) || error.code !== 'ERR_TOKEN_INVALID') throw error;
      return reduce(await wholeToken(context, 'rejected', from, signal));
    }
  };

  return {
    scoped: (scopes) => {
      const scope = scopeText(scopes).split(' ').sort().join(' ');
      if (scope === '')
        throw sdkError('ERR_ARGUMENT', 'scopes is empty; name what the token is to be good for');
      let mine = kept.get(scope);
      if (mine === undefined) {
        const made: Kept = { token: sharedToken((context, signal) => make(made, scope, context, signal)) };
        kept.set(scope, (mine = made));
      }
      return mine.token;
    },
    revoke: async ({ signal } = {}) => {
      const call: Call = { fetch: options.fetch ?? globalThis.fetch, now: Date.now, signal };
      const given = [...kept.values()].flatMap(({ last }) =>
        last === undefined ? [] : [last.reduced.accessToken],
      );
      kept.clear();
      for (const token of given)
        await revokeAt(endpoints.revoke, { clientId, clientSecret }, token, 'access_token', call);
    },
  };
}
