import type { FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { ServiceClock } from './clock.js';
import type { Config } from './config.js';
import { createFaults } from './http/faults.js';
import { createSockets, type Sockets } from './http/sockets.js';
import { baseOfRaw, type Urls, urlsAt } from './http/urls.js';
import type { Lifecycle } from './lifecycle.js';
import { type Counts, createMetrics, type Metrics } from './metrics.js';
import { type Migrations, newestOf, openLibsqlStore, readSteadyMark, type Store } from './store/index.js';
import { openVault } from './vault/open-vault.js';
import type { Vault } from './vault/vault.js';

/** What every module is built on. */
export interface Kernel {
  readonly config: Config;
  readonly store: Store;
  readonly log: Logger;
  readonly vault: Vault;
  readonly sockets: Sockets;
  readonly faults: ReturnType<typeof createFaults>;
  readonly counts: Counts;
  /** name of the newest migration */
  readonly dataVersion: string;
  /** the organisation that new people belong to */
  readonly orgId: string;
  /** epoch ms */
  readonly now: () => number;
  /** epoch ms by time that really passed: what is removed for its age must be old by this one, too */
  readonly steady: () => number;
  /** Absolute URLs as the client of this request addresses the service. */
  readonly urls: (request: FastifyRequest) => Urls;
  /** Where the service listens; known once it does. */
  readonly address: Address;
}

export interface Address {
  /** base of absolute URLs that no request asked for; empty before the service listens */
  base: string;
  /** of the TLS port; undefined when there is none */
  tlsPort: number | undefined;
}

async function keptOrgId(store: Store): Promise<string> {
  const kept = await store.db
    .selectFrom('meta')
    .select('value')
    .where('key', '=', 'org_id')
    .executeTakeFirst();
  if (kept !== undefined) return kept.value;
  const value = randomUUID();
  await store.write(({ tx }) => tx.insertInto('meta').values({ key: 'org_id', value }).execute());
  return value;
}

function createUrls(config: Config): Kernel['urls'] {
  // few addresses are in use; invented host names must not make memory grow
  const made = new Map<string, Urls>();
  return (request) => {
    const base = baseOfRaw(config, request.raw);
    let urls = made.get(base);
    if (urls === undefined) {
      if (made.size > 100) made.clear();
      made.set(base, (urls = urlsAt(base)));
    }
    return urls;
  };
}

/** Opens the data folder and what all modules share. What it opens, `lifecycle` closes. */
export async function openKernel(
  config: Config,
  parts: {
    readonly log: Logger;
    readonly clock: ServiceClock;
    readonly lifecycle: Lifecycle;
    readonly migrations: Migrations;
  },
): Promise<Kernel & { readonly metrics: Metrics }> {
  const { clock, lifecycle, log, migrations } = parts;
  const metrics = createMetrics(config);
  const store = await openLibsqlStore(config.data, { committed: metrics.committed, migrations });
  lifecycle.push('store', () => store.close());
  const mark = await readSteadyMark(store);
  if (mark !== undefined) clock.resume?.(mark);
  const faults = createFaults(clock.now);
  return {
    config,
    store,
    log,
    faults,
    metrics,
    vault: await openVault(config, store),
    sockets: createSockets(config, log, faults),
    counts: metrics.counts,
    dataVersion: newestOf(migrations),
    orgId: await keptOrgId(store),
    now: clock.now,
    steady: clock.steady,
    urls: createUrls(config),
    address: { base: '', tlsPort: undefined },
  };
}
