import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { VERSION } from '../version.js';
import type { Config } from './config.js';
import { bearerOf, isSameToken } from './http/access.js';
import { unauthorized } from './http/errors.js';
import { isLoopbackPeer } from './http/rate-limits.js';

/** What the hot paths count: plain numbers, read on request. */
export interface Counts {
  framesSent: number;
  framesAcked: number;
  framesReplayed: number;
  /** attempts that a target answered with 2xx */
  webhooksDelivered: number;
  /** all others */
  webhooksFailed: number;
  /** webhooks made inactive because their target failed */
  webhooksDisabled: number;
}
export const noCounts = (): Counts => ({
  framesSent: 0,
  framesAcked: 0,
  framesReplayed: 0,
  webhooksDelivered: 0,
  webhooksFailed: 0,
  webhooksDisabled: 0,
});

/** What is asked when the metrics are read. */
export interface MetricSources {
  sockets(): { readonly open: number; readonly unauthorized: number };
  /** writes queued or under way */
  writesWaiting(): number;
  /** deliveries that webhook targets still have to receive */
  webhooksWaiting(): number;
  /** events that are stored and not handed to the sockets yet */
  outboxWaiting(): Promise<number>;
}

export interface Metrics {
  readonly counts: Counts;
  /** a COMMIT: how many writes, seconds */
  readonly committed: (writes: number, seconds: number) => void;
  /** Counts requests of this app, and answers `GET /metrics`. */
  register(app: FastifyInstance, sources: MetricSources, adminToken: string): void;
}

const tokenRoute = '/idbroker/idb/oauth2/v1/access_token';
const pageRoute = '/idbroker/idb/oauth2/v1/authorize';
const guestRoute = '/v1/jwt/login';

/** Which way a user signs in by this request; undefined when they do not. */
function loginBy(method: string, route: string): string | undefined {
  if (method !== 'POST') return undefined;
  if (route === tokenRoute) return 'token';
  if (route === pageRoute) return 'page';
  return route === guestRoute ? 'guest' : undefined;
}

/**
 * Who may read: with the admin token or `TRUNKLINE_METRICS_TOKEN` anybody; without, programs on this machine as long as
 * no proxy stands before the service, for then everybody comes from this machine.
 */
function mayRead(config: Config, request: FastifyRequest, adminToken: string): boolean {
  const token = bearerOf(request.headers.authorization);
  if (token !== undefined)
    return [adminToken, config.metricsToken].some(
      (expected) => expected !== undefined && isSameToken(token, expected),
    );
  const forwarded = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via', 'origin'].some(
    (name) => request.headers[name] !== undefined,
  );
  return config.publicUrl === undefined && !forwarded && isLoopbackPeer(request.raw.socket.remoteAddress);
}

/** What `GET /metrics` shows, of one service: nothing of it is shared with another one in the same process. */
export function createMetrics(config: Config): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counts = noCounts();
  const requests = new Histogram({
    name: 'trunkline_http_request_duration_seconds',
    help: 'Requests by route, method and status, and how long they took',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  const logins = new Counter({
    name: 'trunkline_logins_total',
    help: 'Attempts to get tokens, by way (page, token, guest) and outcome',
    labelNames: ['way', 'outcome'] as const,
    registers,
  });
  const build = new Gauge({
    name: 'trunkline_build_info',
    help: 'Always 1; the labels are the versions of the service and of Node',
    labelNames: ['version', 'node_version'] as const,
    registers,
  });
  build.set({ version: VERSION, node_version: process.version }, 1);
  const batch = new Histogram({
    name: 'trunkline_write_batch_size',
    help: 'Writes that one COMMIT held',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers,
  });
  const commit = new Histogram({
    name: 'trunkline_write_batch_seconds',
    help: 'From BEGIN to the end of COMMIT, which is when the log is on disk',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1],
    registers,
  });
  const counter = (name: string, help: string, read: () => number): void => {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  const gauge = (name: string, help: string, read: () => number | Promise<number>): void => {
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set(await read());
      },
    });
  };

  counter('trunkline_frames_sent_total', 'Durable events sent to sockets', () => counts.framesSent);
  counter(
    'trunkline_frames_acked_total',
    'Durable events that clients acknowledged',
    () => counts.framesAcked,
  );
  counter(
    'trunkline_frames_replayed_total',
    'Of those sent: again, to devices that were away',
    () => counts.framesReplayed,
  );
  counter(
    'trunkline_webhook_deliveries_total',
    'Deliveries that a webhook target answered with 2xx',
    () => counts.webhooksDelivered,
  );
  counter('trunkline_webhook_failures_total', 'Attempts to deliver that failed', () => counts.webhooksFailed);
  counter(
    'trunkline_webhooks_disabled_total',
    'Webhooks made inactive because their target failed',
    () => counts.webhooksDisabled,
  );
  counter('process_cpu_seconds_total', 'CPU of this process, user and system', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge('process_resident_memory_bytes', 'Memory of this process', () => process.memoryUsage.rss());
  gauge('process_start_time_seconds', 'When this process started', () => performance.timeOrigin / 1000);

  return {
    counts,
    committed: (writes, seconds) => {
      batch.observe(writes);
      commit.observe(seconds);
    },
    register: (app, sources, adminToken) => {
      gauge('trunkline_sockets_open', 'Open sockets', () => sources.sockets().open);
      gauge(
        'trunkline_sockets_unauthorized',
        'Of those: no one showed a token yet',
        () => sources.sockets().unauthorized,
      );
      gauge('trunkline_write_queue_depth', 'Writes queued or under way', () => sources.writesWaiting());
      gauge(
        'trunkline_webhook_waiting_deliveries',
        'Deliveries that webhook targets still have to receive',
        () => sources.webhooksWaiting(),
      );
      gauge('trunkline_outbox_waiting_events', 'Events stored and not handed to sockets yet', () =>
        sources.outboxWaiting(),
      );
      app.addHook('onResponse', (request, reply, done) => {
        // the template, never the path: that holds ids
        const route = request.routeOptions.url ?? 'none';
        const { method } = request;
        requests.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
        const way = loginBy(method, route);
        if (way !== undefined) logins.inc({ way, outcome: reply.statusCode < 400 ? 'ok' : 'refused' });
        done();
      });
      app.get('/metrics', async (request, reply) => {
        if (!mayRead(config, request, adminToken)) throw unauthorized();
        return reply
          .header('cache-control', 'no-store')
          .type(registry.contentType)
          .send(await registry.metrics());
      });
    },
  };
}
