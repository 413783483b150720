import type { Listenable } from '../kit/events.js';
import type { Gap } from './host.js';

/** The part of a WebSocket that is used; the browser's and ws's both fit. */
export interface SocketLike {
  onopen: ((event: never) => unknown) | null;
  onmessage: ((event: never) => unknown) | null;
  onclose: ((event: never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
  /** Sends one text frame. */
  send(text: string): void;
  /** Starts the closing handshake. */
  close(code?: number, reason?: string): void;
}
export type SocketConstructor = new (url: string) => SocketLike;

/** `waiting`: between two attempts. `closed`: permanently, until `connect` is called again. */
export type SocketState = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed';

export interface SocketEvents {
  /** Each change of connection state, once. `retryInMs` is present only when `to` is `waiting`. */
  state: {
    readonly from: SocketState;
    readonly to: SocketState;
    readonly reason?: string;
    readonly retryInMs?: number;
  };
  /** The gap after a reconnect was filled; `missed` counts events delivered late, 0 if none. */
  caughtUp: { readonly missed: number; readonly gapMs: number };
  /** Events may have been lost and no one could fetch them: read again what you show. */
  gap: Gap;
  /** The service closes this socket soon; another is being opened. */
  maintenance: { readonly url: string; readonly reason?: string };
  /** Round trip of one ping, ms. */
  latency: { readonly ms: number };
}

export interface Socket extends Listenable<SocketEvents> {
  readonly state: SocketState;
}
