// What an authorize URL asks for, checked. No one is sent to an address before it is known to be the client's.
import { createHash } from 'node:crypto';
import type { User } from './api.js';
import type { Client, Clients } from './clients.js';
import { type OauthFields, textFields } from './oauth.js';
import { isRegistered } from './redirects.js';
import { covers, sortScope } from './scopes.js';

/** A request to sign in, every part of it good. */
export interface AuthorizeRequest {
  readonly client: Client;
  readonly redirectUri: string;
  readonly responseType: 'code' | 'token';
  readonly scope: string;
  readonly state: string | undefined;
  /** PKCE, S256 */
  readonly challenge: string | undefined;
  readonly prompts: ReadonlySet<string>;
  /** who the app thinks it is */
  readonly email: string | undefined;
  readonly emailHash: string | undefined;
  /** the query, for the forms */
  readonly query: OauthFields;
}
export type ParsedRequest =
  | { readonly kind: 'request'; readonly authorize: AuthorizeRequest }
  /** for the app, at its address */
  | {
      readonly kind: 'refused';
      readonly redirectUri: string;
      readonly state: string | undefined;
      readonly error: string;
      readonly description: string;
    }
  /** for the person: no client is known to send them to */
  | { readonly kind: 'lost'; readonly why: string };

const known = [
  'client_id',
  'redirect_uri',
  'response_type',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
  'prompt',
  'email',
  'login_hint',
  'emailHash',
] as const;

/** @source protocol/identity-and-services.md §3.1, §3.2, §3.3 */
export async function parseAuthorizeRequest(clients: Clients, raw: unknown): Promise<ParsedRequest> {
  const query = textFields(raw);
  const clientId = query['client_id'];
  const redirectUri = query['redirect_uri'];
  const client = clientId === undefined ? undefined : await clients.find(clientId);
  if (client === undefined)
    return { kind: 'lost', why: 'The app that sent you here is not registered with this service.' };
  if (redirectUri === undefined || !isRegistered(client.redirectUris, redirectUri))
    return { kind: 'lost', why: 'The app wants you to return to an address that is not registered for it.' };

  const refused = (error: string, description: string): ParsedRequest => ({
    kind: 'refused',
    redirectUri,
    state: query['state'],
    error,
    description,
  });
  const given = typeof raw === 'object' && raw !== null ? (raw as Readonly<Record<string, unknown>>) : {};
  const twice = known.find((name) => given[name] !== undefined && query[name] === undefined);
  if (twice !== undefined) return refused('invalid_request', `The parameter ${twice} was given twice.`);

  const responseType = query['response_type'];
  if (responseType === undefined)
    return refused('invalid_request', 'The parameter response_type is missing.');
  if (responseType !== 'code' && responseType !== 'token')
    return refused('unsupported_response_type', 'The response_type must be code or token.');

  const scope = sortScope(query['scope'] ?? '') || sortScope(client.scope);
  if (!covers(client.scope, scope))
    return refused('invalid_scope', 'The client is not registered for all of these scopes.');

  const challenge = query['code_challenge'];
  if (responseType === 'code') {
    if (challenge === undefined && client.isPublic)
      return refused('invalid_request', 'A client without a secret must send a code_challenge (PKCE).');
    if (challenge !== undefined && query['code_challenge_method'] !== 'S256')
      return refused('invalid_request', 'The code_challenge_method must be S256.');
    if (challenge !== undefined && !/^[\w-]{43}$/.test(challenge))
      return refused('invalid_request', 'The code_challenge is not a SHA-256 in base64url.');
  }
  return {
    kind: 'request',
    authorize: {
      client,
      redirectUri,
      responseType,
      scope,
      state: query['state'],
      challenge,
      prompts: new Set((query['prompt'] ?? '').split(' ').filter(Boolean)),
      email: query['email'] ?? query['login_hint'],
      emailHash: query['emailHash'],
      query: Object.fromEntries(
        known.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]])),
      ),
    },
  };
}

/** Whether a user who is signed in already is who the app means. */
export function isExpectedUser(authorize: AuthorizeRequest, user: User): boolean {
  if (authorize.prompts.has('login') || authorize.prompts.has('select_account')) return false;
  if (authorize.email !== undefined && authorize.email.trim().toLowerCase() !== user.email) return false;
  const hash = createHash('sha256').update(user.email).digest('hex');
  return authorize.emailHash === undefined || authorize.emailHash.toLowerCase() === hash;
}

const queryOf = (fields: OauthFields): string =>
  new URLSearchParams(
    Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined),
  ).toString();

/** The same request again, as a query. */
export const toQuery = (authorize: AuthorizeRequest): string => queryOf(authorize.query);
/** The same, for anybody: the sign-in page comes first. */
export const toOtherAccountQuery = (authorize: AuthorizeRequest): string =>
  queryOf({
    ...authorize.query,
    prompt: 'login',
    email: undefined,
    login_hint: undefined,
    emailHash: undefined,
  });
/** The same, once a user signed in: it is them, regardless of whom the app meant. */
export const toSignedInQuery = (authorize: AuthorizeRequest): string =>
  queryOf({
    ...authorize.query,
    prompt: authorize.prompts.has('consent') ? 'consent' : undefined,
    email: undefined,
    login_hint: undefined,
    emailHash: undefined,
  });
