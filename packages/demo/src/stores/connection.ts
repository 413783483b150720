import { signal, type ReadonlySignal } from '@preact/signals';
import type { SocketState } from '@trunkline/core';
import type { DemoClient } from '../session/client.js';

export interface ConnectionStatus {
  readonly state: SocketState;
  /** whether it was open before: only then something was lost */
  readonly wasOpen: boolean;
  readonly reason?: string;
  /** epoch ms of the next attempt */
  readonly retryAtMs?: number;
}
export interface Connection {
  readonly status: ReadonlySignal<ConnectionStatus>;
  /** No good token can be had. */
  readonly authExpired: ReadonlySignal<boolean>;
  /** The service said that it goes away soon; another connection is being opened. */
  readonly maintenance: ReadonlySignal<boolean>;
  /** of the last ping, ms */
  readonly latencyMs: ReadonlySignal<number | undefined>;
  readonly retryNow: () => void;
  close(): void;
}

export function createConnection(client: DemoClient): Connection {
  const status = signal<ConnectionStatus>({ state: client.socket.state, wasOpen: false });
  const authExpired = signal(false);
  const maintenance = signal(false);
  const latencyMs = signal<number | undefined>(undefined);
  const ends = [
    client.socket.on('state', ({ to, reason, retryInMs }) => {
      const wasOpen = status.peek().wasOpen || to === 'open';
      status.value = {
        ...{ state: to, wasOpen },
        ...(reason !== undefined && { reason }),
        ...(retryInMs !== undefined && { retryAtMs: Date.now() + retryInMs }),
      };
      if (to === 'open') {
        authExpired.value = false;
        maintenance.value = false;
      }
    }),
    client.socket.on('latency', ({ ms }) => (latencyMs.value = Math.round(ms))),
    client.socket.on('maintenance', () => (maintenance.value = true)),
    client.socket.on('caughtUp', () => (maintenance.value = false)),
    client.on('authExpired', () => (authExpired.value = true)),
    client.on('tokenRefreshed', () => (authExpired.value = false)),
  ];
  return {
    ...{ status, authExpired, maintenance, latencyMs },
    retryNow() {
      if (status.peek().state === 'closed')
        client.connect().catch(() => undefined); // the banner says it
      // the client tries at once when the browser says that the network is back; so do we
      else window.dispatchEvent(new Event('online'));
    },
    close: () => {
      for (const end of ends) end();
    },
  };
}
