import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import pino, { type Logger } from 'pino';
import { createClock, type ServiceClock } from './kernel/clock.js';
import { resolveConfig, type Config, type ServerOptions } from './kernel/config.js';
import { requireTokens, type RouteEntry } from './kernel/http/access.js';
import { createApp, serverLimits } from './kernel/http/app.js';
import { createFaults, faultHook } from './kernel/http/faults.js';
import { silentConnections } from './kernel/http/silent-connections.js';
import { createSockets } from './kernel/http/sockets.js';
import { prepareTls, type Tls } from './kernel/http/tls.js';
import { baseOfRaw, urlsAt } from './kernel/http/urls.js';
import { createMetrics, type Metrics } from './kernel/metrics.js';
import { seed } from './ops/seed.js';
import { createServices, type Platform, type Services } from './modules/index.js';
import type { Urls } from './modules/contracts.js';
import { keepSteadyMark, openLibsqlStore, readSteadyMark, type Store } from './kernel/store/index.js';
import { startPage } from './ops/start-page.js';
import { VERSION } from './version.js';

/** A service that answers. */
export interface RunningServer {
  /** the public URL; without one `http://host:port`, or `https://host:port` where only the TLS port is open */
  readonly url: string;
  /** `http://host:port`, whatever the public URL is; undefined where only the TLS port is open */
  readonly localUrl: string | undefined;
  /** of the clear port; of the TLS port where only that one is open */
  readonly port: number;
  /** `https://host:port` of the second port, when there is one */
  readonly tlsUrl: string | undefined;
  readonly tlsPort: number | undefined;
  /** what clients of the second port must trust; undefined when its certificate was given */
  readonly tlsCaFile: string | undefined;
  /** for `/admin`; made anew at each start and kept nowhere */
  readonly adminToken: string;
  readonly orgId: string;
  /** Every HTTP route and how it knows its caller. */
  readonly routes: readonly RouteEntry[];
  /** Asks sockets to move, finishes what was asked, keeps what was acknowledged. Again: the same promise. */
  close(): Promise<void>;
}

/** ms between two looks at what is past its time */
const sweepMs = 60_000;
/** ms that requests may take to finish when the service closes */
const graceMs = 5000;

const secretPaths = ['authorization', 'password', 'token', 'accessToken', 'refreshToken', 'clientSecret'];
const createLog = (level: string): Logger =>
  pino(
    {
      level,
      redact: {
        paths: secretPaths.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: '[redacted]',
      },
    },
    // stdout is for what the command line promises
    pino.destination({ fd: 2, sync: true }),
  );

async function keptOrgId(store: Store): Promise<string> {
  const find = (): Promise<{ value: string } | undefined> =>
    store.db.selectFrom('meta').select('value').where('key', '=', 'org_id').executeTakeFirst();
  const kept = await find();
  if (kept !== undefined) return kept.value;
  const value = randomUUID();
  await store.write(({ tx }) => tx.insertInto('meta').values({ key: 'org_id', value }).execute());
  return value;
}

function createUrls(config: Config): Platform['urls'] {
  // few addresses are in use; whoever invents host names makes no memory grow
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

const listenTls = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });

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
  const metrics = createMetrics(config);
  const undo: (() => unknown)[] = [];
  try {
    const store = await openLibsqlStore(config.data, metrics);
    undo.push(() => store.close());
    const tls = config.tlsPort === undefined ? undefined : await prepareTls(config, clock.now());
    if (tls !== undefined)
      undo.push(() => {
        tls.close();
      });
    return await run({ config, log, clock, metrics, store, tls, undo });
  } catch (error) {
    for (const step of undo.reverse()) await step();
    throw error;
  }
}

