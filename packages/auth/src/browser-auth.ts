import {
  indexedDbStorage,
  namespaced,
  sdkError,
  silentLogger,
  systemClock,
  webStorage,
  type Clock,
  type Logger,
  type Storage,
  type TokenFunction,
} from '@trunkline/core';
import { race, randomUuid } from '@trunkline/core/kit';
import { answeredError, answerIn, wrongState, type Answer } from './answer.js';
import { challengeOf, newVerifier, emailHashOf, subtle } from './crypto.js';
import { endpointsOf, httpUrl, needText, scopeText } from './endpoints.js';
import { grant, grantedOf } from './grant.js';
import { objectOf } from './kept.js';
import { currentPage, type Page } from './page.js';
import { createSession, inTurn } from './session.js';
import { answerFrom, handOver } from './sign-in-window.js';
import { decodeState, encodeState, type SignInState } from './state-object.js';

export interface BrowserAuthOptions {
  /** Base URL of a self-hosted service; left out: the cloud. */
  readonly service?: string;
  /** The sign-in page, where it is not the one of `service`. Its query is ignored. */
  readonly authorizeUrl?: string;
  readonly clientId: string;
  /** A page of this app, as registered for the client. `restore()` has to run there. */
  readonly redirectUri: string;
  readonly scopes: string | readonly string[];
  /**
   * `code` (default): authorization code with PKCE; tokens never pass through an address, and are renewed. `implicit`: for
   * clients that may do nothing else; when its token ends, the person signs in again.
   */
  readonly flow?: 'code' | 'implicit';
  /**
   * Where the tokens stay. Default `indexedDbStorage()`: all tabs, across reloads. `webStorage({ area: 'session' })`: one tab.
   * `localStorage` is a poor place for tabs that renew: one may not see at once what another wrote.
   */
  readonly storage?: Storage;
  /** Where a sign-in under way stays. Default `webStorage({ area: 'session' })`: this tab. */
  readonly session?: Storage;
  /** A name of your own for who signs in, so that several people can be signed in side by side in one storage. */
  readonly user?: string;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** Features of a window, as `window.open` takes them: `{ width: 800, height: 600, left: 100 }`. Sizes are pixels. */
export type WindowFeatures = Readonly<Record<string, string | number | boolean>>;

export interface SignInOptions {
  /** Given back as `state` afterwards, after the way through the service. JSON, short: it travels in an address. */
  readonly state?: SignInState;
  /** Who is to sign in, so that the service can choose the right sign-in page. Only its hash travels. */
  readonly email?: string;
  /**
   * An email address that the sign-in page fills in (`login_hint`). It is part of the address of that page, so it appears
   * in logs and in the browser's history; `email` sends only a hash, and fills in nothing.
   */
  readonly loginHint?: string;
  /** In a window of its own, 600 by 800 pixels unless its features say otherwise. Call `signIn` in the turn of a click then, or the browser blocks the window. */
  readonly separateWindow?: boolean | WindowFeatures;
}

export interface SignOutOptions {
  /** Stay on this page instead of going through the service's logout page. */
  readonly noRedirect?: boolean;
}

export interface BrowserAuth {
  /**
   * To be called once, when the page starts, before `createClient`. Takes the answer of a sign-in out of the address bar, or
   * what storage holds.
   *
   * @returns true when someone is signed in
   * @throws {SdkError} `ERR_AUTH_STATE` the answer in the address bar belongs to no sign-in of this tab; `ERR_AUTH_DENIED`
   * consent was refused; `ERR_AUTH_CLIENT` the client is registered otherwise; `ERR_TOKEN_INVALID` the code is used or too
   * old; `ERR_NETWORK`, `ERR_UNAVAILABLE`. Nothing is stored then, and the answer is gone from the address bar: a second
   * call finds the user who was signed in before.
   */
  restore(init?: { readonly signal?: AbortSignal }): Promise<boolean>;
  /**
   * Goes to the sign-in page, and resolves as this page is being left. With `separateWindow`: stays, and resolves when
   * someone is signed in.
   *
   * @throws {SdkError} `ERR_ENVIRONMENT` no window here, or it was blocked; no WebCrypto (plain http); `ERR_STORAGE` the
   * sign-in cannot be remembered; with `separateWindow` also what `restore` throws
   */
  signIn(options?: SignInOptions): Promise<void>;
  /** For `createClient({ token })`. Renews before the end and after a refusal, once for all tabs. */
  readonly token: TokenFunction;
  /** What was handed to the `signIn` that `restore` has just completed. */
  readonly state: SignInState | undefined;
  /**
   * Forgets the tokens, revokes them, and goes to the logout page, which comes back to `redirectUri`.
   *
   * @throws {SdkError} with `noRedirect` only: `ERR_NETWORK`, `ERR_UNAVAILABLE`, … when the service could not be reached.
   * The tokens are forgotten here all the same.
   */
  signOut(options?: SignOutOptions): Promise<void>;
}

/**
 * Signing in, in a browser. Nothing happens and no global is touched before the first call, so it may be made anywhere,
 * also in server rendering, where `restore` answers false.
 *
 * @throws {SdkError} `ERR_ARGUMENT`
 * @example
 * const auth = browserAuth({ clientId, redirectUri: location.origin + '/', scopes: 'spark:all spark:kms' });
 * if (!(await auth.restore())) await auth.signIn();
 * const client = createClient({ token: auth.token, plugins });
 * @source protocol/identity-and-services.md §3.1-3.3, §3.8
 */
export const browserAuth = (options: BrowserAuthOptions): BrowserAuth =>
  browserAuthOn(() => currentPage(), options);

/** A sign-in that has begun in this tab. */
interface Pending {
  readonly csrf: string;
  readonly verifier?: string;
  readonly separate?: boolean;
}
const PENDING = 'pending';

/** The text that `window.open` takes. @throws {SdkError} `ERR_ARGUMENT` for a name or value that would add others */
export function windowFeatures(given: true | WindowFeatures): string {
  const all = { width: 600, height: 800, ...(given === true ? {} : given) };
  return Object.entries(all as WindowFeatures)
    .map(([name, value]) => {
      if (!/^[\w-]+$/.test(name) || !/^[\w.%-]*$/.test(String(value)))
        throw sdkError('ERR_ARGUMENT', `separateWindow.${name}: expected a number, a word or a boolean`);
      return `${name}=${String(value)}`;
    })
    .join(',');
}

/** {@link browserAuth} on a page of the caller's. */
export function browserAuthOn(pageNow: () => Page | undefined, options: BrowserAuthOptions): BrowserAuth {
  needText({ ...options }, 'clientId');
  const redirectUri = httpUrl(options.redirectUri, 'redirectUri').href;
  const endpoints = endpointsOf(options.service);
  const authorizeAt =
    options.authorizeUrl === undefined
      ? endpoints.authorize
      : httpUrl(options.authorizeUrl, 'authorizeUrl').href.replace(/[?#].*$/, '');
  const { clientId, flow = 'code', user = 'me' } = options;
  const { storage = indexedDbStorage(), session: tab = webStorage({ area: 'session' }) } = options;
  const { clock = systemClock, logger: log = silentLogger } = options;
  const scope = scopeText(options.scopes);
  const fetcher: typeof fetch = (input, init) => (options.fetch ?? globalThis.fetch)(input, init);
  // tokens of one service are never shown to another
  const name = `${clientId}@${new URL(endpoints.token).host}`;
  const mine = (all: Storage): Storage => namespaced(namespaced(namespaced(all, 'auth'), name), user);
  const pendings = mine(tab);
  const channelName = `trunkline.auth/${name}/${user}`;
  const turns = inTurn();
  const session = createSession({
    client: { clientId },
    redirectUri: options.redirectUri,
    endpoints,
    storage: mine(storage),
    exclusive: (run) => (pageNow()?.exclusive ?? turns)(channelName, run),
    fetch: fetcher,
    clock,
    log,
  });
  let state: SignInState | undefined;
  let restoring: Promise<boolean> | undefined;

  const pendingNow = async (): Promise<Pending | undefined> => {
    let text: string | undefined;
    try {
      text = await pendings.get(PENDING);
    } catch (error) {
      log.warn({ error }, 'a sign-in under way could not be read from storage');
    }
    const found = text === undefined ? undefined : objectOf(text);
    return typeof found?.['csrf'] === 'string' ? (found as unknown as Pending) : undefined;
  };

  /** Ends the sign-in that has begun with the answer that came. */
  const complete = async (answer: Answer, pending: Pending | undefined): Promise<void> => {
    await pendings.remove(PENDING).catch(() => undefined); // good for one answer
    const decoded = decodeState(answer.state);
    // an error may come without state; whatever else comes must carry ours
    const blankError = answer.error !== undefined && answer.state === null;
    if (!blankError && (pending === undefined || decoded?.csrf !== pending.csrf)) throw wrongState();
    if (answer.error !== undefined) throw answeredError(answer);
    const call = { fetch: fetcher, now: () => clock.now() };
    if (answer.tokens !== undefined) {
      if (pending?.verifier !== undefined) throw wrongState(); // a code was asked for
      await session.keep(grantedOf(answer.tokens, clock.now()));
    } else {
      const { code } = answer;
      if (code === undefined || pending?.verifier === undefined) throw wrongState();
      const fields = {
        grant_type: 'authorization_code',
        redirect_uri: options.redirectUri,
        code,
        self_contained_token: 'true',
        code_verifier: pending.verifier,
      };
      await session.keep(await grant(endpoints.token, { clientId }, fields, call));
    }
    state = decoded?.state;
  };

  const restore = async (): Promise<boolean> => {
    const page = pageNow();
    if (page === undefined) return false;
    const found = answerIn(page.href, redirectUri);
    if (found !== undefined) {
      // with state it is ours for sure, and leaves the address bar in this very turn
      if (found.answer.state !== null || found.answer.tokens !== undefined) page.replaceAddress(found.clean);
      const pending = await pendingNow();
      if (found.answer.state === null && pending !== undefined) page.replaceAddress(found.clean);
      const isOurs =
        found.answer.state !== null || found.answer.tokens !== undefined || pending !== undefined;
      if (isOurs) {
        const separate = pending?.separate === true && decodeState(found.answer.state)?.csrf === pending.csrf;
        const handed =
          separate && (await handOver(found.answer, { page, name: channelName, csrf: pending.csrf, clock }));
        if (!handed) await complete(found.answer, pending);
      }
    }
    return (await session.current()) !== undefined;
  };

  const signIn = async ({
    state: given = {},
    email,
    loginHint,
    separateWindow = false,
  }: SignInOptions): Promise<void> => {
    const page = pageNow();
    if (page === undefined) throw sdkError('ERR_ENVIRONMENT', 'there is no window here to sign in with');
    if (flow === 'code') subtle(); // before anything opens
    const pending: Pending = {
      csrf: randomUuid(),
      ...(flow === 'code' && { verifier: newVerifier() }),
      ...(separateWindow !== false && { separate: true }),
    };
    // both in this very turn: windows open only in the turn of a click, and copy the tab's storage as they open
    const saving = pendings.set(PENDING, JSON.stringify(pending));
    saving.catch(() => undefined);
    const opened = separateWindow === false ? undefined : page.open(windowFeatures(separateWindow));
    if (separateWindow !== false && opened === undefined)
      throw sdkError(
        'ERR_ENVIRONMENT',
        'the browser blocked the sign-in window; call signIn when someone clicks, or without separateWindow',
      );
    let url: string;
    try {
      await saving;
      url = await authorizeUrl(pending, given, email, loginHint);
    } catch (error) {
      opened?.close();
      throw error;
    }
    if (opened === undefined) {
      page.go(url);
      return;
    }
    const answer = answerFrom(opened, { page, name: channelName, csrf: pending.csrf, clock });
    opened.go(url);
    await complete(await answer, pending);
  };

  const authorizeUrl = async (
    { csrf, verifier }: Pending,
    given: SignInState,
    email: string | undefined,
    loginHint: string | undefined,
  ): Promise<string> => {
    const emailHash = email === undefined ? undefined : await emailHashOf(email);
    const query = new URLSearchParams({
      state: encodeState(given, csrf, emailHash),
      client_id: clientId,
      redirect_uri: options.redirectUri,
      scope,
      response_type: verifier === undefined ? 'token' : 'code',
      ...(verifier !== undefined && {
        code_challenge: await challengeOf(verifier),
        code_challenge_method: 'S256',
      }),
      ...(emailHash !== undefined && { emailHash }),
      ...(loginHint !== undefined && { login_hint: loginHint }),
    });
    return `${authorizeAt}?${query.toString()}`;
  };

  return {
    get state() {
      return state;
    },
    restore: ({ signal } = {}) => {
      // called twice at once (strict mode of UI libraries): the answer is there once
      restoring ??= restore().finally(() => {
        restoring = undefined;
      });
      return race(restoring, signal);
    },
    signIn: (init = {}) => signIn(init),
    token: async (context) => {
      await restoring?.catch(() => undefined);
      return session.token(context);
    },
    signOut: async ({ noRedirect = false } = {}) => {
      await restoring?.catch(() => undefined); // else its tokens would come after
      const kept = await session.forget();
      state = undefined;
      const page = pageNow();
      try {
        if (kept !== undefined) await session.revoke(kept);
      } catch (error) {
        if (noRedirect || page === undefined) throw error;
        log.warn({ error }, 'the tokens could not be revoked; the logout page does it');
      }
      if (noRedirect || page === undefined) return;
      const query = new URLSearchParams({ cisService: '', goto: options.redirectUri });
      if (kept !== undefined) query.set('token', kept.refreshToken ?? kept.accessToken);
      page.go(`${endpoints.logout}?${query.toString()}`);
    },
  };
}
