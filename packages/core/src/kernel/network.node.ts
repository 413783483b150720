import type { ClientOptions as WsOptions } from 'ws';
import type { ClientOptions } from './client.js';
import type { SocketConstructor, SocketLike } from './socket.js';
import { explained } from './network-error.node.js';
import { load } from './ws.node.js';

/** What can be said of the way to the service in Node only. */
export interface NodeNetwork {
  /** Handed to `fetch` as its `dispatcher`: undici's `Agent` or `ProxyAgent`, with the certificate authority in it. */
  readonly dispatcher?: { dispatch(options: never, handler: never): boolean };
  /** Handed to `ws` as its `agent`, such as an `HttpsProxyAgent`. */
  readonly agent?: { destroy(): void };
  /** Handed to `ws` as its `ca`: PEM of the authorities to trust. For requests it belongs into `dispatcher`. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
}

type WsSocket = new (url: string, options?: WsOptions) => SocketLike;
let made: WsSocket | undefined;
/** `ws`, loaded when the first socket opens; what is wrong with certificate or proxy is named before it is reported. */
const socketClass = (): WsSocket =>
  (made ??= class extends load().WebSocket {
    override emit(type: string, ...values: unknown[]): boolean {
      return super.emit(type, ...(type === 'error' ? values.map(explained) : values));
    }
  });

/** The WebSocket of Node. By its type no one who installs core needs the types of `ws`. */
export const NodeSocket = function (url: string, options?: WsOptions) {
  return new (socketClass())(url, options);
} as unknown as SocketConstructor;

/** The options with a fetch and a WebSocket that go that way. */
export function throughNetwork<Options extends Pick<ClientOptions, 'fetch' | 'WebSocket'> & NodeNetwork>(
  options: Options,
): Options {
  // options that are none are refused where all are looked at
  if (typeof options !== 'object' || (options as unknown) === null) return options;
  const { fetch: own, WebSocket: OwnSocket, dispatcher, agent, ca } = options;
  if (own !== undefined && typeof own !== 'function') return options;
  const fetcher: typeof fetch = (input, init) =>
    (own ?? globalThis.fetch)(
      input,
      dispatcher === undefined ? init : ({ ...init, dispatcher } as never),
    ).catch((error: unknown) => {
      throw explained(error);
    });
  if (agent === undefined && ca === undefined) return { ...options, fetch: fetcher };
  const Socket: WsSocket = OwnSocket ?? NodeSocket;
  const settings = { agent, ca } as WsOptions;
  const WebSocket = function (url: string) {
    return new Socket(url, settings);
  } as unknown as SocketConstructor;
  return { ...options, fetch: fetcher, WebSocket };
}
