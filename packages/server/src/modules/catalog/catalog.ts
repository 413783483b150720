import type { CatalogHost } from '@trunkline/wire';
import { type ServedService, servicePaths, socketBase } from '../../kernel/http/urls.js';

/** Clients take hydra ids of this cluster for `us`. */
const cluster = 'urn:TEAM:us-east-2_a';

// these three are answered with a slash at the end, as clients have been seen to expect
const withSlash = new Set<string>(['hydra', 'idbroker', 'identity']);
const entries = Object.entries(servicePaths) as readonly (readonly [ServedService, string])[];

type ServiceLinks = Record<ServedService | 'mercuryConnection', string>;

/** Base URL of each service, conversation first: it is what a host's id is looked up for. */
export const serviceLinks = (base: string): ServiceLinks =>
  Object.fromEntries([
    ...entries.map(([name, path]) => [name, base + path + (withSlash.has(name) ? '/' : '')]),
    // of a device's `webSocketUrl`: clients with high availability look for the service that it belongs to
    ['mercuryConnection', `${base.replace(/^http/, 'ws')}${socketBase}`],
  ]) as ServiceLinks;

interface HostMap {
  readonly serviceLinks: Readonly<ServiceLinks>;
  readonly hostCatalog: Readonly<Record<string, readonly CatalogHost[]>>;
  readonly format: 'hostmap';
}

/**
 * `format=hostmap`.
 *
 * @param tlsPort of this service's second port, when there is one
 * @source protocol/identity-and-services.md §4.2
 */
export function hostMapCatalog(base: string, tlsPort: number | undefined): HostMap {
  const { host, hostname } = new URL(base);
  const hostCatalog: Record<string, CatalogHost[]> = {
    // the client puts the link's port back by itself
    [host]: [{ host: hostname, ttl: -1, priority: 1, id: `${cluster}:identityLookup` }],
  };
  if (tlsPort !== undefined) {
    const tlsHost = `${hostname}:${String(tlsPort)}`;
    (hostCatalog[tlsHost] ??= []).push({ host: tlsHost, ttl: -1, priority: 1, id: `${cluster}:mobius` });
  }
  return { serviceLinks: serviceLinks(base), hostCatalog, format: 'hostmap' };
}

/** `format=U2CV2`. @source protocol/identity-and-services.md §4.3 */
export function listCatalog(base: string, orgId: string, nowMs: number): object {
  const links = Object.entries(serviceLinks(base));
  const id = (name: string): string => `${cluster}:${name}`;
  return {
    services: links.map(([serviceName, baseUrl]) => ({
      id: id(serviceName),
      serviceName,
      serviceUrls: [{ baseUrl, priority: 1 }],
    })),
    activeServices: Object.fromEntries(links.map(([name]) => [name, id(name)])),
    timestamp: String(nowMs),
    orgId,
    format: 'U2CV2',
  };
}
