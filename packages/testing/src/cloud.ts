import { createClient, type Client, type ClientOptions, type PluginOrPlugins } from '@trunkline/core';
import { startServer, type RunningServer, type ServerOptions } from '@trunkline/server';
import { watch } from './quiet.js';

/** Somebody who can sign in. Ids are bare uuids. */
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

/** A fault to inject, see `POST /admin/v1/faults`. Durations as named. */
export interface Fault {
  readonly kind: 'drop-sockets' | 'refuse-sockets' | 'status' | 'delay' | 'expire-tokens' | 'pause-media';
  readonly match?: { readonly path?: string; readonly method?: string; readonly userId?: string };
  readonly status?: number;
  readonly retryAfterS?: number;
  readonly delayMs?: number;
  readonly times?: number;
  readonly forMs?: number;
}

/** A running service with people in it. Works the same for a service in another process, see {@link joinCloud}. */
export interface Cloud {
  readonly url: string;
  readonly adminToken: string;
  readonly orgId: string;
  /** The person of that name, made at the first call: `ana` is ana@example.com. */
  person(name: string): Promise<CloudPerson>;
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
  /** Injects a fault; the answer takes it back. */
  fault(fault: Fault): Promise<() => Promise<void>>;
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
  const person = (name: string): Promise<CloudPerson> => {
    let found = people.get(name);
    if (found === undefined) {
      const displayName = name.charAt(0).toUpperCase() + name.slice(1);
      found = admin<CloudPerson>('POST', 'users', { email: `${name}@example.com`, displayName });
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
      return async () => {
        await admin('DELETE', `faults/${id}`);
      };
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
