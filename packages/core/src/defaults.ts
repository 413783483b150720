import { sdkError } from './errors.js';
import type { ClientOptions } from './client.js';
import type { ClientConfig, ResolvedConfig } from './host.js';

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

/** The full configuration, frozen. @throws {SdkError} `ERR_CONFIG` */
export function resolveConfig(config: ClientConfig = {}): ResolvedConfig {
  const { ttlS } = config.device ?? {};
  if (ttlS !== undefined && !(Number.isFinite(ttlS) && ttlS > 0))
    throw sdkError('ERR_CONFIG', `config.device.ttlS is ${String(ttlS)}; give a number of seconds above 0`);
  const services: Record<string, string> = {};
  for (const [name, url] of Object.entries(config.services ?? {}))
    services[name] = baseUrl(url, `config.services.${name}`);
  return Object.freeze({
    request: section('request', request, config.request),
    mercury: section('mercury', mercury, config.mercury),
    device: Object.freeze({ name: config.device?.name ?? 'trunkline', ...(ttlS !== undefined && { ttlS }) }),
    userAgent: config.userAgent ?? '',
    services: Object.freeze(services),
  });
}

/** Says what is wrong with the options before anything starts. @throws {SdkError} `ERR_CONFIG` */
export function checkOptions(options: ClientOptions): void {
  if (typeof options !== 'object' || (options as unknown) === null)
    throw sdkError('ERR_CONFIG', 'createClient needs its options, such as { token }');
  const token = options.token as unknown;
  const text =
    typeof token === 'object' && token !== null ? (token as { accessToken?: unknown }).accessToken : token;
  if (typeof token !== 'function' && typeof text !== 'string')
    throw sdkError(
      'ERR_CONFIG',
      'token must be an access token, a { accessToken }, or a function that gets one',
    );
  if (typeof text === 'string') {
    if (text.trim() === '')
      throw sdkError('ERR_CONFIG', 'token is empty; is the variable it comes from set?');
    // it travels in a header: a line break would fail there with an error nobody understands
    if (!/^[\x21-\x7e]+$/.test(text))
      throw sdkError(
        'ERR_CONFIG',
        'token holds spaces or line breaks; give the bare access token, without "Bearer"',
      );
  }
  for (const name of ['fetch', 'WebSocket'] as const)
    if (options[name] !== undefined && typeof options[name] !== 'function')
      throw sdkError('ERR_CONFIG', `${name} must be a function, as the platform's own is`);
}

/** `url` without the slash at its end. @throws {SdkError} `ERR_CONFIG` when it is no http(s) URL */
export function baseUrl(url: string, what: string): string {
  let parsed: URL | undefined;
  try {
    parsed = new URL(url);
  } catch {
    // told below
  }
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:')
    throw sdkError('ERR_CONFIG', `${what} must be an http(s) URL, such as http://127.0.0.1:8080`);
  if (parsed.username !== '' || parsed.search !== '' || parsed.hash !== '')
    throw sdkError('ERR_CONFIG', `${what} must be a base URL without user, query or fragment`);
  return parsed.href.replace(/\/+$/, '');
}

function section<T extends Readonly<Record<string, number>>>(
  name: string,
  defaults: T,
  given: { readonly [K in keyof T]?: number | undefined } | undefined,
): Readonly<T> {
  const full: Record<string, number> = { ...defaults };
  for (const [key, value] of Object.entries(given ?? {}) as [string, unknown][]) {
    if (value === undefined) continue;
    if (typeof value !== 'number' || Number.isNaN(value) || value < 0)
      throw sdkError('ERR_CONFIG', `config.${name}.${key} must be a number, 0 or above`);
    full[key] = value;
  }
  return Object.freeze(full as T);
}
