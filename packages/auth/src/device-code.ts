import {
  isSdkError,
  sdkError,
  systemClock,
  type Clock,
  type Logger,
  type SdkError,
  type Storage,
  type TokenFunction,
} from '@trunkline/core';
import { race, sleep } from '@trunkline/core/kit';
import { endpointsOf, needText, scopeText } from './endpoints.js';
import { ask, grantedOf, refusal, withClient, type Answered, type Call, type Granted } from './grant.js';
import { placeOf } from './places.js';
import { createSignIns, type SignedIn } from './signed-in.js';

export interface DeviceCodeOptions {
  /** Base URL of a self-hosted service; left out: the cloud. */
  readonly service?: string;
  readonly clientId: string;
  /** Left out for public clients, such as an app on a television. */
  readonly clientSecret?: string;
  readonly scopes: string | readonly string[];
  /** Where the tokens stay, by user. Default: memory. `fileStorage('./data')` keeps them across restarts. */
  readonly storage?: Storage;
  /** A name of your own for who signs in. Default `me`. */
  readonly user?: string;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export interface DeviceCode {
  /**
   * Asks for a code to show.
   *
   * @param init.signal stops this call, and the waiting that follows
   * @throws {SdkError} `ERR_AUTH_CLIENT` the client is unknown, or may not have the scopes; `ERR_RATE_LIMITED`,
   * `ERR_NETWORK`, `ERR_TIMEOUT`, `ERR_UNAVAILABLE`; in the cloud also `ERR_CATALOG`
   */
  start(init?: { readonly signal?: AbortSignal }): Promise<DeviceSignIn>;
  /** Who signed in before, when `storage` still holds them. */
  restore(): Promise<SignedIn | undefined>;
}

/** A code that is shown, and the sign-in that results from it. */
export interface DeviceSignIn {
  /** To be typed at `verificationUri`, such as `BCDF-GHJK`. */
  readonly userCode: string;
  /** Where a person goes, short enough to be typed. */
  readonly verificationUri: string;
  /** The same with the code in it, for a QR code or a link. */
  readonly verificationUriComplete: string;
  /** seconds, from the start on */
  readonly expiresInS: number;
  /**
   * Asks until someone has decided. Nothing is asked before the first call; further calls wait for the same.
   *
   * @throws {SdkError} `ERR_AUTH_DENIED` the person did not allow it; `ERR_TOKEN_INVALID` the time is over, or the code was
   * used: start again; `ERR_AUTH_CLIENT`; the signal's reason. Answers that do not come are asked for again.
   */
  readonly wait: () => Promise<SignedIn>;
  /** What `wait` brings, for `createClient({ token: await signIn.token })`. */
  readonly token: Promise<TokenFunction>;
}

/**
 * Signing in where there is no browser and no keyboard: the device shows a code, someone types it elsewhere.
 *
 * @throws {SdkError} `ERR_ARGUMENT`
 * @example
 * const signIn = await deviceCode({ service, clientId: 'tv', scopes: 'spark:all' }).start();
 * show(signIn.verificationUri, signIn.userCode);
 * const { token } = await signIn.wait();
 * @source protocol/identity-and-services.md §3.5
 */
export function deviceCode(options: DeviceCodeOptions): DeviceCode {
  needText({ ...options }, 'clientId');
  if (options.clientSecret !== undefined) needText({ ...options }, 'clientSecret');
  const { clientId, clientSecret, clock = systemClock, user = 'me' } = options;
  const endpoints = endpointsOf(options.service);
  const scope = scopeText(options.scopes);
  const signIns = createSignIns(options, endpoints);
  const fetcher: typeof fetch = (input, init) => (options.fetch ?? globalThis.fetch)(input, init);

  const send = (url: string, fields: Readonly<Record<string, string>>, call: Call): Promise<Answered> => {
    const { headers, form } = withClient({ clientId, clientSecret }, fields);
    form.set('client_id', clientId); // also beside Basic
    return ask(url, { headers, form, call });
  };

  async function poll(url: string, code: Code, call: Call): Promise<Granted> {
    const endsAtMs = code.startedAtMs + code.expiresInS * 1000;
    const fields = {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: code.deviceCode,
    };
    const signal = call.signal ?? new AbortController().signal;
    for (let waitMs = code.intervalS * 1000; ;) {
      await sleep(clock, Math.min(waitMs, Math.max(0, endsAtMs - clock.now())), signal);
      if (clock.now() >= endsAtMs) throw expired();
      let verdict: Granted | 'pending' | 'slow_down';
      let atLeastMs = 0;
      try {
        verdict = verdictOf(await send(url, fields, call), clock.now());
      } catch (error) {
        if (!isSdkError(error) || !error.retryable) throw error;
        verdict = 'slow_down'; // no verdict: a service in trouble is not asked more often
        atLeastMs = error.retryAfterMs ?? 0;
      }
      if (typeof verdict !== 'string') return verdict;
      waitMs = verdict === 'pending' ? code.intervalS * 1000 : Math.min(60_000, waitMs * 2);
      waitMs = Math.max(waitMs, atLeastMs);
    }
  }

  return {
    start: async ({ signal } = {}) => {
      const call: Call = { fetch: fetcher, now: () => clock.now(), signal };
      const startedAtMs = clock.now();
      const helper = `${await placeOf('oauth-helper', endpoints, call)}/actions/device`;
      const { ok, status, body, retryAfterMs } = await send(`${helper}/authorize`, { scope }, call);
      if (!ok) throw refusal(status, body, retryAfterMs);
      const code = codeOf(body, startedAtMs, options.service === undefined ? helper : undefined);
      let waiting: Promise<SignedIn> | undefined;
      const wait = (): Promise<SignedIn> => {
        waiting ??= poll(`${helper}/token`, code, call).then((granted) => signIns.keep(user, granted));
        return race(waiting, signal);
      };
      return {
        userCode: code.userCode,
        verificationUri: code.verificationUri,
        verificationUriComplete: code.verificationUriComplete,
        expiresInS: code.expiresInS,
        wait,
        get token() {
          return wait().then(({ token }) => token);
        },
      };
    },
    restore: () => signIns.restore(user),
  };
}

// whatever the service says: no one waits for days, and each minute is asked once at least
const MAX_CODE_S = 86_400;
const MAX_INTERVAL_S = 60;

interface Code {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete: string;
  readonly expiresInS: number;
  readonly intervalS: number;
  readonly startedAtMs: number;
}

/** @param cloudHelper where the cloud's own page sends its requests; its links lead to another page than the one in the answer */
function codeOf(
  body: Readonly<Record<string, unknown>>,
  startedAtMs: number,
  cloudHelper: string | undefined,
): Code {
  const text = (name: string): string | undefined => {
    const value = body[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const page = (name: string): string | undefined => {
    const value = text(name);
    // it is shown and followed: nothing but a page
    return value !== undefined && /^https?:\/\//i.test(value) && URL.canParse(value) ? value : undefined;
  };
  const [deviceCode, userCode, uri] = [text('device_code'), text('user_code'), page('verification_uri')];
  if (deviceCode === undefined || userCode === undefined || uri === undefined)
    throw sdkError(
      'ERR_BAD_RESPONSE',
      'what came is not a code for a device; is something else in between?',
      {
        retryable: true,
      },
    );
  const seconds = (name: string, byDefault: number, longestS: number): number => {
    const value = Number(body[name] ?? byDefault);
    return Number.isFinite(value) && value > 0 ? Math.min(value, longestS) : byDefault;
  };
  const complete = page('verification_uri_complete') ?? uri;
  const cloudCode = cloudHelper === undefined ? null : new URL(complete).searchParams.get('userCode');
  return {
    deviceCode,
    userCode,
    verificationUri: uri,
    verificationUriComplete:
      cloudCode === null
        ? complete
        : `https://web.webex.com/deviceAuth?${new URLSearchParams({
            usercode: cloudCode,
            oauthhelper: (cloudHelper ?? '').replace(/\/actions\/device$/, ''),
          }).toString()}`,
    expiresInS: seconds('expires_in', 300, MAX_CODE_S),
    intervalS: seconds('interval', 2, MAX_INTERVAL_S),
    startedAtMs,
  };
}

const expired = (): SdkError =>
  sdkError('ERR_TOKEN_INVALID', 'no one entered the code in time; start again and show the new code');

function verdictOf(
  { ok, status, body, retryAfterMs }: Answered,
  nowMs: number,
): Granted | 'pending' | 'slow_down' {
  if (ok) return grantedOf(body, nowMs);
  // this service's word is in `message`, the standard's in `error`
  const words = [body['message'], body['error']];
  if (status === 428 || words.includes('authorization_pending')) return 'pending';
  if (words.includes('slow_down')) return 'slow_down';
  if (words.includes('access_denied'))
    throw sdkError('ERR_AUTH_DENIED', 'the person did not allow this device; start again to ask again');
  if (words.includes('expired_token')) throw expired();
  throw refusal(status, body, retryAfterMs);
}
