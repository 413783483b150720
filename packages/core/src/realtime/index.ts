// The part of a client that is loaded when it connects: device registration and socket.
import type { HttpResponse, RequestOptions } from '../kernel/host.js';
import { createDevices, type Devices } from './device/devices.js';
import { openConnection } from './mercury/connection.js';
import { createMercury, type Mercury, type MercuryParts } from './mercury/mercury.js';
import type { SocketSharing } from './transport.js';

export type { GapListener } from './mercury/catch-up.js';

/** What the kernel gives to the real-time part. */
export interface RealtimeParts extends Omit<MercuryParts, 'transport'> {
  readonly request: <T>(options: RequestOptions, outlives?: boolean) => Promise<HttpResponse<T>>;
  readonly serviceUrl: (name: string) => Promise<string>;
  readonly sharing: SocketSharing | undefined;
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
