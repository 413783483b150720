import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Config } from '../config.js';
import { clientAddress } from './client-address.js';
import type { Faults } from './faults.js';
import { addressKey } from './rate-limits.js';
import { isGoodHost } from './urls.js';

/** A path on which a service takes sockets. */
export interface SocketRoute {
  readonly path: RegExp;
  accept(socket: WebSocket, request: IncomingMessage, match: RegExpExecArray): void;
  /** whose socket it will be, as far as the path says; faults ask */
  userIdOf(match: RegExpExecArray): Promise<string | undefined>;
}

/** Every WebSocket of this process, of whatever service. */
export interface Sockets {
  route(route: SocketRoute): void;
  attach(server: Pick<Server, 'on'>): void;
  /** Says whose it is, once that is known. */
  own(socket: WebSocket, userId: string): void;
  /** How many are open, and of how many of them no one knows whose they are. */
  counts(): { readonly open: number; readonly unauthorized: number };
  /** How many this person has open. */
  countOf(userId: string): number;
  /** Cuts sockets without a close frame (1006): all, or one person's, or those below a path. Returns how many. */
  drop(match?: { readonly userId?: string | undefined; readonly path?: string | undefined }): number;
  /** Refuses new ones, closes those that are open with 1001, and waits for their end. */
  close(): Promise<void>;
}

/** ms that a client has to answer our close frame */
const closeWaitMs = 1000;

function refuse(socket: Duplex, status: string, headers = ''): void {
  socket.end(`HTTP/1.1 ${status}\r\n${headers}connection: close\r\ncontent-length: 0\r\n\r\n`);
}

export function createSockets(config: Config, log: Logger, faults: Faults): Sockets {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: config.limits.frameBytes,
  });
  const routes: SocketRoute[] = [];
  const open = new Map<WebSocket, string | undefined>();
  const owned = new Map<string, number>();
  // those that showed no token yet, by address
  const unauthenticated = new Map<string, number>();
  const addressOf = new Map<WebSocket, string>();
  const pathOf = new WeakMap<WebSocket, string>();
  let closing = false;
  let allClosed: (() => void) | undefined;

  function authenticated(socket: WebSocket): void {
    const address = addressOf.get(socket);
    if (address === undefined) return;
    addressOf.delete(socket);
    const left = (unauthenticated.get(address) ?? 1) - 1;
    if (left > 0) unauthenticated.set(address, left);
    else unauthenticated.delete(address);
  }
  const { unauthorizedSockets: most, unauthorizedSocketsPerAddress: mostOfOne } = config.limits;
  const crowded = (address: string): boolean =>
    addressOf.size >= most || (unauthenticated.get(address) ?? 0) >= mostOfOne;

  function disown(socket: WebSocket): void {
    const userId = open.get(socket);
    if (userId === undefined) return;
    const left = (owned.get(userId) ?? 1) - 1;
    if (left > 0) owned.set(userId, left);
    else owned.delete(userId);
  }

  function track(socket: WebSocket, address: string): void {
    open.set(socket, undefined);
    addressOf.set(socket, address);
    unauthenticated.set(address, (unauthenticated.get(address) ?? 0) + 1);
    socket.on('close', () => {
      authenticated(socket);
      disown(socket);
      open.delete(socket);
      if (open.size === 0) allClosed?.();
    });
    // too large a frame, bad UTF-8 and the like: ws closes the socket with the right code by itself
    socket.on('error', (error) => {
      log.debug({ err: error }, 'a socket failed');
    });
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    for (const route of routes) {
      const match = route.path.exec(path);
      if (match === null) continue;
      const { host } = request.headers;
      if (config.publicUrl === undefined && host !== undefined && host !== '' && !isGoodHost(host)) {
        refuse(socket, '400 Bad Request');
        return;
      }
      const asked = { path, method: 'GET', userId: () => route.userIdOf(match) };
      if (closing || (await faults.strike('refuse-sockets', asked)) !== undefined) {
        refuse(socket, '503 Service Unavailable');
        return;
      }
      if (socket.destroyed) return;
      const address = addressKey(clientAddress(config, request));
      if (crowded(address)) {
        refuse(socket, '503 Service Unavailable', 'retry-after: 10\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, (accepted) => {
        track(accepted, address);
        pathOf.set(accepted, path);
        route.accept(accepted, request, match);
      });
      return;
    }
    refuse(socket, '404 Not Found');
  }

  return {
    route: (route) => {
      routes.push(route);
    },
    attach: (httpServer) => {
      httpServer.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        // stays on: one that was refused can still break off, and an error without a listener ends the process
        socket.on('error', () => {
          socket.destroy();
        });
        upgrade(request, socket, head).catch((error: unknown) => {
          log.error({ err: error }, 'a socket could not be opened');
          socket.destroy();
        });
      });
    },
    own: (socket, userId) => {
      if (!open.has(socket)) return;
      authenticated(socket);
      disown(socket);
      open.set(socket, userId);
      owned.set(userId, (owned.get(userId) ?? 0) + 1);
    },
    counts: () => ({ open: open.size, unauthorized: addressOf.size }),
    countOf: (userId) => owned.get(userId) ?? 0,
    drop: ({ userId, path } = {}) => {
      const chosen = [...open].filter(
        ([socket, owner]) =>
          (userId === undefined || owner === userId) &&
          (path === undefined || pathOf.get(socket)?.startsWith(path) === true),
      );
      for (const [socket] of chosen) socket.terminate();
      return chosen.length;
    },
    close: async () => {
      closing = true;
      if (open.size === 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => {
          for (const socket of open.keys()) socket.terminate();
        }, closeWaitMs);
        allClosed = () => {
          clearTimeout(timer);
          resolve();
        };
        for (const socket of open.keys()) socket.close(1001, 'the service is going away');
      });
    },
  };
}
