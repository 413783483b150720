import { sdkError } from '@trunkline/core';
import type { WebexConfig } from './config.js';

/** A token as the official client keeps it. @source protocol/identity-and-services.md §2 */
export interface TokenFields {
  access_token: string;
  token_type?: string;
  scope?: string;
  /** seconds */
  expires_in?: number;
  /** epoch ms */
  expires?: number;
  refresh_token?: string;
  refresh_token_expires_in?: number;
  refresh_token_expires?: number;
}

export type TokenConfig = NonNullable<WebexConfig['credentials']> & {
  readonly tokenUrl: string;
  readonly revokeUrl: string;
};
/** What the service says of a token. */
export interface TokenDetails {
  readonly scope: readonly string[];
  readonly clientId: string;
  readonly userId?: string;
  readonly orgId?: string;
  /** seconds */
  readonly expiresIn?: number;
}
/** Carries out what tokens are asked to do: the credentials that they came from. */
export interface TokenKeeper {
  readonly tokenConfig: TokenConfig;
  reduce(token: Token, scope: string): Promise<Token>;
  exchange(token: Token): Promise<Token>;
  validate(token: Token): Promise<TokenDetails>;
  end(token: Token): Promise<void>;
}
const keepers = new WeakMap<Token, TokenKeeper>();
/** From now on the token works through `keeper`. */
export function keepToken(token: Token, keeper: TokenKeeper): Token {
  keepers.set(token, keeper);
  return token;
}

/** A token in the shape of the official client. */
export class Token implements TokenFields {
  declare readonly access_token: string;
  declare readonly token_type: string;
  declare readonly scope?: string;
  declare readonly expires_in?: number;
  declare readonly expires?: number;
  declare readonly refresh_token?: string;
  declare readonly refresh_token_expires_in?: number;
  declare readonly refresh_token_expires?: number;

  constructor(fields: TokenFields, now = Date.now()) {
    const words = fields.access_token
      .trim()
      .replace(/^Bearer(?=\S)/, 'Bearer ')
      .split(/\s+/);
    const type = words.length > 1 ? words[0] : undefined;
    const scope = fields.scope?.split(' ').filter(Boolean).sort().join(' ');
    const { expires_in, refresh_token_expires_in } = fields;
    // what a token of the official client has besides, such as `config`, is found on the prototype here
    const given = Object.entries(fields).filter(([name]) => !(name in Token.prototype));
    Object.assign(this, {
      ...Object.fromEntries(given),
      access_token: words[words.length - 1] ?? '',
      token_type: type ?? fields.token_type ?? 'Bearer',
      ...(scope !== undefined && { scope }),
      ...(fields.expires === undefined && expires_in !== undefined && { expires: now + expires_in * 1000 }),
      ...(fields.refresh_token_expires === undefined &&
        refresh_token_expires_in !== undefined && {
          refresh_token_expires: now + refresh_token_expires_in * 1000,
        }),
    });
  }
  get isExpired(): boolean {
    return this.expires !== undefined && this.expires <= Date.now();
  }
  get canAuthorize(): boolean {
    // there is none after revoke()
    return Boolean(this.access_token) && !this.isExpired;
  }
  /** `config.credentials` of its Webex, with `tokenUrl` and `revokeUrl`. */
  get config(): TokenConfig {
    return this.keeper.tokenConfig;
  }
  /** A token of the same person that may do less. @param scope texts with spaces between them */
  downscope(scope: string): Promise<Token> {
    return this.keeper.reduce(this, scope);
  }
  /** Another token for this one, with its `refresh_token`; this one stays in use. */
  refresh(): Promise<Token> {
    return this.keeper.exchange(this);
  }
  /** What it is good for: `scope`, a list, and `clientId`. */
  validate(): Promise<TokenDetails> {
    return this.keeper.validate(this);
  }
  /** Ends it at the service. Afterwards it has a `refresh_token` at most. */
  async revoke(): Promise<void> {
    await this.keeper.end(this);
    for (const name of ['access_token', 'expires', 'expires_in']) Reflect.deleteProperty(this, name);
  }
  private get keeper(): TokenKeeper {
    const keeper = keepers.get(this);
    if (keeper) return keeper;
    throw sdkError(
      'ERR_ARGUMENT',
      'Token: this token belongs to no Webex, so nothing can be asked about it. Give it to Webex.init as credentials first.',
    );
  }
  toString(): string {
    return `${this.token_type} ${this.access_token}`;
  }
}

/** All the shapes that the official client takes. @source protocol/identity-and-services.md §2.1 */
export function tokenIn(given: unknown): TokenFields | undefined {
  if (typeof given === 'string') return given.trim() === '' ? undefined : { access_token: given };
  if (typeof given !== 'object' || given === null) return undefined;
  const fields = given as Record<string, unknown>;
  if (typeof fields['access_token'] === 'string') return fields as unknown as TokenFields;
  for (const name of ['supertoken', 'authorization', 'credentials']) {
    const found = tokenIn(fields[name]);
    if (found) return found;
  }
  return undefined;
}
