import type { HostMapCatalog } from '@trunkline/wire';

/** One service, with the hosts that can stand in for each other. */
export interface ServiceEntry {
  readonly name: string;
  /** base URLs, best first, no trailing slash; at least one */
  readonly bases: readonly string[];
  readonly failed: Set<string>;
}

/** A service by one base URL. */
export const singleEntry = (name: string, base: string): ServiceEntry => ({
  name,
  bases: [base],
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
    let url: URL;
    try {
      url = new URL(link);
    } catch {
      continue;
    }
    const listed = Array.isArray(hostCatalog[url.host]) ? (hostCatalog[url.host] ?? []) : [];
    const kind = listed[0]?.id.split(':')[3];
    const home = listed
      .filter(({ id, priority }) => priority > 0 && id.split(':')[3] === kind)
      .sort((a, b) => a.priority - b.priority);
    const bases = home.map(({ host }) => {
      const variant = new URL(url);
      variant.host = host; // keeps the link's port unless the host names its own
      return bare(variant.href);
    });
    entries.set(name, {
      name,
      bases: bases.length > 0 ? [...new Set(bases)] : [bare(url.href)],
      failed: new Set(),
    });
    // the link itself still names the service, as the last resort
    const entry = entries.get(name);
    if (entry && !entry.bases.includes(bare(url.href)))
      entries.set(name, { ...entry, bases: [...entry.bases, bare(url.href)] });
  }
  return entries;
}

/** True when `url` is `base` or lies below it; a longer host or folder name is something else. */
export function isBelow(url: string, base: string): boolean {
  if (!url.startsWith(base)) return false;
  const next = url.charCodeAt(base.length);
  return Number.isNaN(next) || next === 47 || next === 63 || next === 35; // end / ? #
}

const bare = (href: string): string => href.replace(/\/+$/, '');
