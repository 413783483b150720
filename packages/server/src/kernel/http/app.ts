import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, LogController } from 'fastify';
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { isAdminRoute, type RouteEntry, watchRoutes } from './access.js';
import { jsonBodies } from './bodies.js';
import { ApiError, badRequest, notFound } from './errors.js';
import { type RateLimitOptions, rateLimits } from './rate-limits.js';
import { slowBodies } from './slow-bodies.js';
import { storageFault } from './storage-faults.js';
import { isGoodHost } from './urls.js';

const exposed = 'link, etag, retry-after, trackingid, cisco-location, content-disposition';
const methods = 'GET, POST, PUT, PATCH, DELETE, OPTIONS';

/** The request's tracking id: the client's own when it is fit to be repeated, else a new one. */
const trackingIdOf = (header: string | readonly string[] | undefined): string =>
  typeof header === 'string' && /^[\x21-\x7e]{1,200}$/.test(header)
    ? header
    : `TRUNKLINE_${randomBytes(16).toString('hex')}`;

/** What fastify refuses by itself, in words of ours: its own may quote the request. */
const refusals: Readonly<Record<number, string>> = {
  400: 'The request is not well formed.',
  408: 'The body did not arrive in time.',
  413: 'The body is larger than this service takes.',
  415: 'This service does not take a body of this media type.',
};

/**
 * Any origin may read the answers, except those of administration and metrics. What counts is the route, not the path:
 * `//admin` and `/%61dmin` lead to the same one.
 */
function cors(app: FastifyInstance): void {
  // so that the router attributes preflights and unknown paths, too
  const nothing = (): never => {
    throw notFound();
  };
  app.all('/admin', nothing);
  app.all('/admin/*', nothing);
  app.route({ method: ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], url: '/metrics', handler: nothing });
  app.addHook('onRequest', (request, reply, done) => {
    const { url } = request.routeOptions;
    if (url !== undefined && (url === '/metrics' || isAdminRoute(url))) {
      done();
      return;
    }
    void reply.header('access-control-allow-origin', '*').header('access-control-expose-headers', exposed);
    if (request.method !== 'OPTIONS') {
      done();
      return;
    }
    const wanted = request.headers['access-control-request-headers'];
    void reply
      .header('access-control-allow-methods', methods)
      .header('access-control-max-age', '600')
      .header('vary', 'access-control-request-headers');
    if (wanted !== undefined) void reply.header('access-control-allow-headers', wanted);
    void reply.code(204).send();
  });
}

function sendError(
  reply: FastifyReply,
  thrown: FastifyError | ApiError,
  trackingId: string,
  log: Logger,
): FastifyReply {
  const full = storageFault(thrown);
  if (full !== undefined) log.error({ err: thrown, trackingId }, 'the disk is full: nothing can be stored');
  const error = full ?? thrown;
  if (error instanceof ApiError) {
    const { errorCode, retryAfterS, body } = error.options;
    if (retryAfterS !== undefined) void reply.header('retry-after', String(retryAfterS));
    return reply.code(error.status).send(
      body ?? {
        message: error.message,
        errors: [{ description: error.message }],
        trackingId,
        ...(errorCode === undefined ? {} : { errorCode }),
      },
    );
  }
  const status = error.statusCode ?? 500;
  const known = status >= 400 && status < 500;
  // a schema's complaint names the field and what it should be, nothing of ours
  const text =
    error.validation === undefined ? refusals[status] : `The request is not valid: ${error.message}.`;
  const message = known
    ? (text ?? 'The request could not be handled.')
    : 'Something went wrong in the service.';
  // a client that goes away in the middle of an upload has not found a fault of ours
  const gone = error.code === 'ECONNRESET' && reply.raw.socket?.destroyed !== false;
  if (!known) log[gone ? 'debug' : 'error']({ err: error, trackingId }, 'a request failed');
  return reply.code(known ? status : 500).send({ message, errors: [{ description: message }], trackingId });
}

/** What Node itself refuses: heads that never end or are too large. */
export const serverLimits = ({ limits }: Config) => ({
  maxHeaderSize: limits.headerBytes,
  headersTimeout: limits.headersMs,
  connectionsCheckingInterval: Math.min(5000, limits.headersMs),
});

/**
 * Fastify with what every service shares: tracking ids, CORS, bodies, errors, logs.
 *
 * @param options `routes` is filled with the routes as they are added
 */
export function createApp(
  config: Config,
  log: Logger,
  { routes = [], ...rates }: RateLimitOptions & { readonly routes?: RouteEntry[] } = {},
): FastifyInstance {
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.limits.bodyBytes,
    forceCloseConnections: 'idle',
    // long enough for a large file on a slow line, not for ever
    requestTimeout: 600_000,
    http: serverLimits(config),
    genReqId: (raw) => trackingIdOf(raw.headers['trackingid']),
    routerOptions: {
      ignoreTrailingSlash: true,
      ignoreDuplicateSlashes: true,
      // a membership's id has 136 characters
      maxParamLength: 1000,
    },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: false } },
  }) as unknown as FastifyInstance;
  watchRoutes(app, routes);
  jsonBodies(app);
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('trackingid', request.id);
    const { host } = request.raw.headers;
    // absolute URLs are made from it
    if (config.publicUrl === undefined && host !== undefined && host !== '' && !isGoodHost(host))
      done(badRequest('The Host header is not a valid host name or address with an optional port.'));
    else done();
  });
  slowBodies(app, config.limits.bodyMs);
  cors(app);
  rateLimits(app, config, rates);
  app.addHook('onResponse', (request, reply, done) => {
    // the route only: paths hold capabilities to upload and download, queries and headers other secrets
    const { method, id: trackingId } = request;
    const route = request.routeOptions.url ?? 'none';
    log.debug(
      { method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime), trackingId },
      'answered',
    );
    done();
  });
  app.setErrorHandler<FastifyError | ApiError>((error, request, reply) =>
    sendError(reply, error, request.id, log),
  );
  app.setNotFoundHandler((request, reply) =>
    sendError(reply, new ApiError(404, 'The requested resource could not be found.'), request.id, log),
  );
  return app;
}
