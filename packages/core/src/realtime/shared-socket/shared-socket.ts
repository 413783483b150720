import { isSdkError } from '../../kernel/errors.js';
import type { Transport, TransportParts, SocketSharing } from '../transport.js';
import { tabEnvironment, type TabEnvironment } from './environment.js';
import { joinTabs, type Tab } from './tab.js';

export interface SharedSocketOptions {
  /**
   * What the tabs that share have in common besides the service, such as the id of who is signed in. Left out: the
   * service is asked who it is (`GET /people/me`, once in each tab).
   */
  readonly name?: string;
}

/**
 * One device and one socket for all tabs of an origin in which the same person is signed in to the same service. One
 * tab keeps the socket, the others receive events from it; when it closes, crashes or hangs, another takes over. Every event
 * comes in every tab, once in each, and is acknowledged when all are done with it. `client.close()` removes the device
 * with the last tab; `client.unregister()` leaves it alone while another tab is there.
 *
 * Where Web Locks or BroadcastChannel are missing (old browsers, pages without https, Node before 24) the client has a socket
 * of its own, and says so in its log (`info`).
 *
 * @example
 * const client = createClient({ token, service, socket: sharedSocket(), plugins: [messages()] });
 */
export const sharedSocket = (options: SharedSocketOptions = {}): SocketSharing =>
  sharedAmong(tabEnvironment, options);

/** The same, among tabs of a given making. */
export const sharedAmong =
  (around: () => TabEnvironment | undefined, { name }: SharedSocketOptions): SocketSharing =>
  (parts) =>
    shared(parts, around(), name);

function shared(
  parts: TransportParts,
  around: TabEnvironment | undefined,
  given: string | undefined,
): Transport {
  const { own, log } = parts;
  const alone = (why: string): Transport => {
    log.info({ why }, 'the socket is not shared between tabs: this client has its own');
    return own;
  };
  if (around === undefined) return alone('there are no Web Locks or no BroadcastChannel here');
  let joined: Tab | Transport | undefined;
  let joining: Promise<Tab | Transport> | undefined;

  const join = async (): Promise<Tab | Transport> => {
    let name: string;
    try {
      const service = await parts.serviceUrl('wdm');
      name = `trunkline 1 ${service} ${given ?? (await whoAmI(parts))}`;
    } catch (error) {
      if (!isSdkError(error) || !refused.includes(error.code)) throw error;
      return alone('the service does not say who is signed in; give sharedSocket a name');
    }
    try {
      return await joinTabs(parts, around, name);
    } catch (error) {
      // sandboxed frames have locks that no one may take
      log.debug({ error }, 'tabs cannot be found');
      return alone('the browser does not let tabs find each other here');
    }
  };
  const among = async (): Promise<Tab | Transport> => {
    joining ??= join();
    try {
      return (joined = await joining);
    } catch (error) {
      joining = undefined;
      throw error;
    }
  };
  return {
    open: (connection) => (joined ?? own).open(connection),
    devices: {
      get current() {
        return joined?.devices.current;
      },
      ensure: async () => (await among()).devices.ensure(),
      refresh: async () => (await among()).devices.refresh(),
      adopt: own.devices.adopt,
      remove: async () => {
        if (joining) await (await among()).devices.remove();
      },
      release: async (withinMs) => {
        const there = await joining?.catch(() => undefined);
        return (there ?? own).devices.release(withinMs);
      },
    },
  };
}

const refused: readonly string[] = [
  'ERR_FORBIDDEN',
  'ERR_NOT_FOUND',
  'ERR_BAD_RESPONSE',
  'ERR_UNKNOWN_SERVICE',
];

async function whoAmI({ request }: TransportParts): Promise<string> {
  const { body } = await request<{ readonly id: string }>({ service: 'hydra', path: '/people/me' });
  return body.id;
}
