import { sdkError } from '@trunkline/core';
import type { Endpoints } from './endpoints.js';
import { ask, refusal, type Call } from './grant.js';

/** Where a self-hosted service has them, below its base. */
const places = { 'oauth-helper': '/oauth-helper/api/v1', atlas: '/atlas/admin/api/v1' } as const;

/**
 * The base URL of a service that has no fixed address in the cloud: its catalog says it, which needs no token.
 *
 * @throws {SdkError} `ERR_CATALOG` the catalog does not name it; `ERR_NETWORK`, `ERR_TIMEOUT`, `ERR_UNAVAILABLE`
 * @source protocol/identity-and-services.md §4.1, §4.2
 */
export async function placeOf(name: keyof typeof places, endpoints: Endpoints, call: Call): Promise<string> {
  const { base, catalog } = endpoints;
  if (catalog === undefined) return `${base ?? ''}${places[name]}`;
  const { ok, status, body, retryAfterMs } = await ask(catalog, { method: 'GET', headers: {}, call });
  if (!ok) throw refusal(status, {}, retryAfterMs);
  const links = body['serviceLinks'];
  const url =
    typeof links === 'object' && links !== null ? (links as Record<string, unknown>)[name] : undefined;
  if (typeof url !== 'string' || !/^https:\/\//.test(url))
    throw sdkError('ERR_CATALOG', `the catalog names no service ${name}; it cannot be used here`);
  return url.replace(/\/+$/, '');
}
