import type { CatalogHost, HostMapCatalog } from '@trunkline/wire';
import { parseUrl, withoutSlash } from '../request/http-url.js';

const usable = new Set(['http:', 'https:', 'ws:', 'wss:']);

/** One service, with the hosts that can stand in for each other. */
export interface ServiceEntry {
  readonly name: string;
  /** base URLs, best first, no trailing slash; at least one */
  readonly bases: readonly string[];
  readonly failed: Set<string>;
}

/** @param bases best first, each kept once */
export const entryOf = (name: string, bases: readonly string[]): ServiceEntry => ({
  name,
  bases: [...new Set(bases)],
  failed: new Set(),
});

/** The base to use now: the best one that has not failed; when all have, all get another chance. */
export function baseOf({ bases, failed }: ServiceEntry): string {
  if (failed.size >= bases.length) failed.clear();
  return (failed.size === 0 ? bases[0] : bases.find((base) => !failed.has(base))) ?? '';
}

/**
 * Services of a catalog by name, in its order. Links that are not http(s) or ws(s) URLs are skipped, and so are hosts
 * without a host name, an id or a priority.
 *
 * @source protocol/identity-and-services.md §4.2
 */
export function entriesOf({ serviceLinks, hostCatalog }: HostMapCatalog): Map<string, ServiceEntry> {
  const entries = new Map<string, ServiceEntry>();
  for (const [name, link] of Object.entries(serviceLinks)) {
    const url = typeof link === 'string' ? parseUrl(link) : undefined;
    if (!url || !usable.has(url.protocol)) continue;
    const hosts = hostsIn(Object.hasOwn(hostCatalog, url.host) ? hostCatalog[url.host] : undefined);
    const kindOf = ({ id }: CatalogHost): string | undefined => id.split(':')[3];
    const bases = hosts
      .filter((host, _, [first = host]) => host.priority > 0 && kindOf(host) === kindOf(first))
      .sort((a, b) => a.priority - b.priority)
      // keeps the link's port unless the host names its own
      .map(({ host }) => Object.assign(new URL(url), { host }));
    // the link itself still names the service, as the last resort
    entries.set(
      name,
      entryOf(
        name,
        [...bases, url].map(({ href }) => withoutSlash(href)),
      ),
    );
  }
  return entries;
}

/** The well-formed hosts of one entry of `hostCatalog`. */
export const hostsIn = (listed: unknown): readonly CatalogHost[] =>
  (Array.isArray(listed) ? (listed as readonly unknown[]) : []).filter(isHost);

function isHost(value: unknown): value is CatalogHost {
  if (typeof value !== 'object' || value === null) return false;
  const { host, id, priority } = value as Partial<Record<keyof CatalogHost, unknown>>;
  return (
    typeof host === 'string' &&
    // a host name with an optional port, and nothing that would change the rest of a URL
    /^[\w.-]+(:\d+)?$|^\[[\da-f:.]+\](:\d+)?$/i.test(host) &&
    typeof id === 'string' &&
    typeof priority === 'number'
  );
}

/** True when `url` is `base` or lies below it; a longer host or folder name is something else. */
export function isBelow(url: string, base: string): boolean {
  if (!url.startsWith(base)) return false;
  const next = url.charCodeAt(base.length);
  return Number.isNaN(next) || next === 47 || next === 63 || next === 35; // end / ? #
}
