import type { FastifyRequest } from 'fastify';
import type { Clients } from './clients.js';
import type { Guests } from './guests.js';
import type { UsersTable } from './schema.js';
import type { Tokens } from './tokens.js';
import type { Users } from './users.js';

export type { Client, NewClient } from './clients.js';
export type { Guests } from './guests.js';
export { needed, oauthError, type OauthFields, registeredClient, textFields, tokenAnswer } from './oauth.js';
export { hashPassword, verifyPassword } from './passwords.js';
export { allows, covers, sortScope } from './scopes.js';
export { type Granted, hashToken, type Tokens } from './tokens.js';
export { nameParts, type NewUser, type Role, roles } from './users.js';

/** A person or bot, out of the table. */
export interface User
  extends
    Omit<UsersTable, 'roles' | 'password_hash' | 'given_name' | 'family_name'>,
    Partial<Pick<UsersTable, 'given_name' | 'family_name'>> {
  readonly roles: readonly string[];
}

/** Who asks: a good access token was shown. */
export interface Caller {
  readonly user: User;
  readonly scopes: ReadonlySet<string>;
  /** the client that got the token; null: none, as for those an administrator made */
  readonly clientId?: string | null;
  /** SHA-256 of the token, hex */
  readonly tokenHash: string;
  /** epoch ms */
  readonly expiresMs: number;
}

/** What a person wants to be called. */
export interface NewName {
  readonly displayName: string;
  /** left out, with the family name: taken from the display name */
  readonly givenName?: string | undefined;
  readonly familyName?: string | undefined;
}

export interface Identity {
  /** @throws ApiError 401 unless the request carries a good access token (with that scope: 403) */
  caller(request: FastifyRequest, scope?: string): Promise<Caller>;
  /** The same for a token met elsewhere (socket frame, KMS message); undefined when it is not valid. */
  callerOfToken(accessToken: string): Promise<Caller | undefined>;
  userById(id: string): Promise<User | undefined>;
  usersByIds(ids: readonly string[]): Promise<ReadonlyMap<string, User>>;
  userByEmail(email: string): Promise<User | undefined>;
  /** A person gives themselves another name. */
  rename(userId: string, name: NewName): Promise<User>;
  /** People of one organisation whose email or display name contains the given text. */
  searchUsers(
    orgId: string,
    query: {
      readonly email?: string;
      readonly displayName?: string;
      /** ids; left out: everyone */
      readonly among?: readonly string[];
      readonly max: number;
      /** where the page before ended; they are ordered by name, then by id */
      readonly after?: { readonly displayName: string; readonly id: string };
    },
  ): Promise<readonly User[]>;

  readonly orgId: string;
  readonly users: Users;
  readonly tokens: Tokens;
  readonly clients: Clients;
  /** The caller, when there is a good token; undefined without one or with a bad one. */
  callerIfAny(authorization: string | undefined): Promise<Caller | undefined>;
  /** Whether a person has this address, given as SHA-256 of it in lower case, hex. */
  hasEmailHash(hash: string): Promise<boolean>;
  /** Whether this header holds an access token that was looked up a short while ago and is valid. */
  readonly isKnown: (authorization: string) => boolean;
  /** Sets a password, and ends every other sign-in of this person: in browsers, and of apps but the caller's. */
  changePassword(caller: Caller, password: string): Promise<void>;
  /** people without an account, whom an app vouches for */
  readonly guests: Guests;
}

declare module '../../kernel/module.js' {
  interface Modules {
    readonly identity: Identity;
  }
}
