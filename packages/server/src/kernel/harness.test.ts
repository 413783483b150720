// Puts modules together for a test: over a real store in memory, with fakes for those it does not test.
import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { migrations } from '../modules.js';
import { resolveConfig, type ServerOptions } from './config.js';
import { createApp } from './http/app.js';
import { createFaults } from './http/faults.js';
import { createSockets } from './http/sockets.js';
import { urlsAt } from './http/urls.js';
import type { Kernel } from './kernel.js';
import { createLifecycle } from './lifecycle.js';
import { noCounts } from './metrics.js';
import { type Module, type ModuleName, type Modules, setUpModules } from './module.js';
import { newestOf, openLibsqlStore, type Store } from './store/index.js';
import { openVault } from './vault/open-vault.js';

export const testBase = 'http://trunkline.test';

/** A store with the tables of all modules. */
export const openTestStore = (data = 'memory'): Promise<Store> => openLibsqlStore(data, { migrations });

/** A kernel whose clock, addresses and store a test may replace. */
export async function testKernel(
  options: ServerOptions = {},
  replaced: Partial<Pick<Kernel, 'now' | 'urls' | 'store' | 'orgId'>> = {},
): Promise<Kernel> {
  const config = resolveConfig({ data: 'memory', logLevel: 'silent', ...options });
  const log = pino({ level: 'silent' });
  const { now = Date.now } = replaced;
  const faults = createFaults(now);
  const store = replaced.store ?? (await openTestStore(config.data));
  return {
    config,
    log,
    faults,
    now,
    steady: now,
    sockets: createSockets(config, log, faults),
    store,
    vault: await openVault(config, store),
    counts: noCounts(),
    dataVersion: newestOf(migrations),
    orgId: randomUUID(),
    urls: () => urlsAt(testBase),
    address: { base: testBase, tlsPort: undefined },
    ...replaced,
  };
}

/** A module of which only what a test needs is there. */
export const fakeModule = <Name extends ModuleName>(name: Name, api: Partial<Modules[Name]>): Module => ({
  name,
  needs: [],
  migrations: {},
  setup: () => Promise.resolve({ api }),
});

/** Sets the modules up, with an app that has their routes. `close` does not start them. */
export async function startModules(kernel: Kernel, modules: readonly Module[]) {
  const lifecycle = createLifecycle(kernel.log);
  const running = await setUpModules(kernel, lifecycle, modules);
  const app = createApp(kernel.config, kernel.log);
  running.register(app);
  lifecycle.push('requests', () => app.close());
  return { ...running, app, lifecycle };
}
