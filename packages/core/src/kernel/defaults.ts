import { sdkError } from './errors.js';
import type { ClientOptions } from './client.js';
import type { ClientConfig, ResolvedConfig } from './host.js';
import { httpUrl, withoutSlash } from './request/http-url.js';

const request = { timeoutMs: 30_000, maxRetries: 4, maxRateLimitWaitMs: 60_000 };
// @source protocol/device-and-mercury.md §6
const mercury = {
  pingIntervalMs: 15_000,
  pongTimeoutMs: 14_000,
  openTimeoutMs: 10_000,
  backoffBaseMs: 1_000,
  backoffMaxMs: 32_000,
  maxRetries: Number.POSITIVE_INFINITY,
};

/** A setting that cannot be. */
const mustBe = (name: string, wanted: string): never => {
  throw sdkError('ERR_CONFIG', `${name} must be ${wanted}`);
};

/** The full configuration, frozen. @throws {SdkError} `ERR_CONFIG` */
export function resolveConfig(config: ClientConfig = {}): ResolvedConfig {
  const { name = 'trunkline', ttlS } = config.device ?? {};
  if (ttlS !== undefined && !(Number.isFinite(ttlS) && ttlS > 0))
    mustBe('config.device.ttlS', 'a number of seconds above 0');
  const services: Record<string, string> = {};
  for (const [service, url] of Object.entries(config.services ?? {}))
    services[service] = baseUrl(url, `config.services.${service}`);
  return Object.freeze({
    request: section('request', request, config.request),
    mercury: section('mercury', mercury, config.mercury),
    device: Object.freeze({ name, ...(ttlS !== undefined && { ttlS }) }),
    userAgent: config.userAgent ?? '',
    services: Object.freeze(services),
  });
}

/** Says what is wrong with the options before anything starts. @throws {SdkError} `ERR_CONFIG` */
export function checkOptions(options: ClientOptions): void {
  const { token, ...rest } = ((options as unknown) ?? {}) as Record<string, unknown>;
  if (typeof token !== 'function') {
    const text = (token as { accessToken?: unknown } | undefined | null)?.accessToken ?? token;
    if (typeof text !== 'string')
      mustBe('token', 'an access token, { accessToken }, or a function that gets one');
    else if (text.trim() === '')
      throw sdkError('ERR_CONFIG', 'token is empty; is the variable it comes from set?');
    // it travels in a header: a line break would fail there with an error no one understands
    else if (!/^[\x21-\x7e]+$/.test(text))
      mustBe('token', 'the bare access token, without spaces or "Bearer"');
  }
  for (const name of ['fetch', 'WebSocket', 'socket'])
    if (rest[name] !== undefined && typeof rest[name] !== 'function') mustBe(name, 'a function');
  if (rest['interceptors'] !== undefined && !Array.isArray(rest['interceptors']))
    mustBe('interceptors', 'an array of { name, phase, run }');
  const prefix = rest['trackingIdPrefix'];
  // it is sent in a header
  if (prefix !== undefined && !(typeof prefix === 'string' && /^[\x21-\x7e]+$/.test(prefix)))
    mustBe('trackingIdPrefix', 'a text without spaces');
}

/** `url` without the slash at its end. @throws {SdkError} `ERR_CONFIG` when it is not a http(s) URL */
export function baseUrl(url: string, what: string): string {
  const { href, username, search, hash } = httpUrl(url) ?? { search: '?' };
  return username || search || hash || href === undefined
    ? mustBe(what, 'an http(s) URL without user, query or fragment, such as http://127.0.0.1:8080')
    : withoutSlash(href);
}

function section<T extends Readonly<Record<string, number>>>(
  name: string,
  defaults: T,
  given: { readonly [K in keyof T]?: number | undefined } | undefined,
): Readonly<T> {
  const full: Record<string, number> = { ...defaults };
  for (const [key, value] of Object.entries(given ?? {}) as [string, unknown][]) {
    if (value === undefined) continue;
    if (typeof value !== 'number' || !(value >= 0)) mustBe(`config.${name}.${key}`, 'a number, 0 or above');
    else full[key] = value;
  }
  return Object.freeze(full as T);
}
