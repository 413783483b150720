import {
  sdkError,
  systemClock,
  type Clock,
  type Logger,
  type SdkError,
  type Storage,
  type Token,
} from '@trunkline/core';
import { uuidOf } from '@trunkline/wire';
import { endpointsOf, needText, scopeText } from './endpoints.js';
import { ask, basicOf, grant, grantedOf, refusal, type Answered, type Call } from './grant.js';
import { objectOf } from './kept.js';
import { placeOf } from './places.js';
import { createSignIns, type SignedIn } from './signed-in.js';

export interface ActivationOptions {
  /** Base URL of a self-hosted service; left out: the cloud. */
  readonly service?: string;
  readonly clientId: string;
  /** Keep it on a server: anyone who has it can request codes and try them. */
  readonly clientSecret: string;
  /** Default: what the client is registered for. */
  readonly scopes?: string | readonly string[];
  /** Where the tokens stay, by user. Default: memory. */
  readonly storage?: Storage;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

interface Init {
  readonly signal?: AbortSignal;
}
/** A person, by their address or by their id (a bare uuid). */
export type Whose = { readonly email: string } | { readonly id: string };

/** What a service says of an address before anybody is signed in. */
export interface Verified {
  /** For `activate`, with the code of the mail. Undefined where the service gives none. */
  readonly id: string | undefined;
  /** Whether someone of this address signs in with a password. An unknown address gives the same result as one without a password. */
  readonly hasPassword: boolean;
  /** Whether another service signs them in. */
  readonly sso: boolean;
  /** Whether a mail with a code was sent, if there is such an account. */
  readonly mailSent: boolean;
}

/** Someone who has shown that a mailbox is theirs. */
export interface Activated extends SignedIn {
  /**
   * Sets the password, soon after the one-time password: the service says how soon (ours: 30 minutes).
   *
   * @throws {SdkError} `ERR_FORBIDDEN` that was too long ago; `ERR_BAD_REQUEST` the password is not a good
   */
  readonly setPassword: (password: string, init?: Init) => Promise<void>;
  /** Changes the name of the account. @throws {SdkError} `ERR_ARGUMENT`, `ERR_BAD_REQUEST` */
  readonly updateName: (
    name: { readonly displayName?: string; readonly givenName?: string; readonly familyName?: string },
    init?: Init,
  ) => Promise<void>;
}

export interface Activation {
  /** Asks what is known of an address, and has a code mailed to an account that has no password yet. */
  verify(person: { readonly email: string; readonly preloginId?: string }, init?: Init): Promise<Verified>;
  /** Signs in with the code, or the long text, of that mail. @throws {SdkError} `ERR_TOKEN_INVALID` wrong, used or too old */
  activate(
    proof:
      { readonly verificationToken: string } | { readonly confirmationCode: string; readonly id: string },
    init?: Init & { readonly user?: string },
  ): Promise<Activated>;
  /** Has a one-time password mailed. Says nothing about whether there is such an account. @throws {SdkError} `ERR_RATE_LIMITED` */
  generateOtp(person: Whose, init?: Init): Promise<void>;
  /** Signs in with it. @throws {SdkError} `ERR_TOKEN_INVALID` wrong, used, tried too often or too old */
  validateOtp(
    proof: Whose & { readonly oneTimePassword: string },
    init?: Init & { readonly user?: string },
  ): Promise<Activated>;
}

const schemas = ['urn:scim:schemas:core:1.0', 'urn:scim:schemas:extension:cisco:commonidentity:1.0'];

/**
 * Letting people in who have no password yet, or forgot it: a code goes to their mailbox. For servers, whose client has a
 * secret. Beside the errors named at each: `ERR_AUTH_CLIENT` the client is unknown or may not; `ERR_NETWORK`, `ERR_TIMEOUT`,
 * `ERR_UNAVAILABLE`, `ERR_RATE_LIMITED`.
 *
 * @throws {SdkError} `ERR_ARGUMENT`
 * @example
 * const codes = activation({ service, clientId, clientSecret });
 * await codes.generateOtp({ email });
 * const { token, setPassword } = await codes.validateOtp({ email, oneTimePassword: typed });
 * @source protocol/identity-and-services.md §3.9, protocol/presence-devices-support.md §7
 */
export function activation(options: ActivationOptions): Activation {
  needText({ ...options }, 'clientId', 'clientSecret');
  const { clientId, clientSecret, clock = systemClock } = options;
  const endpoints = endpointsOf(options.service);
  const signIns = createSignIns(options, endpoints);
  const fetcher: typeof fetch = (input, init) => (options.fetch ?? globalThis.fetch)(input, init);
  const callOf = ({ signal }: Init): Call => ({ fetch: fetcher, now: () => clock.now(), signal });
  const scope = options.scopes === undefined ? {} : { scope: scopeText(options.scopes) };

  const post = async (url: string, json: object, init: Init): Promise<Answered> => {
    const headers = { authorization: basicOf({ clientId, clientSecret }) };
    const answered = await ask(url, { headers, json, call: callOf(init) });
    if (!answered.ok) throw refusal(answered.status, answered.body, answered.retryAfterMs);
    return answered;
  };

  /** The program's own token, for the one call that takes no Basic. */
  const ownToken = (call: Call): Promise<Token> =>
    grant(
      endpoints.token,
      { clientId, clientSecret },
      { grant_type: 'client_credentials', scope: 'webexsquare:admin', self_contained_token: 'true' },
      call,
    );

  const change = async ({ token }: SignedIn, body: object, init: Init): Promise<void> => {
    const call = callOf(init);
    const signal = init.signal ?? new AbortController().signal;
    const got = await token({
      reason: 'start',
      tokenUrl: endpoints.token,
      fetch: fetcher,
      now: call.now,
      signal,
    });
    const headers = { authorization: `Bearer ${typeof got === 'string' ? got : got.accessToken}` };
    const me = await ask(`${endpoints.hydra}/people/me`, { method: 'GET', headers, call });
    if (!me.ok) throw refused(me);
    const id = typeof me.body['id'] === 'string' ? uuidOf('PEOPLE', me.body['id']) : undefined;
    if (id === undefined) throw sdkError('ERR_BAD_RESPONSE', 'the service did not say who is signed in');
    const json = { schemas, ...body };
    const done = await ask(`${endpoints.users}/${id}`, { method: 'PATCH', headers, json, call });
    if (!done.ok) throw refused(done);
  };

  const activated = async (body: Answered['body'], user: string): Promise<Activated> => {
    const data = objectOf(JSON.stringify(body['tokenData'] ?? null));
    const signedIn = await signIns.keep(user, grantedOf(data ?? {}, clock.now()));
    return {
      ...signedIn,
      setPassword: async (password, init = {}) => {
        needText({ password }, 'password');
        await change(signedIn, { password }, init);
      },
      updateName: async ({ displayName, givenName, familyName }, init = {}) => {
        if (!displayName && !givenName && !familyName)
          throw sdkError('ERR_ARGUMENT', 'give a displayName, or a givenName and a familyName');
        await change(signedIn, { name: { givenName, familyName }, displayName }, init);
      },
    };
  };

  return {
    verify: async ({ email, preloginId }, init = {}) => {
      needText({ email }, 'email');
      const call = callOf(init);
      const [atlas, own] = [await placeOf('atlas', endpoints, call), await ownToken(call)];
      const { ok, status, body, retryAfterMs } = await ask(`${atlas}/users/activations`, {
        headers: {
          authorization: `Bearer ${own.accessToken}`,
          ...(preloginId !== undefined && { 'x-prelogin-userid': preloginId }),
        },
        json: { email, reqId: 'WEBCLIENT' },
        call,
      });
      if (!ok) throw refusal(status, body, retryAfterMs);
      return {
        id: typeof body['id'] === 'string' ? body['id'] : undefined,
        hasPassword: body['hasPassword'] === true,
        sso: body['sso'] === true,
        mailSent: body['verificationEmailTriggered'] === true,
      };
    },
    activate: async (proof, { user = 'me', ...init } = {}) => {
      if ('verificationToken' in proof) needText({ ...proof }, 'verificationToken');
      else needText({ ...proof }, 'confirmationCode', 'id');
      return activated((await post(endpoints.activate, { ...proof, ...scope }, init)).body, user);
    },
    generateOtp: async (person, init = {}) => {
      needText({ ...person }, 'email' in person ? 'email' : 'id');
      await post(endpoints.otpGenerate, person, init);
    },
    validateOtp: async (proof, { user = 'me', ...init } = {}) => {
      needText({ ...proof }, 'email' in proof ? 'email' : 'id', 'oneTimePassword');
      return activated((await post(endpoints.otpValidate, { ...proof, ...scope }, init)).body, user);
    },
  };
}

/** Of a call with a person's own token. */
function refused({ status, body, retryAfterMs }: Answered): SdkError {
  if (status === 400)
    return sdkError('ERR_BAD_REQUEST', 'the service does not take this password or name', { status });
  if (status === 403)
    return sdkError(
      'ERR_FORBIDDEN',
      'this sign-in may not change it; a password can be set soon after a one-time password, so have a new one sent',
      { status },
    );
  return refusal(status, body, retryAfterMs);
}
