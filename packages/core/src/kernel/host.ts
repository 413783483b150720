// The contract between core and plugins: what a plugin may use of the client it was given to. Types only.
import type { EventData, EventFrame, Peers, ServiceName, WdmDevice } from '@trunkline/wire';
import type { Late } from '../kit/late.js';
import type { Clock } from './clock.js';
import type { Logger } from './log.js';
import type { SocketEvents } from './socket.js';
import type { Storage } from '../storage/index.js';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type QueryScalar = string | number | boolean | Date;
export type QueryValue = QueryScalar | readonly (QueryScalar | null | undefined)[] | null | undefined;

/** Per-call extras of every public call. */
export interface CallInit {
  /** Aborted calls reject with the signal's own reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds for one attempt, see `config.request.timeoutMs`. */
  readonly timeoutMs?: number;
}

/** Upload progress. */
export interface UploadProgress {
  /** Handed to the network; begins again at 0 when the request is sent again. The last is `totalBytes`. */
  readonly sentBytes: number;
  /** of the whole body; undefined for a stream */
  readonly totalBytes?: number;
}

/** Per-call extras of calls that may send much. */
export interface UploadInit extends CallInit {
  /**
   * Receives the upload progress. Browsers need `XMLHttpRequest` for it (none in service workers), and do without it for
   * streams and where `createClient` was given a `fetch`: then nothing comes.
   */
  readonly onProgress?: (progress: UploadProgress) => void;
}

/** One request, `fetch`-shaped. Either `service` and `path`, or `url`. */
export interface RequestOptions extends UploadInit {
  readonly method?: Method;
  /** A service of the catalog; `path` is resolved below it. */
  readonly service?: ServiceName;
  readonly path?: string;
  /** An absolute URL, such as a page link or a conversation's own. A token is sent only below a catalog service. */
  readonly url?: string;
  /** A Date is sent in ISO 8601; null and undefined are left out; an array becomes one comma-joined value. */
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Plain objects and arrays travel as JSON; FormData, Blob, bytes, streams and URLSearchParams as they are. */
  readonly body?: unknown;
  /** How to read the answer; `json` by default. `response` leaves the body unread. */
  readonly as?: 'json' | 'text' | 'bytes' | 'response';
  /** `false`: no token even below a catalog service (upload URLs, public routes). */
  readonly auth?: boolean;
  /** Further attempts of this call, instead of `config.request.maxRetries`. */
  readonly maxRetries?: number;
  /** A POST or PATCH that may be sent again after a lost answer, because the service knows it by an id of ours. */
  readonly idempotent?: boolean;
}

/** A successful answer (status < 400; everything else is a typed error). */
export interface HttpResponse<T = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** What fetch takes as a body. Not `BodyInit`, which only the types of browsers have. */
export type RequestBody = NonNullable<RequestInit['body']>;

/** A request on its way through the pipeline; interceptors may change it. */
export interface PipelineRequest {
  method: Method;
  url: URL;
  readonly headers: Headers;
  body: RequestBody | null;
  /** the catalog service the URL lies below, if any */
  readonly service: ServiceName | undefined;
  /** as it was asked for */
  readonly options: RequestOptions;
  /** counts replays of any kind, from 0 */
  readonly attempt: number;
}

/** `prepare` runs once per call; the other phases run once per attempt. Within a phase: order of registration. */
export type Phase = 'prepare' | 'authorise' | 'send' | 'check';

/**
 * A step of the request pipeline. `run` may change the request, call `next` (again, too), and change or replace the
 * response. What it throws rejects the call. Given as `interceptors` to `createClient`.
 */
export interface Interceptor {
  readonly name: string;
  readonly phase: Phase;
  /** Handles one request; calls `next` to pass it on. */
  run(request: PipelineRequest, next: (request: PipelineRequest) => Promise<Response>): Promise<Response>;
}

/**
 * Events of the wire, by `data.eventType`. Plugins and engines add theirs by declaration merging.
 * The value is the frame's `data`.
 */
export interface WireEvents {
  'mercury.buffer_state': EventData;
}

export type WireListener<Data> = (data: Data, frame: EventFrame) => void | Promise<void>;

/** What happened while the socket was away, when no one can replay it. */
export interface Gap {
  /** epoch ms, when the socket was last known to be open */
  readonly sinceMs: number;
  readonly untilMs: number;
  /** frames the service says are past its retention; undefined when it does not redeliver at all */
  readonly lost: number | undefined;
}

/** What a gap listener could do about it. */
export interface GapOutcome {
  /** events it delivered late */
  readonly missed: number;
}