async function run(parts: {
  config: Config;
  log: Logger;
  clock: ServiceClock;
  metrics: Metrics;
  store: Store;
  tls: Tls | undefined;
  undo: (() => unknown)[];
}): Promise<RunningServer> {
  const { config, log, clock, metrics, store, tls, undo } = parts;
  const { now, steady } = clock;
  const mark = await readSteadyMark(store);
  if (mark !== undefined) clock.resume?.(mark);
  const faults = createFaults(now);
  const sockets = createSockets(config, log, faults);
  let tlsPort: number | undefined;
  let base = '';
  const platform: Platform = {
    config,
    store,
    log,
    now,
    steady,
    counts: metrics.counts,
    urls: createUrls(config),
    sockets,
    faults,
    tlsPort: () => tlsPort,
    base: () => base,
  };
  const adminToken = randomBytes(32).toString('hex');
  const orgId = await keptOrgId(store);
  const services = await createServices(platform, orgId);
  undo.push(() => services.mercury.close());
  const sweep = async (): Promise<void> => {
    await services.sweep();
    await keepSteadyMark(store, steady());
  };
  await sweep();
  await seed(config, services.identity);

  const routes: RouteEntry[] = [];
  const app = createApp(config, log, { isKnown: services.identity.isKnown, routes });
  faultHook(
    app,
    faults,
    async (authorization) => (await services.identity.callerIfAny(authorization))?.user.id,
  );
  requireTokens(
    app,
    adminToken,
    async (authorization) => (await services.identity.callerIfAny(authorization)) !== undefined,
  );
  health(app, store);
  startPage(app, (request) => platform.urls(request).base);
  metrics.register(
    app,
    {
      sockets: () => sockets.counts(),
      writesWaiting: () => store.waiting(),
      webhooksWaiting: () => services.webhooks.waiting(),
      outboxWaiting: () => services.mercury.waiting(),
    },
    adminToken,
  );
  services.register(app);
  await app.ready();
  undo.push(() => app.close());

  let tlsServer: Server | undefined;
  if (tls !== undefined) {
    tlsServer = createServer(
      { ...serverLimits(config), cert: tls.cert, key: tls.key },
      (request, response) => {
        app.routing(request, response);
      },
    );
    sockets.attach(tlsServer);
    await listenTls(tlsServer, config.host, config.tlsPort ?? 0);
    tlsPort = (tlsServer.address() as AddressInfo).port;
    const listening = tlsServer;
    undo.push(() => listening.close());
  }
  const silent = tlsServer === undefined ? [] : [silentConnections(tlsServer, 'secureConnection')];
  let port: number | undefined;
  if (config.http) {
    sockets.attach(app.server);
    silent.push(silentConnections(app.server));
    await app.listen({ host: config.host, port: config.port });
    ({ port } = app.server.address() as AddressInfo);
  }

  const shown = ['0.0.0.0', '::'].includes(config.host) ? '127.0.0.1' : config.host;
  const host = shown.includes(':') ? `[${shown}]` : shown;
  const localUrl = port === undefined ? undefined : `http://${host}:${String(port)}`;
  const tlsUrl = tlsPort === undefined ? undefined : `https://${host}:${String(tlsPort)}`;
  base = config.publicUrl ?? localUrl ?? tlsUrl ?? '';
  undo.push(() => services.webhooks.close());
  await services.webhooks.start();
  const close = closer({ log, app, tlsServer, silent, store, tls, services, sockets, faults, sweep });
  return {
    url: base,
    localUrl,
    port: port ?? tlsPort ?? 0,
    tlsUrl,
    tlsPort,
    tlsCaFile: tls?.caFile,
    adminToken,
    orgId,
    routes,
    close,
  };
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

function closer(parts: {
  log: Logger;
  app: FastifyInstance;
  tlsServer: Server | undefined;
  silent: readonly { end(): void }[];
  store: Store;
  tls: Tls | undefined;
  services: Services;
  sockets: Platform['sockets'];
  faults: Platform['faults'];
  sweep: () => Promise<void>;
}): () => Promise<void> {
  const { log, app, tlsServer, silent, store, tls, services, sockets, faults, sweep } = parts;
  let sweeping: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    sweeping = sweep().catch((error: unknown) => {
      log.error({ err: error }, 'sweeping failed');
    });
  }, sweepMs);

  async function closeAll(): Promise<void> {
    clearInterval(timer);
    services.mercury.shutdown();
    await services.webhooks.close();
    faults.close();
    await sockets.close();
    for (const connections of silent) connections.end();
    const hurry = setTimeout(() => {
      app.server.closeAllConnections();
      tlsServer?.closeAllConnections();
    }, graceMs);
    const tlsClosed =
      tlsServer === undefined
        ? undefined
        : new Promise<void>((resolve) => {
            tlsServer.close(() => {
              resolve();
            });
            tlsServer.closeIdleConnections();
          });
    await app.close();
    await tlsClosed;
    clearTimeout(hurry);
    await sweeping;
    await services.mercury.close();
    await store.close();
    tls?.close();
  }
  let closing: Promise<void> | undefined;
  return () => (closing ??= closeAll());
}
