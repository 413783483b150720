import { sdkError } from '@trunkline/core';

/** Where people and programs sign in. */
export interface Endpoints {
  readonly authorize: string;
  readonly token: string;
  readonly revoke: string;
  readonly logout: string;
  readonly guestLogin: string;
  /** the public resources */
  readonly hydra: string;
  /** people as an identity service knows them: `…/Users` */
  readonly users: string;
  readonly otpGenerate: string;
  readonly otpValidate: string;
  readonly activate: string;
  /** where the service says which others there are; undefined: on a self-hosted one they are in known places */
  readonly catalog: string | undefined;
  readonly base: string | undefined;
}

// @source protocol/identity-and-services.md §1
const cloud = {
  idbroker: 'https://idbroker.webex.com',
  identity: 'https://identity.webex.com',
  hydra: 'https://api.ciscospark.com/v1',
  catalog: 'https://u2c.wbx2.com/u2c/api/v1/limited/catalog?mode=DEFAULT_BY_PROXIMITY&format=hostmap',
};

/** @param service base URL of a self-hosted service; left out: the cloud. @throws {SdkError} `ERR_ARGUMENT` */
export function endpointsOf(service: string | undefined): Endpoints {
  const base = service === undefined ? undefined : httpUrl(service, 'service').href.replace(/\/+$/, '');
  const idbroker = base === undefined ? cloud.idbroker : `${base}/idbroker`;
  const identity = base === undefined ? cloud.identity : `${base}/identity`;
  const hydra = base === undefined ? cloud.hydra : `${base}/v1`;
  const oauth = `${idbroker}/idb/oauth2/v1`;
  const actions = `${idbroker}/idb/token/v1/actions`;
  return {
    authorize: `${oauth}/authorize`,
    token: `${oauth}/access_token`,
    revoke: `${oauth}/revoke`,
    logout: `${oauth}/logout`,
    guestLogin: `${hydra}/jwt/login`,
    hydra,
    users: `${identity}/identity/scim/v1/Users`,
    otpGenerate: `${actions}/UserOTP/Generate/invoke`,
    otpValidate: `${actions}/UserOTP/Validate/invoke`,
    activate: `${actions}/UserActivation/invoke`,
    catalog: base === undefined ? cloud.catalog : undefined,
    base,
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
      `${name} is not an absolute http(s) URL; give one such as https://example.com/`,
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
