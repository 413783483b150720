import { WebSocket, type ClientOptions as WsOptions } from 'ws';
import type { ClientOptions, CreateClient } from './client.js';
import { createClientFor } from './create-client.js';
import { explained } from './network-error.node.js';
import { countedUpload } from './request/upload.node.js';

/** What can be said of the way to the service in Node only. */
export interface NodeClientOptions extends ClientOptions {
  /** Handed to `fetch` as its `dispatcher`: undici's `Agent` or `ProxyAgent`, with the certificate authority in it. */
  readonly dispatcher?: { dispatch(options: never, handler: never): boolean };
  /** Handed to `ws` as its `agent`, such as an `HttpsProxyAgent`. */
  readonly agent?: { destroy(): void };
  /** Handed to `ws` as its `ca`: PEM of the authorities to trust. For requests it belongs into `dispatcher`. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
}

class NodeSocket extends WebSocket {
  // what is wrong with certificate or proxy gets its name before anybody hears of it
  override emit(type: string, ...values: unknown[]): boolean {
    return super.emit(type, ...(type === 'error' ? values.map(explained) : values));
  }
}

const create = createClientFor({
  name: 'node',
  // Node 20 has none of its own, and later ones cannot be told to end at once
  WebSocket: () => NodeSocket,
  upload: countedUpload,
});

/**
 * Makes a client. Nothing travels before the first call.
 *
 * @throws {SdkError} `ERR_CONFIG`, `ERR_PLUGIN_CLASH`, `ERR_PLUGIN_MISSING`, `ERR_NOT_A_PLUGIN`, `ERR_CORE_MISMATCH`
 * @example const client = createClient({ token, service: 'http://127.0.0.1:8080' });
 * @example
 * // through a proxy, to a service with a certificate authority of its own
 * const dispatcher = new ProxyAgent({ uri: proxy, requestTls: { ca } }); // of undici
 * const client = createClient({ token, service, dispatcher, agent: new HttpsProxyAgent(proxy), ca });
 */
export const createClient: CreateClient<NodeClientOptions> = (options: NodeClientOptions) =>
  create(network(options)) as never;

function network(options: NodeClientOptions): ClientOptions {
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
  const Socket = (OwnSocket ?? NodeSocket) as new (url: string, options: WsOptions) => WebSocket;
  const settings = { agent, ca } as WsOptions;
  return {
    ...options,
    fetch: fetcher,
    WebSocket: class extends Socket {
      constructor(url: string) {
        super(url, settings);
      }
    },
  };
}
