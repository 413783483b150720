import type { SocketConstructor } from './mercury/socket.js';

/** What differs between the entries for browsers and for Node. */
export interface Platform {
  readonly name: 'web' | 'node';
  /** Looked up when it is used. Undefined where there is none. */
  WebSocket(): SocketConstructor | undefined;
}
/** Browsers, workers and whatever else has web standard APIs. */
export const web: Platform = {
  name: 'web',
  WebSocket: () => (globalThis as { WebSocket?: SocketConstructor }).WebSocket,
};
