import { sdkError, type ClientConfig } from '@trunkline/core';

/** The part of the official configuration that means something here; any other key is kept for plugins. */
export interface WebexConfig {
  /** base URL of a self-hosted service: one setting instead of the four URLs */
  service?: string;
  appName?: string;
  appVersion?: string;
  appPlatform?: string;
  trackingIdPrefix?: string;
  trackingIdSuffix?: string;
  /** refused: another cloud */
  fedramp?: boolean;
  /** `historyLength`: how many lines are kept for `formatLogs` and `submitLogs`, 10 000 when left out */
  logger?: { level?: string; historyLength?: number; [more: string]: unknown };
  services?: {
    discovery?: Record<string, string>;
    override?: Record<string, string>;
    [more: string]: unknown;
  };
  credentials?: {
    /** an authorize URL, as the developer portal shows it: `client_id`, `redirect_uri` and `scope` are taken from it */
    authorizationString?: string;
    /** the address of the sign-in page, without query */
    authorizeUrl?: string;
    client_id?: string;
    client_secret?: string;
    redirect_uri?: string;
    scope?: string;
    clientType?: string;
    idbroker?: { url?: string };
    identity?: { url?: string };
    /** browsers: gets a new token, for instance from the app's own server */
    refreshCallback?: (webex: never, token: never) => unknown;
    /** guests: gets a new JWT */
    jwtRefreshCallback?: (webex: never) => unknown;
    [more: string]: unknown;
  };
  device?: {
    ephemeral?: boolean;
    ephemeralDeviceTTL?: number;
    body?: { name?: string };
    [more: string]: unknown;
  };
  mercury?: Record<string, unknown>;
  people?: {
    showAllTypes?: boolean;
    /** ids of one lookup; default 10 */
    batcherMaxCalls?: number;
    /** ms after the last lookup, and after the first one */
    batcherWait?: number;
    batcherMaxWait?: number;
  };
  onBeforeLogout?: readonly { plugin?: string; fn: () => unknown }[];
  [more: string]: unknown;
}

export const defaults: WebexConfig = {
  trackingIdPrefix: 'webex-js-sdk',
  trackingIdSuffix: '',
  maxAppLevelRedirects: 10,
  maxLocusRedirects: 5,
  maxAuthenticationReplays: 1,
  fedramp: false,
  logger: { level: 'error' },
  credentials: {},
  services: { discovery: {}, override: {} },
  device: { ephemeral: false, ephemeralDeviceTTL: 1800 },
  mercury: {
    pingInterval: 15_000,
    pongTimeout: 14_000,
    backoffTimeMax: 32_000,
    backoffTimeReset: 1_000,
    forceCloseDelay: 2_000,
  },
  conversation: { decryptionFailureMessage: 'This message cannot be decrypted' },
  encryption: {},
  people: { showAllTypes: false, batcherMaxCalls: 10, batcherWait: 100, batcherMaxWait: 1500 },
  storage: {},
};

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null);

/** Later ones win, key by key; lists and objects of classes are taken whole. */
export function merge(...configs: readonly (object | undefined)[]): WebexConfig {
  const merged: Record<string, unknown> = {};
  for (const config of configs)
    for (const [key, value] of Object.entries(config ?? {})) {
      if (value === undefined || key === '__proto__') continue;
      const before = merged[key];
      merged[key] = isPlain(value) ? merge(isPlain(before) ? before : {}, value) : (value as unknown);
    }
  return merged;
}

/**
 * Takes `client_id`, `redirect_uri`, `scope` and the address of the sign-in page out of `credentials.authorizationString`.
 * What is given beside it by name wins.
 *
 * @param given what the app said; the rest are defaults
 * @throws {SdkError} `ERR_CONFIG` when it is not an authorize URL
 * @source protocol/identity-and-services.md §1.1
 */
export function withAuthorizationString(config: WebexConfig, given: WebexConfig = config): WebexConfig {
  const text = given.credentials?.authorizationString;
  if (text === undefined || text === '') return config;
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  const clientId = url?.searchParams.get('client_id');
  if (!url || !/^https?:$/.test(url.protocol) || !clientId)
    throw sdkError(
      'ERR_CONFIG',
      'config.credentials.authorizationString: expected an http(s) authorize URL with client_id in its query. Copy it from the developer portal.',
    );
  const found = {
    client_id: clientId,
    redirect_uri: url.searchParams.get('redirect_uri') ?? undefined,
    scope: url.searchParams.get('scope') ?? undefined,
    authorizeUrl: `${url.origin}${url.pathname}`,
  };
  return merge(config, { credentials: found }, { credentials: given.credentials ?? {} });
}

/** The same in core's words. @source protocol/identity-and-services.md §1 */
export function toCore(config: WebexConfig): { readonly service?: string; readonly config: ClientConfig } {
  const discovery = config.services?.discovery ?? {};
  const service = config.service ?? commonBase(discovery);
  const urls: Record<string, string> = service === undefined ? { ...discovery } : {};
  if (service === undefined)
    for (const name of ['idbroker', 'identity'] as const) {
      const url = config.credentials?.[name]?.url;
      if (url !== undefined) urls[name] = url;
    }
  const { pingInterval, pongTimeout, backoffTimeReset, backoffTimeMax, maxRetries } = (config.mercury ??
    {}) as Record<string, number | undefined>;
  const { ephemeral, ephemeralDeviceTTL = 1800, body } = config.device ?? {};
  const agent = [
    config.appName === undefined ? '' : `${config.appName}/${config.appVersion ?? '0.0'}`,
    config.appPlatform ?? '',
  ];
  return {
    ...(service !== undefined && { service }),
    config: {
      services: { ...urls, ...config.services?.override },
      mercury: {
        ...(pingInterval !== undefined && { pingIntervalMs: pingInterval }),
        ...(pongTimeout !== undefined && { pongTimeoutMs: pongTimeout }),
        ...(backoffTimeReset !== undefined && { backoffBaseMs: backoffTimeReset }),
        ...(backoffTimeMax !== undefined && { backoffMaxMs: backoffTimeMax }),
        ...(maxRetries !== undefined && { maxRetries }),
      },
      device: {
        ...(body?.name !== undefined && { name: body.name }),
        ...(ephemeral === true && { ttlS: ephemeralDeviceTTL }),
      },
      userAgent: agent.filter(Boolean).join(' '),
    },
  };
}

/** hydra and u2c of one self-hosted service say where all of it is. */
function commonBase({ hydra, u2c }: Readonly<Record<string, string>>): string | undefined {
  const base = /^(.+)\/v1\/?$/.exec(hydra ?? '')?.[1];
  return base !== undefined && u2c?.replace(/\/$/, '') === `${base}/u2c/api/v1` ? base : undefined;
}