export interface Host {
  /**
   * Sends a request through the pipeline.
   *
   * @throws {SdkError} `ERR_HTTP_…` by status, `ERR_NETWORK`, `ERR_TIMEOUT`, `ERR_AUTH_EXPIRED`, `ERR_CLIENT_CLOSED`
   */
  request<T = unknown>(options: RequestOptions): Promise<HttpResponse<T>>;
  /** Another tracking id, unique in this client, for requests that set the header themselves. */
  nextTrackingId(): string;
  /** Adds a step to this client's pipeline; returns a function that removes it. */
  intercept(interceptor: Interceptor): () => void;
  /**
   * Listens to one event type of the socket. Frames come in the order the service numbered them, each once. A listener
   * that returns nothing is done; one that returns a promise holds back the acknowledgement of that frame, not the
   * next frames (order across a promise is the listener's own affair: see `createKeyedQueue`). Returns an unsubscribe function.
   * Listening does not open the socket: `connect` does.
   */
  onWire<Type extends keyof WireEvents>(type: Type, listener: WireListener<WireEvents[Type]>): () => void;
  /**
   * Called after a reconnect that left a gap which the service did not fill, before any newer frame is dispatched. Core waits for all answers, then emits
   * `caughtUp`; when no one is here to ask, or one throws, it emits `gap`. Returns an unsubscribe function.
   */
  onGap(listener: (gap: Gap) => Promise<GapOutcome>): () => void;
  /**
   * Registers the device and opens the socket, once for all callers; resolves with the device when the socket is open.
   *
   * @throws {SdkError} when it cannot permanently (`ERR_AUTH_EXPIRED`, `ERR_FORBIDDEN`, `ERR_CLIENT_CLOSED`), or `signal`
   */
  connect(init?: CallInit): Promise<WdmDevice>;
  /** The base URL of a service, no trailing slash. @throws {SdkError} `ERR_UNKNOWN_SERVICE` */
  serviceUrl(service: ServiceName, init?: CallInit): Promise<string>;
  /** Cluster part of public ids for a URL's host, `us` when the catalog does not say. Known once connected or ready. */
  clusterOf(url: string): string;
  /** The present access token, refreshed when need be. For messages that carry it inside (KMS). Never log it. */
  accessToken(init?: CallInit): Promise<string>;
  /** Emits on the client: `client.on(type, …)`. */
  emit<Type extends keyof ClientEvents>(type: Type, event: ClientEvents[Type]): void;
  /** Reports what went wrong where no caller waits: logged, and `error` on the client. Never throws. */
  report(error: unknown, context: string): void;
  /** Shows an event of yours to `client.onAny`; costs nothing while no one listens. `createEventSource` does it by itself. */
  trace(source: string, type: string, event: unknown): void;
  /**
   * Returns the API of another plugin on this client, or `undefined` when it is not installed. Types come from `Peers` of
   * `@trunkline/wire`, to which each plugin adds itself. Call it when you use the peer, because a plugin can be added
   * later; in `setup` only for plugins listed in `needs`.
   *
   * @example const poll = await host.peer('polls')?.get(id);
   */
  peer<Name extends keyof Peers>(name: Name): Peers[Name] | undefined;
  /**
   * Wraps the `import()` of a part of your plugin that is loaded on first use, and makes it known to
   * `client.preload(name)`. A load that fails rejects with `ERR_MODULE_LOAD`, and the next call tries again.
   *
   * @example const files = host.late('files', () => import('./files/index.js'));
   */
  late<Part>(name: string, load: () => Promise<Part>): Late<Part>;
  readonly log: Logger;
  readonly clock: Clock;
  readonly storage: Storage;
  readonly config: ResolvedConfig;
  /** Runs when the client closes, last come first. */
  onClose(run: () => void | Promise<void>): void;
}

/** Durations are milliseconds. All have defaults, see `defaults.ts`. */
export interface ClientConfig {
  readonly request?: {
    /** for one attempt, default 30 000; 0 means none */
    readonly timeoutMs?: number;
    /** further attempts of what is safe to repeat, default 4 */
    readonly maxRetries?: number;
    /** how long a rate-limited call may be held back before it rejects, default 60 000 */
    readonly maxRateLimitWaitMs?: number;
  };
  readonly mercury?: {
    readonly pingIntervalMs?: number;
    readonly pongTimeoutMs?: number;
    /** no first event frame within this: the socket is closed and tried again, default 10 000 */
    readonly openTimeoutMs?: number;
    readonly backoffBaseMs?: number;
    readonly backoffMaxMs?: number;
    /** default: never gives up */
    readonly maxRetries?: number;
  };
  readonly device?: {
    readonly name?: string;
    /** Seconds. Given: the device is ephemeral and keeps itself alive. */
    readonly ttlS?: number;
  };
  /** Stands before everything the SDK says of itself, such as `my-bot/1.0`. */
  readonly userAgent?: string;
  /** Base URLs that win over every catalog. @source protocol/identity-and-services.md §1 */
  readonly services?: Readonly<Record<string, string>>;
}
type Full<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> };
/** Resolved once, frozen. */
export interface ResolvedConfig {
  readonly request: Full<NonNullable<ClientConfig['request']>>;
  readonly mercury: Full<NonNullable<ClientConfig['mercury']>>;
  readonly device: { readonly name: string; readonly ttlS?: number };
  readonly userAgent: string;
  readonly services: Readonly<Record<string, string>>;
}

/** One event of any kind, see `client.onAny`. */
export interface AnyEvent {
  /** `client`, `socket`, `wire` for a frame of the service, or the name of a plugin */
  readonly source: string;
  /** as in `on(type, …)`; of a frame: its `data.eventType` */
  readonly type: string;
  /** the payload; of a frame: its `data` */
  readonly event: unknown;
}

/** What a client says of itself. Payloads are one object each. */
export interface ClientEvents {
  /** A rate limit holds back calls below `route`. */
  rateLimited: { readonly route: string; readonly retryAfterMs: number };
  /** The token was refreshed. */
  tokenRefreshed: { readonly expiresAtMs?: number };
  /** No good token can be had; calls fail with `ERR_AUTH_EXPIRED` until one appears. */
  authExpired: { readonly error: Error };
  /** The service goes down for a while, or to another machine; a new socket is being opened. No event is lost by it. */
  maintenance: SocketEvents['maintenance'];
  /** Something failed where no caller waits. */
  error: { readonly error: unknown; readonly context: string };
}
