import {
  authorizationCode,
  browserAuth,
  createGuestJwt,
  emailHashOf,
  logoutUrl,
  revoke,
  windowFeatures,
  type BrowserAuth,
  type WindowFeatures,
} from '@trunkline/auth';
import { sdkError } from '@trunkline/core';
import { randomUuid } from '@trunkline/core/kit';
import { toCore } from './config.js';
import type { Token } from './token.js';
import { notSupported } from './not-supported.js';
import type { Events } from './events.js';
import { WebexPlugin, type PluginDefinition } from './plugin.js';
import { QrLogin } from './qr-login.js';

type State = Parameters<BrowserAuth['signIn']>[0] extends infer O | undefined ? NonNullable<O> : never;
interface LoginOptions {
  /** comes back through the service, see {@link Authorization.state} */
  readonly state?: State['state'];
  readonly email?: string;
  /** `true`, or the window's features, such as `{ width: 800, height: 600 }` */
  readonly separateWindow?: boolean | WindowFeatures;
}

/** How `webex.logout` ends. */
export interface LogoutOptions {
  /** browsers: stay on this page */
  readonly noRedirect?: boolean;
}

/** `webex.authorization`: signing in with `config.credentials.{client_id, redirect_uri, scope}`, by `@trunkline/auth`. */
export class Authorization extends WebexPlugin {
  static override readonly definition: PluginDefinition = {
    namespace: 'Credentials',
    session: { isAuthorizing: ['boolean', true, false] },
    derived: {
      isAuthenticating: {
        deps: ['isAuthorizing'],
        fn(this: Authorization) {
          return this.isAuthorizing;
        },
      },
    },
  };
  /** A sign-in is under way: in a page, by a code, or the exchange of a code or a JWT. `change:isAuthorizing` follows it. */
  declare readonly isAuthorizing: boolean;
  /** The same, by its other name. */
  declare readonly isAuthenticating: boolean;
  private readonly qr = new QrLogin();
  private underWay = 0;
  private auths: Partial<Record<'implicit' | 'code', BrowserAuth>> = {};
  private used: BrowserAuth | undefined;

  /** Browsers: goes to the sign-in page. Implicit, unless `config.credentials.flow` is `code`: that is PKCE. */
  initiateLogin(options: LoginOptions = {}): Promise<void> {
    const { flow } = this.webex.config.credentials ?? {};
    return flow === 'code'
      ? this.initiateAuthorizationCodeGrant(options)
      : this.initiateImplicitGrant(options);
  }
  initiateImplicitGrant(options: LoginOptions = {}): Promise<void> {
    return this.signIn('implicit', options);
  }
  /** With PKCE: the page itself gets the token. */
  initiateAuthorizationCodeGrant(options: LoginOptions = {}): Promise<void> {
    return this.signIn('code', options);
  }
  /** What was handed to the sign-in that has just come back. */
  get state(): BrowserAuth['state'] {
    return this.used?.state;
  }
  /** Node: turns the code that came to `redirect_uri` into tokens. */
  async requestAuthorizationCodeGrant({ code }: { readonly code: string }): Promise<void> {
    const { client_secret: clientSecret } = this.webex.config.credentials ?? {};
    const flow = authorizationCode({ ...this.client(), ...(clientSecret !== undefined && { clientSecret }) });
    await this.whileAuthorizing(async () => {
      const { token } = await flow.exchange(code);
      await this.webex.credentials.follow(token, this.client().scopes);
    });
  }
  /** Signs a guest in. */
  async requestAccessTokenFromJwt({ jwt }: { readonly jwt: string }): Promise<void> {
    await this.whileAuthorizing(async () => {
      this.webex.credentials.set({ supertoken: await this.webex.tokenForJwt(jwt) });
    });
    await this.webex.internal.services.initServiceCatalogs();
  }
  /** Only where the secret may be: on a server. @param given.expiresIn seconds, or a text such as `90s`, `1h`, `2d` */
  async createJwt(given: {
    readonly issuer: string;
    readonly secretId: string;
    readonly displayName?: string;
    readonly expiresIn?: number | string;
  }): Promise<{ readonly jwt: string }> {
    const { issuer, secretId: secret, displayName = 'Guest', expiresIn } = given;
    const jwt = await createGuestJwt({
      ...{ issuer, secret, displayName },
      ...(expiresIn !== undefined && { expiresInS: secondsOf(expiresIn) }),
    });
    return { jwt };
  }
  /** Emits the sign-in by a code: event `qRCodeLogin`. */
  get eventEmitter(): Events {
    return this.qr.events;
  }
  /**
   * For devices without a keyboard: asks for a code, which comes as `getUserCodeSuccess` of {@link eventEmitter}, and waits
   * until someone typed it elsewhere. Resolves when that has ended, well or not; the events tell.
   */
  async initQRCodeLogin(): Promise<void> {
    const { client_id, client_secret, scope = 'spark:all spark:kms' } = this.webex.config.credentials ?? {};
    if (client_id === undefined)
      throw sdkError('ERR_CONFIG', 'signing in by a code needs config.credentials.client_id');
    const { service } = toCore(this.webex.config);
    await this.whileAuthorizing(() =>
      this.qr.begin(
        {
          ...{ clientId: client_id, scopes: scope },
          ...(client_secret !== undefined && { clientSecret: client_secret }),
          ...(service !== undefined && { service }),
        },
        (token) => this.webex.credentials.follow(token, scope),
      ),
    );
  }
  /** Waits no longer. @param withCancelEvent whether `pollingCanceled` is said */
  cancelQRCodePolling(withCancelEvent = true): void {
    this.qr.cancel(withCancelEvent);
  }

