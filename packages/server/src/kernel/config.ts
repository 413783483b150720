import { isIP } from 'node:net';
import path from 'node:path';
import { addressList } from './http/client-address.js';

/** What the service is started with. The command line's options have the same names in kebab-case. */
export interface ServerOptions {
  /** default 127.0.0.1 */
  readonly host?: string;
  /** 0 picks a free one; default 8080 */
  readonly port?: number;
  /** a second port with the same routes over TLS; 0 picks a free one */
  readonly tlsPort?: number;
  /** `false`: only the TLS port is opened, so `tlsPort` is required; default `true` */
  readonly http?: boolean;
  readonly tlsCertFile?: string;
  readonly tlsKeyFile?: string;
  /** what absolute URLs begin with; default: what the Host header says */
  readonly publicUrl?: string;
  /**
   * Addresses of proxies in front of the service, or networks such as `10.0.0.0/8`, or `loopback`: what they say in
   * `X-Forwarded-For` and `X-Forwarded-Proto` is believed. Default: none.
   */
  readonly trustedProxies?: readonly string[];
  /** a folder, or `memory` (default): a temporary one, removed at the end */
  readonly data?: string;
  /**
   * A file with 32 bytes, raw or base64 (`openssl rand -base64 32`). Default DIR/master.key, which is created with mode
   * 0600 at the first start. `TRUNKLINE_MASTER_KEY` (base64) takes precedence.
   */
  readonly masterKeyFile?: string;
  /** `demo`: the five demo people, Ana Lima first; a JSON file; `none` (default) */
  readonly seed?: string;
  /** webhooks and file URLs may go to private addresses; only when bound to loopback */
  readonly allowPrivateTargets?: boolean;
  /** addresses at which clients reach sound and picture; default: `host` */
  readonly mediaAddresses?: readonly string[];
  /** UDP port of sound and picture; default 0, a free one */
  readonly mediaPort?: number;
  /** hours that unacknowledged events are kept, default 24 */
  readonly retentionHours?: number;
  /** pino level, default `warn` */
  readonly logLevel?: string;
  /** each has a default, see {@link Config.limits} */
  readonly limits?: Partial<Config['limits']>;
}

/** {@link ServerOptions}, resolved once. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly tlsPort: number | undefined;
  readonly http: boolean;
  readonly tlsCertFile: string | undefined;
  readonly tlsKeyFile: string | undefined;
  readonly publicUrl: string | undefined;
  readonly trustedProxies: readonly string[];
  readonly data: string;
  readonly masterKeyFile: string | undefined;
  readonly masterKey: string | undefined;
  readonly seed: string;
  readonly allowPrivateTargets: boolean;
  readonly mediaAddresses: readonly string[];
  readonly mediaPort: number;
  readonly retentionMs: number;
  readonly logLevel: string;
  readonly limits: {
    /** bytes of a JSON body */
    readonly bodyBytes: number;
    /** bytes of one file */
    readonly fileBytes: number;
    /** bytes of one frame that a client sends: acknowledgements, pings and tokens are small */
    readonly frameBytes: number;
    readonly socketsPerUser: number;
    readonly devicesPerUser: number;
    /** 0: no limit. Of peers on this machine only when it was set */
    readonly requestsPerTokenPerMinute: number;
    /** likewise; an IPv6 network of 64 bits is one address */
    readonly requestsPerAddressPerMinute: number;
    /** sockets over which no token was shown yet, of all addresses … */
    readonly unauthorizedSockets: number;
    /** … and of one */
    readonly unauthorizedSocketsPerAddress: number;
    /** ms from a socket's opening to a good token */
    readonly authorizationMs: number;
    /** ms that the head of a request may take */
    readonly headersMs: number;
    /** ms that a request's body may take; large ones have longer, see `slow-bodies.ts` */
    readonly bodyMs: number;
    /** bytes of a request's head */
    readonly headerBytes: number;
    readonly webhooksPerUser: number;
    /** ms that a webhook's target may take to answer */
    readonly webhookTimeoutMs: number;
    /** ms after which a failed delivery is tried again; twice as long each time, up to 256 times as long */
    readonly webhookRetryMs: number;
    /** ms that one delivery may fail before its webhook is made inactive */
    readonly webhookGiveUpMs: number;
  };
  /** Names of the limits that were set on purpose. */
  readonly limited: ReadonlySet<string>;
  /** what opens `GET /metrics` beside the admin token: `TRUNKLINE_METRICS_TOKEN` */
  readonly metricsToken: string | undefined;
}

