// The part of a client that is loaded when it connects: device registration and socket.
import type { Credentials } from '../kernel/credentials/credentials.js';
import type { Emitter } from '../kit/events.js';
import type { HttpResponse, RequestOptions, ResolvedConfig } from '../kernel/host.js';
import type { Clock } from '../kernel/clock.js';
import type { Logger } from '../kernel/log.js';
import type { SocketConstructor, SocketEvents } from '../kernel/socket.js';
import type { WireListeners } from '../kernel/wire-listeners.js';
import { createDevices, type Devices } from './device/devices.js';
import { openConnection } from './mercury/connection.js';
import type { GapListener } from './mercury/catch-up.js';
import { createMercury, type Mercury } from './mercury/mercury.js';
import type { SocketSharing } from './transport.js';

export type { GapListener } from './mercury/catch-up.js';

/** What the kernel gives to the real-time part. */
export interface RealtimeParts {
  readonly WebSocket: () => SocketConstructor;
  readonly clock: Clock;
  readonly log: Logger;
  readonly config: ResolvedConfig;
  readonly credentials: Credentials;
  readonly request: <T>(options: RequestOptions, outlives?: boolean) => Promise<HttpResponse<T>>;
  readonly serviceUrl: (name: string) => Promise<string>;
  readonly sharing: SocketSharing | undefined;
  /** listeners may be added before this part is loaded */
  readonly listeners: WireListeners;
  readonly gapListeners: ReadonlySet<GapListener>;
  readonly events: Emitter<SocketEvents>;
  readonly session: string;
  readonly checkSocketUrl: (url: string) => Promise<void>;
  readonly report: (error: unknown, context: string) => void;
  readonly trace: (source: string, type: string, event: unknown) => void;
}

export interface Realtime {
  readonly devices: Devices;
  readonly mercury: Mercury;
}

export function createRealtime(parts: RealtimeParts): Realtime {
  const { clock, log, config, report, request, WebSocket, sharing, serviceUrl } = parts;
  const own = { devices: createDevices({ clock, log, config, send: request, report }), open: openConnection };
  const transport =
    sharing?.({
      own,
      WebSocket,
      clock,
      log,
      config,
      request,
      serviceUrl,
      report,
      wake: () => {
        mercury.wake();
      },
    }) ?? own;
  const mercury = createMercury({ ...parts, transport });
  return { devices: transport.devices, mercury };
}
