// Which routes answer without an access token. Every other route refuses the request before its body is read.
import type { FastifyInstance } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';
import { notFound, unauthorized } from './errors.js';
import type { Operation } from './operation.js';

/**
 * How a route knows the caller. `token`: an access token. `admin`: the admin token. `capability`: the signed URL itself.
 * `public`: anyone may ask, or the route checks other credentials.
 */
export type Access = 'token' | 'admin' | 'capability' | 'public';

/** One route of the service. */
export interface RouteEntry {
  readonly method: string;
  /** the pattern, such as `/v1/rooms/:id` */
  readonly url: string;
  readonly access: Access;
  /** what the OpenAPI document says of it */
  readonly operation?: Operation['operation'];
}

interface OpenRoute {
  readonly access: 'capability' | 'public';
  readonly why: string;
  /** bytes that a parsed body may have, because the caller is not known yet */
  readonly bodyBytes: number;
}

const open = (why: string, kibi = 16): OpenRoute => ({ access: 'public', why, bodyBytes: kibi * 1024 });
const capability = (why: string, kibi = 16): OpenRoute => ({ ...open(why, kibi), access: 'capability' });

const page = 'a page for people without a token; its forms carry a token that is bound to the cookie';
const credentials = 'checks credentials in the request: a code, a token, a client secret or a signed JWT';
const catalog = 'a client needs it before it can sign in';
const signed = 'the URL is signed, expires, and is good for one object';

const oauth = '/idbroker/idb/oauth2/v1';
const otp = '/idbroker/idb/token/v1/actions';
const upload = '/:id/:until/:signature';

/** The routes that do not ask for an access token. A route that is not listed here needs one. */
export const openRoutes: Readonly<Record<string, OpenRoute>> = {
  'GET /': open('says what this service is and how to connect'),
  'GET /openapi.json': open('describes the REST API, nothing of anyone'),
  'GET /openapi': open('describes the REST API, nothing of anyone'),
  'GET /healthz': open('load balancers ask for it'),
  'GET /metrics': open('checks the admin or metrics token, or that the caller is a program on this machine'),
  'GET /u2c/api/v1/limited/catalog': open(catalog),
  'GET /u2c/api/v1/signin/catalog': open(catalog),
  'GET /v1/region': open(catalog),
  'POST /metrics/api/v1/clientmetrics-prelogin': open('clients report before anyone signed in', 64),
  [`GET ${oauth}/authorize`]: open(page),
  [`POST ${oauth}/authorize`]: open(page),
  [`GET ${oauth}/logout`]: open(page),
  [`POST ${oauth}/logout`]: open(credentials),
  'GET /idbroker/device': open(page),
  'POST /idbroker/device': open(page),
  'GET /idbroker/account': open(page),
  'POST /idbroker/account': open(page),
  [`POST ${oauth}/access_token`]: open(credentials),
  [`POST ${oauth}/revoke`]: open(credentials),
  'POST /oauth-helper/api/v1/actions/device/authorize': open(credentials),
  'POST /oauth-helper/api/v1/actions/device/token': open(credentials),
  'POST /v1/jwt/login': open(credentials),
  'POST /license/api/v1/users/activations': open(credentials),
  'POST /user-onboarding/api/v1/users/activations': open(credentials),
  'POST /atlas/admin/api/v1/users/activations': open(credentials),
  [`POST ${otp}/UserOTP/Generate/invoke`]: open(credentials),
  [`POST ${otp}/UserOTP/Validate/invoke`]: open(credentials),
  [`POST ${otp}/UserActivation/invoke`]: open(credentials),
  [`PUT /files/v1/uploads${upload}`]: capability(signed),
  'GET /files/v1/files/:id/signed/:until/:signature': capability(signed),
  [`PUT /client-logs/api/v1/logs/uploads${upload}`]: capability(signed),
  'GET /m/:number': open('says what to do with a meeting link, the same for every number'),
  'GET /wbxappapi/v1/captcha/:id/image': capability(
    'a picture element has no token; the id cannot be guessed',
  ),
  'GET /wbxappapi/v1/captcha/:id/audio': capability(
    'an audio element has no token; the id cannot be guessed',
  ),
  'GET /v1/recordings/:id/file/:until/:signature': capability(signed),
  'GET /lyra/api/v1/screens/:capability': capability('a screen on a wall has no token; its URL is signed'),
  'GET /support/help/:payload/:signature': capability(signed),
  'GET /support/feedback/:payload/:signature': capability(signed),
  'POST /support/feedback/:payload/:signature': capability(signed, 64),
};

/** Paths of administration, which has a token of its own, no CORS and no faults. */
export const isAdminRoute = (url: string): boolean => url === '/admin' || url.startsWith('/admin/');

// HEAD is treated as GET
const openRoute = (method: string, url: string): OpenRoute | undefined =>
  openRoutes[`${method === 'HEAD' ? 'GET' : method} ${url}`];

export function accessOf(method: string, url: string): Access {
  if (isAdminRoute(url)) return 'admin';
  return openRoute(method, url)?.access ?? 'token';
}

/**
 * Adds each route to `table` and limits the bodies of the open ones. Call it before any route is added.
 */
export function watchRoutes(app: FastifyInstance, table: RouteEntry[]): void {
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) {
      const operation = route.config?.operation;
      table.push({
        method,
        url: route.url,
        access: accessOf(method, route.url),
        ...(operation && { operation }),
      });
      const known = openRoute(method, route.url);
      if (known !== undefined) route.bodyLimit = known.bodyBytes;
    }
  });
}

/** The token of an Authorization header. */
export const bearerOf = (authorization: string | undefined): string | undefined =>
  /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
/** Compares in a time that does not depend on how much of the secret is right. */
export const isSameToken = (given: string | undefined, expected: string): boolean =>
  given !== undefined && timingSafeEqual(digest(given), digest(expected));

/**
 * Refuses requests without a good token, and those that no route serves, before their bodies are read: parsing is work
 * that only known callers may ask for. Scopes are checked by the routes.
 */
export function requireTokens(
  app: FastifyInstance,
  adminToken: string,
  isCaller: (authorization: string | undefined) => Promise<boolean>,
): void {
  app.addHook('onRequest', async (request, reply) => {
    const { url } = request.routeOptions;
    if (request.is404 || url === undefined) throw notFound();
    const { authorization } = request.headers;
    switch (accessOf(request.method, url)) {
      case 'admin':
        void reply.header('cache-control', 'no-store');
        if (!isSameToken(bearerOf(authorization), adminToken)) throw unauthorized();
        return;
      case 'token':
        if (!(await isCaller(authorization))) throw unauthorized();
    }
  });
}