const defaultLimits: Config['limits'] = {
  bodyBytes: 1024 * 1024,
  fileBytes: 100 * 1024 * 1024,
  frameBytes: 16 * 1024,
  socketsPerUser: 50,
  devicesPerUser: 100,
  requestsPerTokenPerMinute: 6_000,
  requestsPerAddressPerMinute: 30_000,
  unauthorizedSockets: 10_000,
  unauthorizedSocketsPerAddress: 2_000,
  authorizationMs: 30_000,
  headersMs: 30_000,
  bodyMs: 30_000,
  headerBytes: 32 * 1024,
  webhooksPerUser: 100,
  webhookTimeoutMs: 10_000,
  webhookRetryMs: 1_000,
  webhookGiveUpMs: 24 * 3_600_000,
};
/** Names of {@link Config.limits}, as the command line takes them. */
export const limitNames: readonly string[] = Object.keys(defaultLimits);

/** An invalid option. The message names the option, and says what is expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

function checkPort(name: string, port: number): number {
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new ConfigError(`${name} must be a whole number from 0 to 65535`);
  return port;
}

function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new ConfigError(
      `public-url must be an http or https URL without query, such as https://chat.example.com`,
    );
  return text.replace(/\/+$/, '');
}

function checkProxies(entries: readonly string[]): readonly string[] {
  try {
    addressList(entries);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigError(
      `trusted-proxy: ${JSON.stringify(error.message)} is not an address; give one such as 10.0.0.7, a network such as 10.0.0.0/8, or loopback`,
    );
  }
  return entries;
}

function checkMediaAddresses(addresses: readonly string[]): readonly string[] {
  for (const address of addresses)
    if (isIP(address) === 0)
      throw new ConfigError(
        `media-address: ${JSON.stringify(address)} is not an IP address, such as 203.0.113.7`,
      );
  return addresses;
}

function checkLimits(given: ServerOptions['limits'] = {}): Config['limits'] {
  for (const [name, value] of Object.entries(given)) {
    if (!limitNames.includes(name))
      throw new ConfigError(`the limits do not include ${name}; there are: ${limitNames.join(', ')}`);
    if (!Number.isInteger(value) || value < 0)
      throw new ConfigError(`the limit ${name} must be a whole number from 0`);
  }
  return { ...defaultLimits, ...given };
}

/** @throws ConfigError that says which option is wrong, and what it may be */
export function resolveConfig(options: ServerOptions): Config {
  const host = options.host ?? '127.0.0.1';
  const data = options.data ?? 'memory';
  const logLevel = options.logLevel ?? 'warn';
  const retentionHours = options.retentionHours ?? 24;
  const allowPrivateTargets = options.allowPrivateTargets ?? false;
  if (host === '') throw new ConfigError('host must not be empty');
  if (data === '') throw new ConfigError('data must be a folder, or memory');
  if (!logLevels.includes(logLevel))
    throw new ConfigError(`log-level must be one of ${logLevels.join(', ')}`);
  if (!(retentionHours > 0)) throw new ConfigError('retention-hours must be a number above 0');
  if (allowPrivateTargets && !isLoopback(host))
    throw new ConfigError(
      'allow-private-targets is for a service bound to loopback only, such as --host 127.0.0.1',
    );
  if ((options.tlsCertFile === undefined) !== (options.tlsKeyFile === undefined))
    throw new ConfigError('tls-cert and tls-key belong together: give both or none');
  if (options.tlsCertFile !== undefined && options.tlsPort === undefined)
    throw new ConfigError('tls-cert needs tls-port');
  if (options.http === false && options.tlsPort === undefined)
    throw new ConfigError('no-http leaves no port to listen on. Give --tls-port N as well');
  const folder = data === 'memory' ? data : path.resolve(data);
  return {
    host,
    port: checkPort('port', options.port ?? 8080),
    tlsPort: options.tlsPort === undefined ? undefined : checkPort('tls-port', options.tlsPort),
    http: options.http ?? true,
    tlsCertFile: options.tlsCertFile,
    tlsKeyFile: options.tlsKeyFile,
    publicUrl: options.publicUrl === undefined ? undefined : checkUrl(options.publicUrl),
    trustedProxies: checkProxies(options.trustedProxies ?? []),
    data: folder,
    masterKeyFile: options.masterKeyFile,
    masterKey: process.env['TRUNKLINE_MASTER_KEY'],
    seed: options.seed ?? 'none',
    allowPrivateTargets,
    mediaAddresses: checkMediaAddresses(options.mediaAddresses ?? []),
    mediaPort: checkPort('media-port', options.mediaPort ?? 0),
    retentionMs: retentionHours * 3_600_000,
    logLevel,
    limits: checkLimits(options.limits),
    limited: new Set(Object.keys(options.limits ?? {})),
    metricsToken: process.env['TRUNKLINE_METRICS_TOKEN'],
  };
}
