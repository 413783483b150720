import type { Clock } from '../clock.js';
import type { Devices } from '../device/devices.js';
import type { CallInit, Host } from '../host.js';
import type { Logger } from '../log.js';
import type { ResolvedConfig } from '../host.js';
import type { Connection, ConnectionParts } from './connection.js';
import type { SocketConstructor } from './socket.js';

/** How a client reaches its device and the socket of it: by itself, or together with others. */
export interface Link {
  readonly devices: Devices;
  readonly open: (parts: ConnectionParts) => Connection;
}

export interface LinkParts {
  /** what the client would do alone */
  readonly own: Link;
  readonly WebSocket: () => SocketConstructor;
  readonly clock: Clock;
  readonly log: Logger;
  readonly config: ResolvedConfig;
  readonly request: Host['request'];
  readonly serviceUrl: (name: string, init?: CallInit) => Promise<string>;
  readonly report: (error: unknown, context: string) => void;
  /** a socket that waits between two attempts tries now */
  readonly wake: () => void;
}

/** A way to share one device and one socket, see `sharedSocket`. Opaque: made by core, given to core. */
export type SocketSharing = (parts: LinkParts) => Link;
