import type { CallInit, Host, ResolvedConfig } from '../kernel/host.js';
import type { Clock } from '../kernel/clock.js';
import type { Logger } from '../kernel/log.js';
import type { SocketConstructor } from '../kernel/socket.js';
import type { Devices } from './device/devices.js';
import type { Connection, ConnectionParts } from './mercury/connection.js';

/** How a client reaches its device and the socket of it: by itself, or together with other clients. */
export interface Transport {
  readonly devices: Devices;
  readonly open: (parts: ConnectionParts) => Connection;
}

export interface TransportParts {
  /** the transport of a client that shares nothing */
  readonly own: Transport;
  readonly WebSocket: () => SocketConstructor;
  readonly clock: Clock;
  readonly log: Logger;
  readonly config: ResolvedConfig;
  readonly request: Host['request'];
  readonly serviceUrl: (name: string, init?: CallInit) => Promise<string>;
  readonly report: (error: unknown, context: string) => void;
  /** ends the wait between two connection attempts */
  readonly wake: () => void;
}

/** A way to share one device and one socket, see `sharedSocket`. Opaque: made by core, given to core. */
export type SocketSharing = (parts: TransportParts) => Transport;
