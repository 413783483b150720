/// <reference lib="esnext.disposable" preserve="true" />
import type { WdmDevice } from '@trunkline/wire';
import { createCatalog } from './catalog/catalog.js';
import type { Client, ClientBase, ClientOptions, CreateClient } from './client.js';
import { checkInit } from '../kit/arguments.js';
import { systemClock } from './clock.js';
import { createCredentials } from './credentials/credentials.js';
import { baseUrl, checkOptions, resolveConfig } from './defaults.js';
import { sdkError } from './errors.js';
import { createEmitter, createSource } from '../kit/events.js';
import type { AnyEvent, HttpResponse, CallInit, ClientEvents, Host, RequestOptions } from './host.js';
import { silentLogger } from './log.js';
import { createLate, type Late } from '../kit/late.js';
import { createRealtimeHandle } from './realtime.js';
import type { SocketConstructor, SocketEvents } from './socket.js';
import { createWireListeners } from './wire-listeners.js';
import { loadRealtime, type Platform } from './platform.js';
import type { PluginOrPlugins } from './plugin.js';
import { installPlugins } from './plugins.js';
import { registeredPlugins } from './registry.js';
import { createPipeline } from './request/pipeline.js';
import { memoryStorage } from '../storage/index.js';
import { randomUuid } from '../kit/uuid.js';
import { VERSION } from './version.js';
import { race } from '../kit/wait.js';

// how long the last words may take
const GOODBYE_MS = 2_000;
const ANY_FAILED = 'a listener of client.onAny';
const ERROR_FAILED = "a listener of client.on('error')";

/** `createClient` for one platform. */
export const createClientFor =
  (platform: Platform): CreateClient =>
  (options: Parameters<typeof build>[1]) =>
    build(platform, options) as never;

