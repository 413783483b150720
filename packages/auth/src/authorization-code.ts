import { sdkError, systemClock, type Clock, type Logger, type Storage } from '@trunkline/core';
import { answeredError, answerIn, wrongState, type Answer } from './answer.js';
import { challengeOf, emailHashOf } from './crypto.js';
import { endpointsOf, httpUrl, needText, scopeText } from './endpoints.js';
import { grant } from './grant.js';
import { createStateSeal } from './sealed-state.js';
import { createSignIns, type SignedIn } from './signed-in.js';
import { decodeState, encodeState, type SignInState } from './state-object.js';

export interface AuthorizationCodeOptions {
  /** Base URL of a self-hosted service; left out: the cloud. */
  readonly service?: string;
  readonly clientId: string;
  /** Left out for public clients, such as a command line tool. */
  readonly clientSecret?: string;
  readonly redirectUri: string;
  readonly scopes: string | readonly string[];
  /** Where the tokens stay, by user. Default: memory. `fileStorage('./data')` keeps them across restarts. */
  readonly storage?: Storage;
  /** A long random text, the same in all processes that share the sign-ins. Default: this object alone knows. */
  readonly stateSecret?: string;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export interface AuthorizationCode {
  /**
   * The address of the sign-in page, good for 10 minutes. With PKCE.
   *
   * @param init.state given back by `exchange`. On a web server put something of the visitor's own session into it and
   * compare it afterwards, so that no one can be signed in to someone else's account by a link.
   * @param init.email who is to sign in; only its hash travels
   */
  authorizeUrl(init?: { readonly state?: SignInState; readonly email?: string }): Promise<string>;
  /**
   * Turns what came back to `redirectUri` into tokens, and keeps them.
   *
   * @param answer    the whole address that was called (also relative: `request.url`), or the bare code
   * @param init.user a name of your own for the person, to find the tokens again with `restore`
   * @param init.state with a bare code: the `state` that came with it. A code that was not asked for by `authorizeUrl` needs none
   * @throws {SdkError} `ERR_AUTH_STATE`, `ERR_AUTH_DENIED`, `ERR_AUTH_CLIENT`; `ERR_TOKEN_INVALID` the code was used or is
   * too old; `ERR_NETWORK`, `ERR_TIMEOUT`, `ERR_UNAVAILABLE`, `ERR_RATE_LIMITED`
   */
  exchange(
    answer: string | URL,
    init?: { readonly user?: string; readonly state?: string; readonly signal?: AbortSignal },
  ): Promise<SignedIn>;
  /** Someone whose tokens are in `storage`; undefined when there are none that may still work. */
  restore(user?: string): Promise<SignedIn | undefined>;
}

/**
 * Signing people in on a server or from a command line.
 *
 * @throws {SdkError} `ERR_ARGUMENT`
 * @example
 * const flow = authorizationCode({ clientId, clientSecret, redirectUri, scopes: 'spark:all spark:kms' });
 * response.writeHead(302, { location: await flow.authorizeUrl({ state: { visitor } }) });
 * // later, at redirectUri
 * const { token, state } = await flow.exchange(request.url, { user: visitor });
 * @source protocol/identity-and-services.md §3, §3.2, §3.3
 */
export function authorizationCode(options: AuthorizationCodeOptions): AuthorizationCode {
  needText({ ...options }, 'clientId');
  if (options.clientSecret !== undefined) needText({ ...options }, 'clientSecret');
  const home = httpUrl(options.redirectUri, 'redirectUri').href;
  const endpoints = endpointsOf(options.service);
  const { clientId, clientSecret, redirectUri } = options;
  const { clock = systemClock } = options;
  const client = { clientId, clientSecret };
  const fetcher: typeof fetch = (input, init) => (options.fetch ?? globalThis.fetch)(input, init);
  const seal = createStateSeal(options.stateSecret);
  const signIns = createSignIns(options, endpoints, redirectUri);
  /** The app's state and the verifier, of a state that we made. */
  const opened = async (
    text: string,
  ): Promise<{ readonly state: SignInState; readonly verifier: string }> => {
    const decoded = decodeState(text);
    if (decoded === undefined || !(await seal.isOurs(decoded.csrf, clock.now()))) throw wrongState();
    return { state: decoded.state, verifier: await seal.verifierOf(decoded.csrf) };
  };

  return {
    authorizeUrl: async ({ state = {}, email } = {}) => {
      const csrf = await seal.make(clock.now());
      const emailHash = email === undefined ? undefined : await emailHashOf(email);
      const query = new URLSearchParams({
        state: encodeState(state, csrf, emailHash),
        client_id: clientId,
        redirect_uri: redirectUri,
        scope: scopeText(options.scopes),
        response_type: 'code',
        code_challenge: await challengeOf(await seal.verifierOf(csrf)),
        code_challenge_method: 'S256',
        ...(emailHash !== undefined && { emailHash }),
      });
      return `${endpoints.authorize}?${query.toString()}`;
    },
    exchange: async (answer, { user = 'me', state: stateText, signal } = {}) => {
      const found = readAnswer(answer, home);
      const text = found.state ?? stateText;
      if (found.error !== undefined) {
        if (text !== undefined) await opened(text);
        throw answeredError(found);
      }
      if (found.code === undefined || (found.whole && text === undefined)) throw wrongState();
      const ours = text === undefined ? undefined : await opened(text);
      const fields = {
        grant_type: 'authorization_code',
        redirect_uri: redirectUri,
        code: found.code,
        self_contained_token: 'true',
        code_verifier: ours?.verifier,
      };
      const call = { fetch: fetcher, now: () => clock.now(), signal };
      const granted = await grant(endpoints.token, client, fields, call);
      return signIns.keep(user, granted, ours?.state);
    },
    restore: (user = 'me') => signIns.restore(user),
  };
}

/** An address, also as servers see it (`/callback?code=…`), or a bare code. */
function readAnswer(
  answer: string | URL,
  home: string,
): Partial<Omit<Answer, 'state'>> & { readonly state?: string; readonly whole: boolean } {
  const text = String(answer);
  if (!/^(https?:\/\/|\/|\?)/i.test(text)) {
    if (text === '')
      throw sdkError('ERR_ARGUMENT', 'the code is empty; give it, or the address that was called');
    return { code: text, whole: false };
  }
  // proxies change host and scheme on the way: what counts is the query
  const { search } = new URL(text, home);
  const found = answerIn(new URL(search, home).href, home)?.answer;
  if (found === undefined) throw wrongState();
  const { state, ...rest } = found;
  return { ...rest, ...(state !== null && { state }), whole: true };
}
