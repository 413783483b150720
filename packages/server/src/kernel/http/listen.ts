import type { FastifyInstance } from 'fastify';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Kernel } from '../kernel.js';
import type { Lifecycle } from '../lifecycle.js';
import { serverLimits } from './app.js';
import { silentConnections } from './silent-connections.js';
import type { Tls } from './tls.js';

/** ms that requests may take to finish when the service closes */
const graceMs = 5000;

export interface Listening {
  /** of the plain HTTP port; undefined when it is not open */
  readonly port: number | undefined;
  /** of the TLS port; undefined when there is none */
  readonly tlsPort: number | undefined;
}

type Listener = ReturnType<typeof createServer> | FastifyInstance['server'];

const closed = (server: Listener): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeIdleConnections();
  });

/**
 * Opens the ports for requests and sockets. Closing lets requests that are under way finish, for a while.
 *
 * @throws Error with code `EADDRINUSE` and the like when a port cannot be opened
 */
export async function listen(
  app: FastifyInstance,
  kernel: Kernel,
  tls: Tls | undefined,
  lifecycle: Lifecycle,
): Promise<Listening> {
  const { config, faults, sockets } = kernel;
  const tlsServer =
    tls &&
    createServer({ ...serverLimits(config), cert: tls.cert, key: tls.key }, (request, response) => {
      app.routing(request, response);
    });
  lifecycle.push('requests', async () => {
    const hurry = setTimeout(() => {
      app.server.closeAllConnections();
      tlsServer?.closeAllConnections();
    }, graceMs);
    await Promise.all([app.close(), tlsServer?.listening === true ? closed(tlsServer) : undefined]);
    clearTimeout(hurry);
  });
  const attach = (server: Listener, event?: 'secureConnection'): void => {
    sockets.attach(server);
    const silent = silentConnections(server, event);
    lifecycle.push('silent connections', () => {
      silent.end();
    });
  };
  if (tlsServer !== undefined) attach(tlsServer, 'secureConnection');
  if (config.http) attach(app.server);
  lifecycle.push('sockets', () => sockets.close());
  lifecycle.push('faults', () => {
    faults.close();
  });
  if (tlsServer !== undefined)
    await new Promise<void>((resolve, reject) => {
      tlsServer.once('error', reject);
      tlsServer.listen(config.tlsPort ?? 0, config.host, () => {
        tlsServer.off('error', reject);
        resolve();
      });
    });
  if (config.http) await app.listen({ host: config.host, port: config.port });
  const portOf = (server: Listener): number => (server.address() as AddressInfo).port;
  return {
    port: config.http ? portOf(app.server) : undefined,
    tlsPort: tlsServer && portOf(tlsServer),
  };
}
