/// <reference lib="esnext.disposable" preserve="true" />
import type { WdmDevice } from '@trunkline/wire';
import type { Clock } from './clock.js';
import type { Token, TokenFunction } from './credentials/token.js';
import type { Listenable } from '../kit/events.js';
import type {
  AnyEvent,
  HttpResponse,
  CallInit,
  ClientConfig,
  ClientEvents,
  Interceptor,
  RequestOptions,
} from './host.js';
import type { Logger } from './log.js';
import type { SocketSharing } from '../realtime/transport.js';
import type { Socket, SocketConstructor } from './socket.js';
import type { Added, NotCalled, PluginOrPlugins, Uncalled } from './plugin.js';
import type { RegisteredPlugins } from './registry.js';
import type { Storage } from '../storage/index.js';

export interface ClientOptions {
  /** An access token, a token with its expiry, or a function that gets one; see `refreshToken` for the usual one. */
  readonly token: string | Token | TokenFunction;
  /** Base URL of a self-hosted service; everything else follows from its catalog. Left out: the Webex cloud. */
  readonly service?: string;
  readonly config?: ClientConfig;
  readonly fetch?: typeof fetch;
  readonly WebSocket?: SocketConstructor;
  /** `sharedSocket()`: one device and one socket for all tabs of a person. Left out: each client has its own. */
  readonly socket?: SocketSharing;
  /**
   * Steps around every request of this client: of its plugins, of the encryption engine, uploads, downloads, lists, and
   * the registration of the device. Requests for tokens are not among them: they go to the token function's `fetch`.
   * Within a phase they run in this order, before those of plugins.
   *
   * @example
   * const timing: Interceptor = {
   *   name: 'timing',
   *   phase: 'send',
   *   async run(request, next) {
   *     const startedMs = performance.now();
   *     const response = await next(request);
   *     console.log(request.method, request.url.pathname, response.status, performance.now() - startedMs);
   *     return response;
   *   },
   * };
   * const client = createClient({ token, interceptors: [timing] });
   */
  readonly interceptors?: readonly Interceptor[];
  /** The beginning of every tracking id of this client. Default: `trunkline_` and a random uuid. */
  readonly trackingIdPrefix?: string;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly storage?: Storage;
}

export interface ClientBase extends Listenable<ClientEvents> {
  /**
   * Receives every event: of the client, its socket, each frame of the wire (once, also where no plugin knows it)
   * and of every plugin, in the order in which they happen and each before its own listeners. For inspectors and logs: it
   * makes no plugin listen and no socket open. What frames hold is as the service sent it, message text included.
   *
   * @returns an unsubscribe function; nothing comes after `close()`
   * @example client.onAny(({ source, type, event }) => console.debug(source, type, event));
   */
  onAny(listener: (event: AnyEvent) => void, options?: { readonly signal?: AbortSignal }): () => void;
  /** Resolves when the token is good and the catalog is here. No socket yet. */
  ready(init?: CallInit): Promise<void>;
  /** Registers the device and opens the socket; once for all callers. Plugins call it when they need it. */
  connect(init?: CallInit): Promise<WdmDevice>;
  /** Closes the socket and keeps the device: what happens meanwhile waits at the service for the next `connect`. */
  disconnect(): Promise<void>;
  /** Registers the device without opening the socket; one that is registered is asked for again. */
  register(init?: CallInit): Promise<WdmDevice>;
  /** Closes the socket and removes the device; the next `connect` registers another. */
  unregister(init?: CallInit): Promise<void>;
  /** The realtime connection. Its `state` is `idle` until someone connects. */
  readonly socket: Socket;
  /** The registered device, once there is one. */
  readonly device: WdmDevice | undefined;
  /**
   * Loads parts that are otherwise loaded on first use, such as `realtime` (by `connect`) or, with `e2ee()`, `files`.
   * Without a name: all of the installed plugins.
   *
   * @throws {SdkError} `ERR_ARGUMENT` for an unknown name; `ERR_MODULE_LOAD`, retryable
   * @example await client.preload('realtime', 'files');
   */
  preload(...names: readonly string[]): Promise<void>;
  /** Any request through the same pipeline, for what no plugin covers. */
  request<T = unknown>(options: RequestOptions): Promise<HttpResponse<T>>;
  /** Adds plugins later: same client, wider type. */
  use<const P extends PluginOrPlugins>(plugin: P): this & Added<readonly [P]>;
  /** Cancels everything, unregisters an ephemeral device, closes the socket. Idempotent; afterwards calls reject with `ERR_CLIENT_CLOSED`. */
  close(): Promise<void>;
  /** Closes the client at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>;
}
export type Client<P extends readonly PluginOrPlugins[] = readonly []> = ClientBase & Added<P>;
export interface CreateClient<Options extends ClientOptions = ClientOptions> {
  /** Without `plugins`: all that were registered, by `import '@trunkline/polls/register'` or by script tag. */
  (options: Options & { readonly plugins?: undefined }): ClientBase & RegisteredPlugins;
  <const P extends readonly PluginOrPlugins[]>(options: Options & { readonly plugins: P }): Client<P>;
  /** Matches no correct call: its type error names the plugin that was passed without being called. */
  <const P extends readonly (PluginOrPlugins | Uncalled)[]>(
    options: Options & { readonly plugins: NotCalled<P> },
  ): never;
}
