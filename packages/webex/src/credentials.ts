import { clientCredentials, downscope, logoutUrl, revoke } from '@trunkline/auth';
import {
  refreshToken,
  sdkError,
  type Token as CoreToken,
  type TokenContext,
  type TokenFunction,
} from '@trunkline/core';
import { decodeBase64Url, encodeBase64Url, orgIdOfToken } from '@trunkline/wire';
import { toCore } from './config.js';
import { WebexPlugin, type PluginDefinition } from './plugin.js';
import {
  keepToken,
  Token,
  tokenIn,
  type TokenConfig,
  type TokenDetails,
  type TokenFields,
  type TokenKeeper,
} from './token.js';

/** `webex.credentials` */
export class Credentials extends WebexPlugin implements TokenKeeper {
  static override readonly definition: PluginDefinition = {
    namespace: 'Credentials',
    session: { supertoken: 'any', isRefreshing: ['boolean', true, false] },
    derived: {
      canAuthorize: {
        deps: ['supertoken', 'isRefreshing'],
        fn(this: Credentials) {
          return this.supertoken !== undefined && (this.supertoken.canAuthorize || this.canRefresh);
        },
      },
      canRefresh: {
        deps: ['supertoken'],
        fn(this: Credentials) {
          return this.refreshable();
        },
      },
      isUnverifiedGuest: {
        deps: ['supertoken'],
        fn(this: Credentials) {
          return claimsOf(this.supertoken?.access_token)['user_type'] === 'guest';
        },
      },
    },
  };
  declare supertoken: Token | undefined;
  declare isRefreshing: boolean;
  declare readonly canAuthorize: boolean;
  declare readonly canRefresh: boolean;
  declare readonly isUnverifiedGuest: boolean;
  declare private refreshing: Promise<Token> | undefined;
  /** the one before the present token: still accepted, because requests with it may be under way */
  declare private previous: Token | undefined;
  declare private own: boolean;
  /** the access token that core has */
  declare taken: string | undefined;
  /** who signed in brought this along */
  declare private source: TokenFunction | undefined;

