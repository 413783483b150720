import type { CatalogHost, HostMapCatalog } from '@trunkline/wire';
import { parseUrl, withoutSlash } from '../request/http-url.js';

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
 * Services of a catalog by name, in its order. Links that are no URLs are skipped.
 *
 * @source protocol/identity-and-services.md §4.2
 */
export function entriesOf({ serviceLinks, hostCatalog }: HostMapCatalog): Map<string, ServiceEntry> {
  const entries = new Map<string, ServiceEntry>();
  for (const [name, link] of Object.entries(serviceLinks)) {
    const url = parseUrl(link);
    if (!url) continue;
    const listed = hostCatalog[url.host];
    const hosts = Array.isArray(listed) ? (listed as readonly CatalogHost[]) : [];
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

/** True when `url` is `base` or lies below it; a longer host or folder name is something else. */
export function isBelow(url: string, base: string): boolean {
  if (!url.startsWith(base)) return false;
  const next = url.charCodeAt(base.length);
  return Number.isNaN(next) || next === 47 || next === 63 || next === 35; // end / ? #
}
