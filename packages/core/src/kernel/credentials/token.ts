/** An access token and when it ends. @source protocol/identity-and-services.md §2 */
export interface Token {
  readonly accessToken: string;
  /** epoch ms; left out: never considered expired */
  readonly expiresAtMs?: number;
}

/** Why a token is wanted now. */
export interface TokenContext {
  /** `start`: the first; `expiring`: the last one ends soon; `rejected`: the service refused it (401, 4401) */
  readonly reason: 'start' | 'expiring' | 'rejected';
  /** the token before */
  readonly previous?: Token;
  /** where tokens are made: `<idbroker>/idb/oauth2/v1/access_token` of this client's service */
  readonly tokenUrl: string;
  /** the client's own, so that proxy and tests apply */
  readonly fetch: typeof fetch;
  /** epoch ms by the client's clock */
  readonly now?: () => number;
  /** aborts when the client closes */
  readonly signal: AbortSignal;
}

/**
 * Gets a token. Called once for all concurrent callers. What it throws becomes the cause of one `ERR_AUTH_EXPIRED`.
 */
export type TokenFunction = (context: TokenContext) => Promise<Token | string>;