  override initialize(): void {
    Object.defineProperty(this, 'refreshing', { value: undefined, writable: true, enumerable: false });
    Object.defineProperty(this, 'taken', { value: undefined, writable: true, enumerable: false });
    Object.defineProperty(this, 'previous', { value: undefined, writable: true, enumerable: false });
    Object.defineProperty(this, 'own', { value: false, writable: true, enumerable: false });
    Object.defineProperty(this, 'source', { value: undefined, writable: true, enumerable: false });
    const normalise = (): void => {
      const given: unknown = this.supertoken;
      if (given instanceof Token) keepToken(given, this);
      if (given === undefined || given instanceof Token) return;
      const fields = tokenIn(given);
      this.supertoken = fields === undefined ? undefined : keepToken(new Token(fields), this);
    };
    normalise();
    let before = this.supertoken;
    this.on('change:supertoken', () => {
      normalise();
      const old = before;
      const now = this.supertoken;
      before = now;
      if (!old || old.access_token === now?.access_token) return;
      if (!this.own) this.previous = undefined;
      if (this.own) this.webex.session.replace(old.access_token, now?.access_token);
      else void this.webex.session.tokenReplaced(old, now);
    });
  }
  override set(key: string | object, value?: unknown): this {
    const given = typeof key === 'string' ? { [key]: value } : key;
    const found = 'supertoken' in given ? undefined : tokenIn(given);
    return super.set(found ? { supertoken: found } : given);
  }
  /** @throws when there is none, or it names no organisation */
  getOrgId(): string {
    const orgId = this.supertoken && orgIdOfToken(this.supertoken.access_token);
    if (orgId === undefined)
      throw sdkError(
        'ERR_TOKEN_INVALID',
        'the provided token is not a valid format: it names no organisation',
      );
    return orgId;
  }
  /** The organisation that an access token with three parts, or a JWT, names. @throws {SdkError} `ERR_TOKEN_INVALID` */
  extractOrgIdFromJWT(token: string): string {
    return orgIdIn(token, 'credentials.extractOrgIdFromJWT');
  }
  /** The same for tokens of the form `a_b_org`. @throws {SdkError} `ERR_TOKEN_INVALID` */
  extractOrgIdFromUserToken(token: string): string {
    return orgIdIn(token, 'credentials.extractOrgIdFromUserToken');
  }
  /** The token that requests carry. @throws when there is none */
  getUserToken(): Promise<Token> {
    if (!this.supertoken) return Promise.reject(noToken());
    if (!this.supertoken.canAuthorize && this.canRefresh) return this.refresh();
    return Promise.resolve(this.supertoken);
  }
  /** A token of the program itself, with `config.credentials.client_id` and `client_secret`. */
  async getClientToken({ scope }: { readonly scope?: string } = {}): Promise<Token> {
    const { client_id: clientId, client_secret: clientSecret } = this.webex.config.credentials ?? {};
    if (clientId === undefined || clientSecret === undefined)
      throw sdkError('ERR_CONFIG', 'a client token needs config.credentials.client_id and client_secret');
    const { service } = toCore(this.webex.config);
    const grant = clientCredentials({
      ...{ clientId, clientSecret },
      ...(service !== undefined && { service }),
      ...(scope !== undefined && { scopes: scope }),
    });
    const token = await grant(await this.context('start'));
    return keepToken(new Token({ ...fieldsOf(token), scope: scope ?? 'webexsquare:admin' }), this);
  }
  /** A token that may do less, of the signed-in person. */
  async downscope(scope: string): Promise<Token> {
    return this.reduce(await this.getUserToken(), scope);
  }
  /** `config.credentials`, with the addresses that follow from it. */
  get tokenConfig(): TokenConfig {
    const base = `${this.idbroker()}/idb/oauth2/v1`;
    return {
      tokenUrl: `${base}/access_token`,
      revokeUrl: `${base}/revoke`,
      ...this.webex.config.credentials,
    };
  }
  async reduce({ access_token: token }: Token, scope: string): Promise<Token> {
    const { client_id: clientId } = this.webex.config.credentials ?? {};
    if (clientId === undefined) throw sdkError('ERR_CONFIG', 'downscope needs config.credentials.client_id');
    const { service } = toCore(this.webex.config);
    const less = downscope({ clientId, token, ...(service !== undefined && { service }) });
    const fields = fieldsOf(await less.scoped(scope)(await this.context('start')));
    return keepToken(new Token({ ...fields, scope }), this);
  }
  async exchange(old: Token): Promise<Token> {
    const fields = await this.ask(old);
    if (fields === undefined || fields.access_token === old.access_token)
      throw sdkError('ERR_TOKEN_INVALID', 'the refresh brought no other token; sign in again');
    const { refresh_token, scope } = old;
    const kept = {
      ...(refresh_token !== undefined && { refresh_token }),
      ...(scope !== undefined && { scope }),
    };
    return keepToken(new Token({ ...kept, ...fields }), this);
  }
  async validate({ access_token: token }: Token): Promise<TokenDetails> {
    const { body } = await this.webex.request<TokenDetails>({
      method: 'POST',
      service: 'conversation',
      resource: 'users/validateAuthToken',
      body: { token },
    });
    return body;
  }
  end({ access_token: token }: Token): Promise<void> {
    const { client_id: clientId, client_secret: clientSecret } = this.webex.config.credentials ?? {};
    if (clientId === undefined || clientSecret === undefined)
      throw sdkError(
        'ERR_CONFIG',
        'Token.revoke: config.credentials has no client_id and client_secret. Revoking takes both: call it on a server.',
      );
    const { service } = toCore(this.webex.config);
    return revoke({ clientId, clientSecret, token, ...(service !== undefined && { service }) });
  }
  /** The address of the sign-in page. */
  buildLoginUrl({ state, ...query }: Readonly<Record<string, unknown>> = {}): string {
    const { client_id, redirect_uri, scope } = this.webex.config.credentials ?? {};
    if (client_id === undefined || redirect_uri === undefined)
      throw sdkError('ERR_CONFIG', 'a login URL needs config.credentials.client_id and redirect_uri');
    const text = state === undefined ? {} : { state: encodeBase64Url(JSON.stringify(state)) };
    const fields = { response_type: 'code', client_id, redirect_uri, scope: scope ?? '', ...query, ...text };
    const { authorizeUrl = `${this.idbroker()}/idb/oauth2/v1/authorize` } =
      this.webex.config.credentials ?? {};
    return `${authorizeUrl}?${new URLSearchParams(fields).toString()}`;
  }
  /** Where a browser signs out. */
  buildLogoutUrl({ goto }: { readonly goto?: string } = {}): string {
    const { redirect_uri } = this.webex.config.credentials ?? {};
    const { service } = toCore(this.webex.config);
    const token = this.supertoken?.refresh_token ?? this.supertoken?.access_token;
    return logoutUrl({
      goto: goto ?? redirect_uri ?? '',
      ...(token !== undefined && { token }),
      ...(service !== undefined && { service }),
    });
  }
  /** A new token, got once for all callers. */
  refresh(): Promise<Token> {
    if (!this.supertoken) return Promise.reject(noToken());
    if (!this.canRefresh)
      return Promise.reject(
        sdkError(
          'ERR_TOKEN_INVALID',
          'the token cannot be refreshed: that takes a refresh_token with client_id and client_secret, or a refreshCallback',
        ),
      );
    this.isRefreshing = true;
    return (this.refreshing ??= this.renewed(this.supertoken).finally(() => {
      this.refreshing = undefined;
      this.isRefreshing = false;
    }));
  }
  /** From now on tokens come from there. @param scope what they were asked for with */
  async follow(source: TokenFunction, scope: string): Promise<void> {
    const token = await source(await this.context('start'));
    this.source = source;
    this.supertoken = new Token({ ...fieldsOf(token), scope });
  }
  /** Forgets everything. */
  invalidate(): Promise<void> {
    this.source = undefined;
    this.supertoken = undefined;
    return Promise.resolve();
  }
  /** What core asks when it needs a token. */
  async tokenFor({ reason, previous }: TokenContext): Promise<CoreToken> {
    const token = this.supertoken;
    if (!token) throw noToken();
    const untried = previous?.accessToken !== token.access_token;
    const now =
      (reason === 'start' || untried) && (token.canAuthorize || !this.canRefresh)
        ? token
        : await this.refresh();
    this.taken = now.access_token;
    return toCoreToken(now);
  }