function build(
  platform: Platform,
  options: ClientOptions & { readonly plugins?: readonly PluginOrPlugins[] | undefined },
): Client {
  checkOptions(options);
  const config = resolveConfig(options.config);
  const service = options.service === undefined ? undefined : baseUrl(options.service, 'service');
  const { clock = systemClock, storage = memoryStorage(), logger: log = silentLogger } = options;
  // called as a plain function, looked up at each call: pages and tests replace it
  const fetcher: typeof fetch = options.fetch
    ? (input, init) => (options.fetch ?? fetch)(input, init)
    : (input, init) => globalThis.fetch(input, init);
  const session = options.trackingIdPrefix ?? `trunkline_${randomUuid()}`;
  const ending = new AbortController();
  const closers: (() => void | Promise<void>)[] = [];
  const installed = new Map<string, unknown>();
  /** parts that are loaded on first use, by name */
  const parts = new Map<string, readonly Late<unknown>[]>();
  const closedError = sdkError('ERR_CLIENT_CLOSED', 'the client has been closed; create another one');
  let closing: Promise<void> | undefined;
  let cutOff = false;

  const any = createEmitter<{ any: AnyEvent }>((error) => {
    report(error, ANY_FAILED);
  });
  const trace = (source: string, type: string, event: unknown): void => {
    // what fails on an event is not shown the event of its failure
    if (
      any.listenerCount('any') > 0 &&
      (event as Partial<ClientEvents['error']> | undefined)?.context !== ANY_FAILED
    )
      any.emit('any', { source, type, event });
  };
  const report = (error: unknown, context: string): void => {
    log.error({ error }, context);
    // what an error listener throws is not emitted to error listeners
    if (context !== ERROR_FAILED) events.emit('error', { error, context });
  };
  const events = createSource<ClientEvents>('client', { report, trace });

  const pipeline = createPipeline({
    fetch: fetcher,
    // a page's own fetch is never bypassed; Node's is still used
    upload: platform.name === 'web' && options.fetch ? undefined : platform.upload,
    clock,
    config,
    log,
    catalog: () => catalog,
    credentials: () => credentials,
    deviceUrl: () => realtime.device?.url,
    session,
    userAgent: `${config.userAgent === '' ? '' : `${config.userAgent} `}trunkline/${VERSION} (${platform.name})`,
    rateLimited: (event) => {
      events.emit('rateLimited', event);
    },
  });
  for (const interceptor of options.interceptors ?? []) pipeline.intercept(interceptor);
  const request = <T = unknown>(what: RequestOptions, outlives?: boolean): Promise<HttpResponse<T>> =>
    cutOff ? Promise.reject(closedError) : pipeline.request(what, outlives);
  const catalog = createCatalog(service, config.services, request);
  const credentials = createCredentials(options.token, {
    clock,
    log,
    signal: ending.signal,
    fetch: fetcher,
    tokenUrl: catalog.tokenUrl,
    refreshed: ({ expiresAtMs }) => {
      events.emit('tokenRefreshed', expiresAtMs === undefined ? {} : { expiresAtMs });
      realtime.wake();
    },
    expired: (error) => {
      events.emit('authExpired', { error });
    },
  });
  const WebSocket = (): SocketConstructor => {
    const found = options.WebSocket ?? platform.WebSocket();
    if (found === undefined)
      throw sdkError(
        'ERR_ENVIRONMENT',
        'there is no WebSocket here; give one as `WebSocket` to createClient',
      );
    return found;
  };
  const listeners = createWireListeners(report);
  const late = <Part>(name: string, load: () => Promise<Part>): Late<Part> => {
    const part = createLate(name, load);
    parts.set(name, [...(parts.get(name) ?? []), part]);
    return part;
  };
  const socketEvents = createSource<SocketEvents>('socket', { report, trace });
  const realtime = createRealtimeHandle(late('realtime', platform.realtime ?? loadRealtime), {
    WebSocket,
    clock,
    log,
    config,
    credentials,
    request,
    serviceUrl: async (name) => catalog.base(name),
    sharing: options.socket,
    listeners,
    events: socketEvents,
    session,
    checkSocketUrl: catalog.checkSocketUrl,
    report,
    trace,
  });

  socketEvents.on('maintenance', (event) => {
    events.emit('maintenance', event);
  });

  // a set of our own: hundreds may wait at once, and a signal warns of its eleventh listener
  const waiting = new Set<(error: unknown) => void>();
  const untilEnd = <T>(work: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      waiting.add(reject);
      work.then(resolve, reject).finally(() => waiting.delete(reject));
      if (ending.signal.aborted) reject(closedError);
    });
  /** For what waits without a request of its own: the caller's signal and time limit, and the client's end. */
  const bounded = async <T>(work: Promise<T>, { signal, timeoutMs }: CallInit = {}): Promise<T> => {
    const byEnd = untilEnd(work);
    if (timeoutMs === undefined || timeoutMs === 0) return race(byEnd, signal);
    const limit = new AbortController();
    const stop = clock.after(
      timeoutMs,
      () => {
        limit.abort(sdkError('ERR_TIMEOUT', `no result within ${String(timeoutMs)} ms`, { retryable: true }));
      },
      { unref: true },
    );
    try {
      return await race(race(byEnd, limit.signal), signal);
    } finally {
      stop();
    }
  };
  const connect = async (given?: CallInit): Promise<WdmDevice> => {
    const init = checkInit(given, 'connect');
    if (closing) throw closedError;
    return bounded(realtime.connect(init), init);
  };

  const host: Host = {
    request: (what) => request(what),
    intercept: pipeline.intercept,
    nextTrackingId: pipeline.nextTrackingId,
    onWire: (type, listener) => listeners.add(type, listener),
    onGap: realtime.onGap,
    connect,
    serviceUrl: async (name, init) => {
      if (cutOff) throw closedError;
      const base = catalog.base(name);
      return typeof base === 'string' ? base : bounded(base, init);
    },
    clusterOf: catalog.clusterOf,
    accessToken: async (init) => {
      if (cutOff) throw closedError;
      const token = credentials.get();
      return typeof token === 'string' ? token : bounded(token, init);
    },
    emit: events.emit,
    report,
    trace,
    late,
    peer: (name) => installed.get(name) as never,
    log,
    clock,
    storage,
    config,
    onClose: (run) => {
      closers.push(run);
    },
  };

  const shutDown = async (): Promise<void> => {
    pipeline.cancel(closedError);
    if (closers.length > 0) await atMost(GOODBYE_MS, runClosers());
    cutOff = true;
    pipeline.cancel(closedError);
    ending.abort(closedError);
    for (const reject of [...waiting]) reject(closedError);
    credentials.close();
    const device = await realtime.close(closedError, GOODBYE_MS);
    if (device) await unregister(device);
    listeners.clear();
    events.removeAllListeners();
    any.removeAllListeners();
  };
  const runClosers = async (): Promise<void> => {
    for (const run of closers.splice(0).reverse()) {
      try {
        await run();
      } catch (error) {
        report(error, 'a plugin could not close');
      }
    }
  };
  const atMost = (ms: number, work: Promise<void>): Promise<void> =>
    new Promise((resolve) => {
      const stop = clock.after(ms, resolve);
      void work.then(() => {
        stop();
        resolve();
      });
    });
  /** Best effort: devices no one uses fill up the account. */
  const unregister = async ({ url }: WdmDevice): Promise<void> => {
    const token = credentials.peek();
    if (token === undefined || catalog.serviceOf(url) === undefined) return;
    const limit = new AbortController();
    const stop = clock.after(GOODBYE_MS, () => {
      limit.abort();
    });
    try {
      const headers = { authorization: `Bearer ${token}` };
      const { signal } = limit;
      await pipeline.request({ method: 'DELETE', url, headers, signal, as: 'text', maxRetries: 0 }, true);
    } catch (error) {
      log.debug({ error }, 'the device could not be removed');
    } finally {
      stop();
    }
  };

  const client: Omit<ClientBase, typeof Symbol.asyncDispose> = {
    on: events.on,
    once: events.once,
    onAny: (listener, init) => any.on('any', listener, init),
    ready: async (given) => {
      const init = checkInit(given, 'ready');
      if (closing) throw closedError;
      init?.signal?.throwIfAborted();
      await bounded(Promise.resolve(credentials.get()), init);
      await bounded(catalog.load(), init);
    },
    connect,
    disconnect: () => realtime.disconnect(),
    register: async (given) => {
      const init = checkInit(given, 'register');
      if (closing) throw closedError;
      return bounded(realtime.register(), init);
    },
    unregister: async (given) => {
      const init = checkInit(given, 'unregister');
      if (closing) throw closedError;
      await bounded(realtime.unregister(), init);
    },
    socket: realtime.socket,
    get device() {
      return realtime.device;
    },
    preload: async (...names) => {
      for (const name of names)
        if (!parts.has(name))
          throw sdkError(
            'ERR_ARGUMENT',
            `preload: expected one of ${[...parts.keys()].join(', ')}, got ${JSON.stringify(name)}. Is its plugin installed?`,
          );
      const wanted = names.length > 0 ? names : [...parts.keys()];
      await Promise.all(wanted.flatMap((name) => parts.get(name) ?? []).map((part) => part()));
    },
    request: (what) => (closing ? Promise.reject(closedError) : request(what)),
    use(plugin) {
      if (closing) throw closedError;
      installPlugins([plugin], client, installed, host);
      return client as never;
    },
    close: () => (closing ??= shutDown()),
  };
  // older browsers have no such symbol
  const dispose = (Symbol as { readonly asyncDispose?: symbol }).asyncDispose;
  if (dispose) Object.defineProperty(client, dispose, { value: client.close });
  const plugins = options.plugins ?? Object.values(registeredPlugins()).map((make) => make());
  installPlugins(plugins, client, installed, host);
  return client as Client;
}
