import { createLate } from '../kit/late.js';
import type { RealtimeModule } from './realtime.js';
import type { SocketConstructor } from './socket.js';

/** What differs between the entries for browsers and for Node. */
export interface Platform {
  readonly name: 'web' | 'node';
  /** Looked up when it is used. Undefined where there is none. */
  WebSocket(): SocketConstructor | undefined;
  readonly upload?: Upload;
  /** Loads the real-time part; by default with `import()`. */
  readonly realtime?: () => Promise<RealtimeModule>;
}

export const loadRealtime = (): Promise<RealtimeModule> => import('../realtime/index.js');

/** Sends as `send` does, and reports the upload progress. */
export type Upload = (
  send: typeof fetch,
  url: string,
  init: RequestInit,
  tell: (sentBytes: number, totalBytes?: number) => void,
) => Promise<Response>;

const xhr = createLate('upload', () => import('./request/upload.js'));

/** Browsers, workers and whatever else has web standard APIs. */
export const web: Platform = {
  name: 'web',
  WebSocket: () => (globalThis as { WebSocket?: SocketConstructor }).WebSocket,
  upload: async (...sending) => (await xhr()).uploadByXhr(...sending),
};