  private idbroker(): string {
    const { service } = toCore(this.webex.config);
    if (service !== undefined) return `${service}/idbroker`;
    const { idbroker } = this.webex.config.credentials ?? {};
    return idbroker?.url ?? 'https://idbroker.webex.com';
  }
  private refreshable(): boolean {
    const { refreshCallback, jwtRefreshCallback, client_secret, client_id } =
      this.webex.config.credentials ?? {};
    if (jwtRefreshCallback || this.source) return this.supertoken !== undefined;
    if (!this.supertoken?.refresh_token) return false;
    return refreshCallback !== undefined || (client_id !== undefined && client_secret !== undefined);
  }
  private async renewed(old: Token): Promise<Token> {
    const token = await this.exchange(old);
    // who was signed out meanwhile stays so
    if (this.supertoken !== old) throw noToken();
    this.own = true;
    this.supertoken = token;
    this.own = false;
    if (this.previous !== undefined) this.revokeOld(this.previous);
    this.previous = old;
    return token;
  }
  /** Ends a token that was replaced twice. Who signed in with a page or a code has that done by the sign-in itself. */
  private revokeOld({ access_token: token, isExpired }: Token): void {
    const { client_id: clientId, client_secret: clientSecret } = this.webex.config.credentials ?? {};
    if (this.source || isExpired || clientId === undefined || clientSecret === undefined) return;
    const { service } = toCore(this.webex.config);
    revoke({ clientId, clientSecret, token, ...(service !== undefined && { service }) }).catch(
      (error: unknown) => {
        this.logger.warn('credentials: the token before the last refresh could not be revoked', error);
      },
    );
  }
  private async ask(old: Token): Promise<TokenFields | undefined> {
    const {
      refreshCallback,
      jwtRefreshCallback,
      client_id = '',
      client_secret,
      redirect_uri,
    } = this.webex.config.credentials ?? {};
    if (jwtRefreshCallback) {
      const jwt = (await jwtRefreshCallback(this.webex as never)) as string;
      return this.webex.tokenForJwt(jwt);
    }
    if (this.source) return fieldsOf(await this.source(await this.context('rejected', old)));
    if (refreshCallback) return tokenIn(await refreshCallback(this.webex as never, old as never));
    let newest = old.refresh_token ?? '';
    const grant = refreshToken({
      refreshToken: newest,
      clientId: client_id,
      ...(client_secret !== undefined && { clientSecret: client_secret }),
      ...(redirect_uri !== undefined && { redirectUri: redirect_uri }),
      onRefresh: (token) => {
        newest = token.refreshToken;
      },
    });
    const answer = await grant(await this.context('rejected', old));
    return { ...fieldsOf(answer), refresh_token: newest };
  }
  private async context(reason: TokenContext['reason'], previous?: Token): Promise<TokenContext> {
    const { host } = this.webex.linkage.get();
    return {
      reason,
      ...(previous && { previous: toCoreToken(previous) }),
      tokenUrl: `${await host.serviceUrl('idbroker')}/idb/oauth2/v1/access_token`,
      fetch: (input, init) => globalThis.fetch(input, init),
      now: () => host.clock.now(),
      signal: new AbortController().signal,
    };
  }
}

function orgIdIn(token: string, call: string): string {
  const orgId = typeof token === 'string' ? orgIdOfToken(token) : undefined;
  if (orgId !== undefined) return orgId;
  throw sdkError('ERR_TOKEN_INVALID', `${call}: the token names no organisation. Give a token of a person.`);
}
const noToken = () =>
  sdkError('ERR_AUTH_EXPIRED', 'Current state cannot produce an access token: no one is signed in');
const fieldsOf = (token: CoreToken | string): TokenFields =>
  typeof token === 'string'
    ? { access_token: token }
    : {
        access_token: token.accessToken,
        ...(token.expiresAtMs !== undefined && { expires: token.expiresAtMs }),
      };
const toCoreToken = ({ access_token, expires }: Token): CoreToken => ({
  accessToken: access_token,
  ...(expires !== undefined && { expiresAtMs: expires }),
});
function claimsOf(token = ''): Record<string, unknown> {
  try {
    return JSON.parse(decodeBase64Url(token.split('.')[1] ?? '')) as Record<string, unknown>;
  } catch {
    return {};
  }
}
