import type { FastifyInstance } from 'fastify';
import { randomBytes } from 'node:crypto';
import { createClock, type ServiceClock } from './kernel/clock.js';
import { type Config, resolveConfig, type ServerOptions } from './kernel/config.js';
import { requireTokens, type RouteEntry } from './kernel/http/access.js';
import { createApp } from './kernel/http/app.js';
import { faultHook } from './kernel/http/faults.js';
import { listen } from './kernel/http/listen.js';
import { openApiRoutes } from './kernel/http/openapi.js';
import { prepareTls } from './kernel/http/tls.js';
import { type Kernel, openKernel } from './kernel/kernel.js';
import { createLifecycle, type Lifecycle } from './kernel/lifecycle.js';
import { createLog } from './kernel/log.js';
import { setUpModules } from './kernel/module.js';
import { keepSteadyMark, type Store } from './kernel/store/index.js';
import { migrations, modules } from './modules.js';
import { seed } from './ops/seed.js';
import { startPage } from './ops/start-page.js';
import { VERSION } from './version.js';

/** A running service. */
export interface RunningServer {
  /** the public URL; without one `http://host:port`, or `https://host:port` where only the TLS port is open */
  readonly url: string;
  /** `http://host:port`, whatever the public URL is; undefined where only the TLS port is open */
  readonly localUrl: string | undefined;
  /** of the HTTP port; of the TLS port where only that one is open */
  readonly port: number;
  /** `https://host:port` of the second port, when there is one */
  readonly tlsUrl: string | undefined;
  readonly tlsPort: number | undefined;
  /** what clients of the second port must trust; undefined when its certificate was given */
  readonly tlsCaFile: string | undefined;
  /** for `/admin`; new at each start and stored nowhere */
  readonly adminToken: string;
  readonly orgId: string;
  /** Every HTTP route and how it authenticates its caller. */
  readonly routes: readonly RouteEntry[];
  /**
   * Asks sockets to reconnect elsewhere, finishes requests that are under way and keeps what was acknowledged. Calling it
   * again returns the same promise.
   */
  close(): Promise<void>;
}

/** ms between two sweeps of what has expired */
const sweepMs = 60_000;

/**
 * Starts the service in this process.
 *
 * @param clock for tests that move it
 * @throws ConfigError for an invalid option
 * @throws Error with code `EADDRINUSE` and the like when a port cannot be opened; nothing stays behind
 */
export async function startServer(
  options: ServerOptions = {},
  clock: ServiceClock = createClock(),
): Promise<RunningServer> {
  const config = resolveConfig(options);
  const log = createLog(config.logLevel);
  const lifecycle = createLifecycle(log);
  try {
    const kernel = await openKernel(config, { clock, lifecycle, log, migrations });
    return await run(kernel, lifecycle);
  } catch (error) {
    await lifecycle.close();
    throw error;
  }
}

async function run(
  kernel: Awaited<ReturnType<typeof openKernel>>,
  lifecycle: Lifecycle,
): Promise<RunningServer> {
  const { config, log, metrics, orgId, sockets, store } = kernel;
  const tls = config.tlsPort === undefined ? undefined : await prepareTls(config, kernel.now());
  if (tls !== undefined)
    lifecycle.push('tls', () => {
      tls.close();
    });
  const running = await setUpModules(kernel, lifecycle, modules);
  const { apis } = running;
  await sweepRegularly(kernel, lifecycle, () => running.sweep());
  await seed(config, apis.identity);

  const adminToken = randomBytes(32).toString('hex');
  const routes: RouteEntry[] = [];
  const app = createApp(config, log, { isKnown: apis.identity.isKnown, routes });
  faultHook(
    app,
    kernel.faults,
    async (authorization) => (await apis.identity.callerIfAny(authorization))?.user.id,
  );
  requireTokens(
    app,
    adminToken,
    async (authorization) => (await apis.identity.callerIfAny(authorization)) !== undefined,
  );
  health(app, store);
  startPage(app, (request) => kernel.urls(request).base);
  metrics.register(
    app,
    {
      sockets: () => sockets.counts(),
      writesWaiting: () => store.waiting(),
      webhooksWaiting: () => apis.webhooks.waiting(),
      outboxWaiting: () => apis.mercury.waiting(),
    },
    adminToken,
  );
  running.register(app);
  openApiRoutes(app, { routes, version: VERSION, baseOf: (request) => kernel.urls(request).base });
  await app.ready();

  const { port, tlsPort } = await listen(app, kernel, tls, lifecycle);
  const urls = urlsOf(config, port, tlsPort);
  Object.assign(kernel.address, { base: urls.url, tlsPort });
  await running.start();
  return {
    ...urls,
    port: port ?? tlsPort ?? 0,
    tlsPort,
    tlsCaFile: tls?.caFile,
    adminToken,
    orgId,
    routes,
    close: () => lifecycle.close(),
  };
}

function urlsOf(
  config: Config,
  port: number | undefined,
  tlsPort: number | undefined,
): Pick<RunningServer, 'url' | 'localUrl' | 'tlsUrl'> {
  const shown = ['0.0.0.0', '::'].includes(config.host) ? '127.0.0.1' : config.host;
  const host = shown.includes(':') ? `[${shown}]` : shown;
  const localUrl = port === undefined ? undefined : `http://${host}:${String(port)}`;
  const tlsUrl = tlsPort === undefined ? undefined : `https://${host}:${String(tlsPort)}`;
  return { url: config.publicUrl ?? localUrl ?? tlsUrl ?? '', localUrl, tlsUrl };
}

/** Sweeps now and every minute; closing waits for the sweep that is under way. */
async function sweepRegularly(
  { log, steady, store }: Kernel,
  lifecycle: Lifecycle,
  sweepModules: () => Promise<void>,
): Promise<void> {
  const sweep = async (): Promise<void> => {
    await sweepModules();
    await keepSteadyMark(store, steady());
  };
  await sweep();
  let sweeping = Promise.resolve();
  const timer = setInterval(() => {
    sweeping = sweep().catch((error: unknown) => {
      log.error({ err: error }, 'sweeping failed');
    });
  }, sweepMs);
  lifecycle.push('sweeping', () => {
    clearInterval(timer);
    return sweeping;
  });
}

function health(app: FastifyInstance, store: Store): void {
  app.get('/healthz', async (_, reply) => {
    try {
      await store.db.selectFrom('meta').select('key').limit(1).execute();
      return { status: 'ok', version: VERSION };
    } catch {
      return reply.code(503).send({ status: 'the store does not answer', version: VERSION });
    }
  });
}
