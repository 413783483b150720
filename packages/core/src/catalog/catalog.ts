import { clusterOf as clusterOfId, type HostMapCatalog, type ServiceName } from '@trunkline/wire';
import { sdkError } from '../errors.js';
import type { Answer, RequestOptions } from '../host.js';
import { baseOf, entriesOf, entryOf, isBelow, type ServiceEntry } from './host-map.js';

/** Which services there are, and where. */
export interface Catalog {
  readonly loaded: boolean;
  /** Fetches it, once for all callers; a failure is not kept. @throws {SdkError} `ERR_CATALOG` and what requests throw */
  load(): Promise<void>;
  /** The base URL of a service: at once when known, else after the catalog has come. @throws {SdkError} `ERR_UNKNOWN_SERVICE` */
  base(service: ServiceName): string | Promise<string>;
  /** The service a URL lies below, among what is known now. */
  serviceOf(url: string): ServiceName | undefined;
  /** The base URL that `url` lies below, `''` for a foreign one. */
  baseBelow(url: string): string;
  /** This URL's host did not answer, or broke: the next attempt goes to another where there is one. */
  failed(url: string): void;
  /** The same URL at the host that is best now. */
  reroute(url: string): string;
  readonly clusterOf: (url: string) => string;
  readonly tokenUrl: () => string;
}

type Send = <T>(options: RequestOptions) => Promise<Answer<T>>;

// known before any catalog has come. @source protocol/identity-and-services.md §1
const cloud: Readonly<Record<string, string>> = {
  u2c: 'https://u2c.wbx2.com/u2c/api/v1',
  hydra: 'https://api.ciscospark.com/v1',
  idbroker: 'https://idbroker.webex.com',
  identity: 'https://identity.webex.com',
};
const hosted = (service: string): typeof cloud => ({
  u2c: `${service}/u2c/api/v1`,
  hydra: `${service}/v1`,
  idbroker: `${service}/idbroker`,
  identity: `${service}/identity`,
});

/**
 * @param service   base URL of a self-hosted service, without trailing slash; undefined for the cloud
 * @param overrides base URLs that win over everything
 */
export function createCatalog(
  service: string | undefined,
  overrides: Readonly<Record<string, string>>,
  send: Send,
): Catalog {
  const discovery = service === undefined ? cloud : hosted(service);
  const before = new Map<string, ServiceEntry>();
  for (const [name, base] of Object.entries({ ...discovery, ...overrides }))
    before.set(name, entryOf(name, [base]));
  let entries = before;
  // everything a token may be sent to, also what the catalog has since replaced
  let known: readonly ServiceEntry[] = [...before.values()];
  let hosts: HostMapCatalog['hostCatalog'] = {};
  let pending: Promise<void> | undefined;
  let loaded = false;
  const clusters = new Map<string, string>();

  const fetchCatalog = async (): Promise<void> => {
    const { body } = await send<unknown>({ service: 'u2c', path: '/catalog', query: { format: 'hostmap' } });
    const { serviceLinks, hostCatalog } = (body ?? {}) as Partial<HostMapCatalog>;
    const isCatalog = isRecord(serviceLinks) && isRecord(hostCatalog);
    const fresh = isCatalog ? entriesOf({ serviceLinks, hostCatalog }) : before;
    if (!isCatalog || fresh.size === 0)
      throw sdkError('ERR_CATALOG', 'the service catalog is empty, or none; is `service` the right URL?');
    const merged = new Map(before);
    for (const [name, entry] of fresh) if (!Object.hasOwn(overrides, name)) merged.set(name, entry);
    entries = merged;
    known = [...new Set([...merged.values(), ...before.values()])];
    hosts = hostCatalog;
    clusters.clear();
    loaded = true;
  };
  const load = (): Promise<void> => {
    if (loaded) return Promise.resolve();
    return (pending ??= fetchCatalog().finally(() => {
      pending = undefined;
    }));
  };
  const find = (name: string): string => {
    const entry = entries.get(name);
    if (entry === undefined)
      throw sdkError('ERR_UNKNOWN_SERVICE', `the catalog has no service '${name}'; check the name`);
    return baseOf(entry);
  };
  const locate = (url: string): { entry: ServiceEntry; base: string } | undefined => {
    for (const entry of known) for (const base of entry.bases) if (isBelow(url, base)) return { entry, base };
    return undefined;
  };

  return {
    get loaded() {
      return loaded;
    },
    load,
    base: (name) => (loaded || entries.has(name) ? find(name) : load().then(() => find(name))),
    serviceOf: (url) => locate(url)?.entry.name,
    baseBelow: (url) => locate(url)?.base ?? '',
    failed: (url) => {
      const at = locate(url);
      if (at && at.entry.bases.length > 1) at.entry.failed.add(at.base);
    },
    reroute: (url) => {
      const at = locate(url);
      if (at === undefined || !at.entry.failed.has(at.base)) return url;
      return baseOf(at.entry) + url.slice(at.base.length);
    },
    clusterOf: (url) => {
      const host = /^[a-z]+:\/\/([^/?#]*)/i.exec(url)?.[1]?.toLowerCase() ?? '';
      let cluster = clusters.get(host);
      if (cluster === undefined) {
        const entry =
          hosts[host]?.[0] ??
          Object.values(hosts)
            .flat()
            .find((other) => other.host === host);
        cluster = entry ? clusterOfId(entry.id) : 'us';
        if (clusters.size < 1_000) clusters.set(host, cluster);
      }
      return cluster;
    },
    tokenUrl: () => `${find('idbroker')}/idb/oauth2/v1/access_token`,
  };
}

const isRecord = <T>(value: T): value is T & object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
