import { createClient, type Client, type ClientOptions, type PluginOrPlugins } from '@trunkline/core';
import { startServer, type RunningServer, type ServerOptions } from '@trunkline/server';
import { watch } from './quiet.js';

/** A person with a token. Ids are bare uuids. */
export interface CloudPerson {
  readonly id: string;
  readonly orgId: string;
  readonly email: string;
  readonly displayName: string;
  readonly extension: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** seconds */
  readonly expiresIn: number;
}

/** How {@link Cloud.person} creates a person at the first call for a name. */
export interface NewCloudPerson {
  /** default: `NAME@example.com` */
  readonly email?: string;
  /** default: the name with a capital letter */
  readonly displayName?: string;
  /** for the sign-in page; without one the person has a token only */
  readonly password?: string;
  /** `bot`: receives only direct messages, and messages in groups that mention it */
  readonly roles?: readonly ('admin' | 'agent' | 'bot' | 'spark.kms_orgagent')[];
}

/** A fault to inject, see `POST /admin/v1/faults`. */
export interface Fault {
  /**
   * `status` and `delay` apply to requests, `refuse-sockets` to new sockets only (open ones stay open). `drop-sockets`
   * cuts the sockets that are open now, and `expire-tokens` ends the access tokens that exist now, once each.
   */
  readonly kind: 'drop-sockets' | 'refuse-sockets' | 'status' | 'delay' | 'expire-tokens' | 'pause-media';
  readonly match?: {
    /** beginning of the whole path, with the leading `/`: `/v1/rooms`, not `rooms` */
    readonly path?: string;
    readonly method?: string;
    /** uuid or public id of the person whose token is used */
    readonly userId?: string;
  };
  /** HTTP status, for `status` */
  readonly status?: number;
  /** seconds, for `status` */
  readonly retryAfterS?: number;
  /** for `delay` */
  readonly delayMs?: number;
  /** how many requests or sockets it applies to; default: all until it is removed */
  readonly times?: number;
  /** ms after which it ends by itself */
  readonly forMs?: number;
}

/** Removes the fault. Resolves with {@link InjectedFault.matched}. */
export interface InjectedFault {
  (): Promise<number>;
  readonly id: string;
  /** How many requests it applied to, sockets it refused or cut, or tokens it expired, so far. Also after its end. */
  matched(): Promise<number>;
}

/** A running service with people in it. Works the same for a service in another process, see {@link joinCloud}. */
export interface Cloud {
  readonly url: string;
  readonly adminToken: string;
  readonly orgId: string;
  /**
   * The person of that name, created at the first call: `ana` is ana@example.com. `options` count at the first call.
   *
   * @example const bot = await cloud.person('bot', { roles: ['bot'] });
   */
  person(name: string, options?: NewCloudPerson): Promise<CloudPerson>;
  /** A client for that person, closed with the cloud at the latest, watched by `expectQuiet`. */
  client<const P extends readonly PluginOrPlugins[]>(
    person: CloudPerson | string,
    plugins: P,
    options?: Partial<ClientOptions>,
  ): Promise<Client<P>>;
  /** One client each. */
  clients<const Names extends readonly string[], const P extends readonly PluginOrPlugins[]>(
    names: Names,
    plugins: () => P,
    options?: Partial<ClientOptions>,
  ): Promise<{ readonly [K in keyof Names]: Client<P> }>;
  /**
   * Injects a fault. The result removes it, and says how often it matched: a test whose fault never matched tests nothing.
   *
   * @throws Error with status 400 for a match that could never apply, such as a path without a leading `/`
   * @example
   * const undo = await cloud.fault({ kind: 'status', status: 503, times: 1, match: { path: '/v1/rooms' } });
   * await client.rooms.list().page(); // succeeds: the client retries
   * expect(await undo()).to.equal(1);
   */
  fault(fault: Fault): Promise<InjectedFault>;
  /** Any call of the admin API. @throws Error with status and text when it is refused */
  admin<T = unknown>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T>;
  /** Closes every client made here, then the service. */
  close(): Promise<void>;
}

/** A service that runs already, perhaps in another process. */
export function joinCloud(
  service: { readonly url: string; readonly adminToken: string; readonly orgId: string },
  closeService: () => Promise<void> = () => Promise.resolve(),
): Cloud {
  const people = new Map<string, Promise<CloudPerson>>();
  const open = new Set<{ close(): Promise<void> }>();

  async function admin<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${service.url}/admin/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${service.adminToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
  const person: Cloud['person'] = (name, options) => {
    let found = people.get(name);
    if (found === undefined) {
      const displayName = name.charAt(0).toUpperCase() + name.slice(1);
      found = admin<CloudPerson>('POST', 'users', { email: `${name}@example.com`, displayName, ...options });
      people.set(name, found);
    }
    return found;
  };
  const client: Cloud['client'] = async (who, plugins, options = {}) => {
    const { accessToken } = typeof who === 'string' ? await person(who) : who;
    const watched = watch((probes) =>
      createClient({ token: accessToken, service: service.url, ...probes, ...options, plugins }),
    );
    open.add(watched);
    return watched;
  };
  return {
    ...service,
    person,
    client,
    clients: async (names, plugins, options) =>
      (await Promise.all(names.map((name) => client(name, plugins(), options)))) as never,
    fault: async (fault) => {
      const { id } = await admin<{ id: string }>('POST', 'faults', fault);
      const matched = async (): Promise<number> =>
        (await admin<{ matched: number }>('GET', `faults/${id}`)).matched;
      const undo = async (): Promise<number> => {
        await admin('DELETE', `faults/${id}`);
        return matched();
      };
      return Object.assign(undo, { id, matched });
    },
    admin,
    close: async () => {
      await Promise.all([...open].map((each) => each.close()));
      await closeService();
    },
  };
}

/**
 * The whole service in this process, on a free port, in a temporary folder: no account, no internet.
 *
 * @example
 * const cloud = await startCloud();
 * const [ana, ben] = await cloud.clients(['ana', 'ben'], () => [rooms(), messages()]);
 * await cloud.close();
 */
export async function startCloud(
  options: ServerOptions = {},
): Promise<Cloud & { readonly server: RunningServer }> {
  const server = await startServer({ port: 0, ...options });
  return { ...joinCloud(server, () => server.close()), server };
}