  /** Before `ready`: takes the answer of a sign-in out of the address bar, or finds who is signed in. */
  async restore(): Promise<void> {
    const { client_id, redirect_uri, clientType, flow } = this.webex.config.credentials ?? {};
    const inPage = 'document' in globalThis;
    if (!inPage || client_id === undefined || redirect_uri === undefined || clientType === 'confidential')
      return;
    const auth = this.auth(flow === 'code' ? 'code' : 'implicit');
    if (await auth.restore()) await this.webex.credentials.follow(auth.token, this.client().scopes);
  }
  /**
   * Ends the token at the service, or, in a browser, goes on to the logout page. The last step of `webex.logout()`, which
   * apps call; connection and listeners stay as they are.
   *
   * @param options.token instead of the present one
   */
  async logout(options: LogoutOptions & { readonly token?: Token | undefined } = {}): Promise<void> {
    const token = options.token ?? this.webex.credentials.supertoken;
    if (this.used) {
      await this.used.signOut({ noRedirect: options.noRedirect ?? false });
      return;
    }
    const { client_id, client_secret, redirect_uri } = this.webex.config.credentials ?? {};
    const { service } = toCore(this.webex.config);
    const { location } = globalThis as { readonly location?: Location };
    if ('document' in globalThis && location && redirect_uri !== undefined && options.noRedirect !== true) {
      const ended = token?.refresh_token ?? token?.access_token;
      location.assign(
        logoutUrl({
          goto: redirect_uri,
          ...(ended !== undefined && { token: ended }),
          ...(service !== undefined && { service }),
        }),
      );
      return;
    }
    if (token === undefined || client_id === undefined || client_secret === undefined) return;
    await revoke({
      ...{ clientId: client_id, clientSecret: client_secret, token: token.access_token },
      ...(service !== undefined && { service }),
    });
  }

  private async signIn(
    flow: 'implicit' | 'code',
    { state, email, separateWindow }: LoginOptions,
  ): Promise<void> {
    if (this.webex.config.credentials?.clientType === 'confidential') {
      await this.leaveFor({ ...state, csrf_token: randomUuid() }, email, separateWindow);
      return;
    }
    const auth = this.auth(flow);
    await this.whileAuthorizing(async () => {
      await auth.signIn({
        ...(state !== undefined && { state }),
        ...(email !== undefined && { email }),
        ...(separateWindow !== undefined && separateWindow !== false && { separateWindow }),
      });
      if (separateWindow) await this.webex.credentials.follow(auth.token, this.client().scopes);
    });
  }
  /** The code goes to the app's server, which has the secret; it compares `csrf_token` with what is kept here. */
  private async leaveFor(
    state: { readonly csrf_token: string },
    email: string | undefined,
    separateWindow: LoginOptions['separateWindow'] = false,
  ): Promise<void> {
    const { location, sessionStorage } = globalThis as {
      readonly location?: Location;
      readonly sessionStorage?: Storage;
    };
    if (!location || !sessionStorage)
      throw notSupported(
        "a sign-in with clientType 'confidential' without a page",
        'use authorizationCode() of @trunkline/auth on the server',
      );
    sessionStorage.setItem('oauth2-csrf-token', state.csrf_token);
    // a window opens only in the turn of a click, before anything is waited for
    const opened =
      separateWindow === false ? undefined : window.open('', '_blank', windowFeatures(separateWindow));
    if (opened === null)
      throw sdkError(
        'ERR_ENVIRONMENT',
        'the browser blocked the sign-in window. Call initiateLogin in a click handler, or without separateWindow.',
      );
    const emailHash = email === undefined ? undefined : await emailHashOf(email);
    const url = this.webex.credentials.buildLoginUrl({
      state: { ...state, ...(emailHash !== undefined && { emailhash: emailHash }) },
      ...(emailHash !== undefined && { emailHash }),
    });
    (opened?.location ?? location).assign(url);
  }
  /** `isAuthorizing` is true meanwhile, here and on the Webex. */
  private async whileAuthorizing<T>(work: () => Promise<T>): Promise<T> {
    this.underWay += 1;
    this.tell();
    try {
      return await work();
    } finally {
      this.underWay -= 1;
      this.tell();
    }
  }
  private tell(): void {
    const isAuthorizing = this.underWay > 0;
    this.set({ isAuthorizing });
    this.webex.set({ isAuthorizing });
  }
  private auth(flow: 'implicit' | 'code'): BrowserAuth {
    const { authorizeUrl } = this.webex.config.credentials ?? {};
    return (this.used = this.auths[flow] ??=
      browserAuth({
        ...this.client(),
        flow,
        ...(authorizeUrl !== undefined && { authorizeUrl }),
      }));
  }
  private client() {
    const {
      client_id: clientId,
      redirect_uri: redirectUri,
      scope = 'spark:all spark:kms',
    } = this.webex.config.credentials ?? {};
    if (clientId === undefined || redirectUri === undefined)
      throw sdkError('ERR_CONFIG', 'signing in needs config.credentials.client_id and redirect_uri');
    const { service } = toCore(this.webex.config);
    return { clientId, redirectUri, scopes: scope, ...(service !== undefined && { service }) };
  }
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
function secondsOf(duration: number | string): number {
  if (typeof duration === 'number') return duration;
  const [, count, unit = 's'] = /^\s*(\d+(?:\.\d+)?)\s*([smhd]?)/.exec(duration) ?? [];
  return Number(count) * (units[unit] ?? 1);
}
