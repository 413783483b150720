import { sdkError } from '@trunkline/core';

/** Where people and programs sign in. */
export interface Endpoints {
  readonly authorize: string;
  readonly token: string;
  readonly revoke: string;
  readonly logout: string;
  readonly guestLogin: string;
}

// @source protocol/identity-and-services.md §1
const cloud = { idbroker: 'https://idbroker.webex.com', hydra: 'https://api.ciscospark.com/v1' };

/** @param service base URL of a self-hosted service; left out: the cloud. @throws {SdkError} `ERR_ARGUMENT` */
export function endpointsOf(service: string | undefined): Endpoints {
  const base = service === undefined ? undefined : httpUrl(service, 'service').href.replace(/\/+$/, '');
  const oauth = `${base === undefined ? cloud.idbroker : `${base}/idbroker`}/idb/oauth2/v1`;
  return {
    authorize: `${oauth}/authorize`,
    token: `${oauth}/access_token`,
    revoke: `${oauth}/revoke`,
    logout: `${oauth}/logout`,
    guestLogin: `${base === undefined ? cloud.hydra : `${base}/v1`}/jwt/login`,
  };
}

/** @throws {SdkError} `ERR_ARGUMENT` */
export function httpUrl(text: unknown, name: string): URL {
  let url: URL | undefined;
  try {
    url = new URL(String(text));
  } catch {
    // said below
  }
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw sdkError(
      'ERR_ARGUMENT',
      `${name} is no absolute http(s) URL; give one such as https://example.com/`,
    );
  return url;
}

/** @throws {SdkError} `ERR_ARGUMENT` when an option that must be a text is missing or empty */
export function needText(options: Readonly<Record<string, unknown>>, ...names: readonly string[]): void {
  for (const name of names)
    if (typeof options[name] !== 'string' || options[name] === '')
      throw sdkError('ERR_ARGUMENT', `${name} is missing or empty; is the variable it comes from set?`);
}

/** Space separated, each once. */
export const scopeText = (scopes: string | readonly string[]): string =>
  [...new Set((typeof scopes === 'string' ? scopes : scopes.join(' ')).split(/\s+/))].join(' ').trim();
