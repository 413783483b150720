import type { FastifyRequest } from 'fastify';
import { randomBytes } from 'node:crypto';
import type { Config } from '../config.js';
import { clientUsesTls } from './client-address.js';

/**
 * Where each service of the catalog lies. No catalog base URL is a prefix of another (conversation and identityLookup
 * are one service under two names): clients attribute a URL to the first service it begins with.
 */
export const servicePaths = {
  conversation: '/conversation/api/v1',
  identityLookup: '/conversation/api/v1',
  hydra: '/v1',
  wdm: '/wdm/api/v1',
  u2c: '/u2c/api/v1',
  encryption: '/encryption/api/v1',
  feature: '/feature/api/v1',
  metrics: '/metrics/api/v1',
  idbroker: '/idbroker',
  identity: '/identity',
  files: '/files/v1',
  apheleia: '/apheleia/api/v1',
  lyra: '/lyra/api/v1',
  locus: '/locus/api/v1',
  'webex-appapi-service': '/wbxappapi/v1',
  hecate: '/hecate/api/v1',
  calliopeDiscovery: '/calliope/api/discovery/v1',
  proximity: '/proximity/api/v1',
  argonaut: '/argonaut/api/v1',
  atlas: '/atlas/admin/api/v1',
  clientLogs: '/client-logs/api/v1',
  'oauth-helper': '/oauth-helper/api/v1',
  license: '/license/api/v1',
  'user-onboarding': '/user-onboarding',
} as const;
export type ServedService = keyof typeof servicePaths;

const isServed = (name: string): name is ServedService => Object.hasOwn(servicePaths, name);

/** Absolute URLs are made per answer, from `--public-url` or the Host header, and are never stored. */
export interface Urls {
  /** `http://host:port`, no trailing slash */
  readonly base: string;
  service(name: string): string;
  conversation(id: string): string;
  activity(id: string): string;
}

/** URLs below a base such as `http://127.0.0.1:8080`. */
export function urlsAt(base: string): Urls {
  const conversation = base + servicePaths.conversation;
  return {
    base,
    service: (name) => {
      if (!isServed(name)) throw new Error(`unknown service ${name}`);
      return base + servicePaths[name];
    },
    conversation: (id) => `${conversation}/conversations/${id}`,
    activity: (id) => `${conversation}/activities/${id}`,
  };
}

/** A device's URL, which is its identity on the wire. */
export const deviceUrl = (urls: Urls, id: string): string => `${urls.service('wdm')}/devices/${id}`;
/** The id in a device URL, whatever its base; undefined when it is none. */
export const deviceIdOf = (url: string): string | undefined =>
  /\/wdm\/api\/v1\/devices\/([0-9a-f-]{36})\/?$/.exec(url)?.[1];
/** Base of the sockets of all devices. Clients recognise a socket URL by the word `mercury`. */
export const socketBase = '/mercury/v1/apps/wx2';
/** Path of a device's socket. */
export const socketPath = (deviceId: string): string => `${socketBase}/registrations/${deviceId}/messages`;
/** Matches such a path; its group is the device's id. */
export const socketPattern = new RegExp(`^${socketPath('([0-9a-f-]{36})')}/?$`);

// a word that no one can know: it stands for the base in events until they are written
const placeholder = `http://${randomBytes(16).toString('hex')}.invalid`;

/**
 * For writers of events: absolute URLs are never stored, so these begin with a placeholder, which each socket's frame has
 * replaced by the base that this client uses. Not for answers: those use `kernel.urls(request)`.
 */
export const eventUrls: Urls = urlsAt(placeholder);

// a control character never stands raw in JSON text, so no content can contain it
const baseMark = '\u0001';

/** JSON text of an event with the base left open. */
export const maskBase = (data: object): string => JSON.stringify(data).replaceAll(placeholder, baseMark);
/** The same text for a client that uses `base`. */
export const unmaskBase = (payload: string, base: string): string => payload.replaceAll(baseMark, base);

const hostPattern = /^[a-z0-9._-]+(:\d{1,5})?$|^\[[0-9a-f:.]+\](:\d{1,5})?$/i;

/** Whether a Host header can be the host of a URL: also `1.2.3.4.5`, `x:99999` and `xn--a` cannot. */
export const isGoodHost = (host: string): boolean =>
  host.length <= 260 && hostPattern.test(host) && URL.canParse(`http://${host}`);

/** What absolute URLs in an answer begin with: `--public-url`, else scheme and host that this client used. */
export function baseOf(
  config: Config,
  request: { readonly host: string | undefined; readonly tls: boolean; readonly port: number | undefined },
): string {
  if (config.publicUrl !== undefined) return config.publicUrl;
  const scheme = request.tls ? 'https' : 'http';
  // without the header, the address at which the request arrived
  const host =
    request.host !== undefined && isGoodHost(request.host)
      ? request.host
      : `${config.host.includes(':') ? `[${config.host}]` : config.host}:${String(request.port ?? config.port)}`;
  return `${scheme}://${host}`;
}

/** {@link baseOf} for a plain request (or socket upgrade) of Node. */
export const baseOfRaw = (config: Config, raw: FastifyRequest['raw']): string =>
  baseOf(config, { host: raw.headers.host, tls: clientUsesTls(config, raw), port: raw.socket.localPort });
