import { clusterOf as clusterOfId, type HostMapCatalog, type ServiceName } from '@trunkline/wire';
import { sdkError } from '../errors.js';
import type { HttpResponse, RequestOptions } from '../host.js';
import { parseUrl } from '../request/http-url.js';
import { baseOf, entriesOf, entryOf, hostsIn, isBelow, type ServiceEntry } from './host-map.js';
import { cloudDomains, createTransport, isLoopback } from './transport.js';

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
  /**
   * For a URL outside the catalog that would have carried the token.
   *
   * @throws {SdkError} `ERR_CATALOG` for http, in clear, to a host of an https service
   */
  readonly checkUrl: (url: string) => void;
  /**
   * The device's socket URL, to which the token is sent.
   *
   * @throws {SdkError} `ERR_CATALOG` for ws, in clear, although the service is https, and for a host outside the catalog;
   * `ERR_BAD_RESPONSE` when it is not a ws(s) URL
   */
  readonly checkSocketUrl: (url: string) => Promise<void>;
  readonly clusterOf: (url: string) => string;
  readonly tokenUrl: () => string;
}

type Send = <T>(options: RequestOptions) => Promise<HttpResponse<T>>;

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
  const transport = createTransport(before.get('u2c')?.bases[0]?.startsWith('https:') === true);
  let entries = before;
  // everything a token may be sent to, also what the catalog has since replaced
  let known: readonly ServiceEntry[] = [...before.values()];
  let hosts: HostMapCatalog['hostCatalog'] = {};
  let hostnames = new Set(known.flatMap(({ bases }) => bases.map(hostnameOf)));
  /** services whose only URLs are in clear although the service is https */
  let refused: ReadonlyMap<string, string> = new Map();
  let pending: Promise<void> | undefined;
  let loaded = false;
  const clusters = new Map<string, string>();

  const fetchCatalog = async (): Promise<void> => {
    const { body } = await send<unknown>({ service: 'u2c', path: '/catalog', query: { format: 'hostmap' } });
    const { serviceLinks, hostCatalog } = (body ?? {}) as Partial<HostMapCatalog>;
    const isCatalog = isRecord(serviceLinks) && isRecord(hostCatalog);
    const fresh = isCatalog ? entriesOf({ serviceLinks, hostCatalog }) : new Map<string, ServiceEntry>();
    if (!isCatalog || fresh.size === 0)
      throw sdkError(
        'ERR_CATALOG',
        'the response is not a service catalog, or it names no service. Check that `service` is the base URL of the service.',
      );
    for (const name of Object.keys(overrides)) fresh.delete(name);
    const { kept, refused: inClear } = transport.filter(fresh);
    const [first] = inClear;
    if (kept.size === 0 && first) throw transport.error(...first);
    refused = inClear;
    const merged = new Map([...before, ...kept]);
    entries = merged;
    known = [...new Set([...merged.values(), ...before.values()])];
    hosts = hostCatalog;
    hostnames = new Set<string>();
    for (const { bases } of known) for (const base of bases) hostnames.add(hostnameOf(base));
    for (const [host, listed] of Object.entries(hosts))
      for (const name of [host, ...hostsIn(listed).map((other) => other.host)])
        hostnames.add(hostnameOf(`https://${name}`));
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
    const inClear = refused.get(name);
    if (entry === undefined && inClear !== undefined) throw transport.error(name, inClear);
    if (entry === undefined)
      throw sdkError('ERR_UNKNOWN_SERVICE', `the catalog has no service '${name}'. Check the name.`);
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
          (Object.hasOwn(hosts, host) ? hostsIn(hosts[host])[0] : undefined) ??
          Object.values(hosts)
            .flatMap(hostsIn)
            .find((other) => other.host === host);
        cluster = entry ? clusterOfId(entry.id) : 'us';
        if (clusters.size < 1_000) clusters.set(host, cluster);
      }
      return cluster;
    },
    checkUrl: (url) => {
      if (!transport.isInClear(url)) return;
      for (const [name, base] of refused) if (isBelow(url, base)) throw transport.error(name, base);
      if (hostnames.has(hostnameOf(url))) throw transport.error(undefined, url);
    },
    checkSocketUrl: async (url) => {
      const socket = parseUrl(url);
      if (socket === undefined || !/^wss?:$/.test(socket.protocol))
        throw sdkError(
          'ERR_BAD_RESPONSE',
          'the webSocketUrl of the device is not a ws or wss URL. Check the device service.',
        );
      if (transport.isInClear(url)) throw transport.error('webSocketUrl', url);
      const isKnown = (): boolean =>
        isLoopback(socket.hostname) ||
        hostnames.has(socket.hostname) ||
        (service === undefined && cloudDomains.some((domain) => socket.hostname.endsWith(`.${domain}`)));
      if (isKnown()) return;
      if (!loaded) await load();
      if (!isKnown())
        throw sdkError(
          'ERR_CATALOG',
          `the webSocketUrl of the device is at ${socket.hostname}, which is not a host of the service catalog. The access token is not sent there. Add a service at that host to config.services if it belongs to your service.`,
        );
    },
    tokenUrl: () => `${find('idbroker')}/idb/oauth2/v1/access_token`,
  };
}

const hostnameOf = (url: string): string => parseUrl(url)?.hostname ?? '';
const isRecord = <T>(value: T): value is T & object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
