import {
  memoryStorage,
  sdkError,
  silentLogger,
  type AnyEvent,
  type HttpResponse,
  type ClientEvents,
  type Gap,
  type GapOutcome,
  type Host,
  type Interceptor,
  type RequestOptions,
  type WireEvents,
  type WireListener,
} from '@trunkline/core';
import { createLate } from '@trunkline/core/kit';
import type { EventFrame, WdmDevice } from '@trunkline/wire';
import { fakeClock } from './fake-clock.js';

/** What a fake host may be given instead of its defaults. */
export interface FakeHostParts extends Partial<
  Pick<Host, 'clock' | 'storage' | 'log' | 'config' | 'connect' | 'serviceUrl' | 'clusterOf' | 'accessToken'>
> {
  /**
   * What the service answers: a body, an {@link answer} with headers, or a promise of either; throw to refuse. Give a
   * stub to look at the calls afterwards. Default: rejects with `ERR_NETWORK`, which names the request.
   */
  readonly request?: (options: RequestOptions) => unknown;
  /** neighbours, by plugin name */
  readonly peers?: Readonly<Record<string, unknown>>;
}

/** A host without a client: what a plugin asks of it can be stubbed and watched. */
export interface FakeHost extends Host {
  /** Hands `data` to the listeners of an event type of the wire; answers what each of them returned. */
  fire<Type extends keyof WireEvents>(type: Type, data: WireEvents[Type]): readonly (void | Promise<void>)[];
  /** Asks the gap listeners, as after a reconnect. */
  gap(gap: Gap): Promise<readonly GapOutcome[]>;
  /** Runs what was given to `onClose`, last come first. */
  close(): Promise<void>;
  /** calls of `connect` */
  readonly connects: number;
  /** listeners of the wire, all types */
  readonly wireListeners: number;
  /** what was given to `trace`: what `client.onAny` would receive */
  readonly traced: readonly AnyEvent[];
  /** what was given to `report` */
  readonly reports: readonly { readonly error: unknown; readonly context: string }[];
  /** what was given to `emit` */
  readonly emitted: readonly { readonly type: keyof ClientEvents; readonly event: unknown }[];
  readonly interceptors: readonly Interceptor[];
}

const answers = new WeakSet();

/** An answer with status or headers, for the `request` of {@link fakeHost}. A bare value means 200 and no headers. */
export function answer<T>(
  body: T,
  init: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): HttpResponse<T> {
  const made = { status: init.status ?? 200, headers: new Headers(init.headers), body };
  answers.add(made);
  return made;
}

const device: WdmDevice = {
  url: 'https://cloud.test/wdm/devices/00000000-0000-4000-8000-00000000000d',
  webSocketUrl: 'wss://cloud.test/mercury',
  userId: '00000000-0000-4000-8000-0000000000aa',
  features: { developer: [], entitlement: [], user: [] },
};

/**
 * A host for unit tests of a plugin or engine.
 *
 * @example
 * const request = sinon.stub().resolves({ id: 'r1', title: 'Ops' });
 * const client = createRooms(fakeHost({ request }));
 * await client.create({ title: 'Ops' });
 * sinon.assert.calledWithMatch(request, { method: 'POST', path: 'rooms' });
 */
export function fakeHost(parts: FakeHostParts = {}): FakeHost {
  const { request, peers = {}, ...rest } = parts;
  const wire = new Map<string, Set<(data: never, frame: EventFrame) => void | Promise<void>>>();
  const gaps = new Set<(gap: Gap) => Promise<GapOutcome>>();
  const closers: (() => void | Promise<void>)[] = [];
  const traced: AnyEvent[] = [];
  const reports: { error: unknown; context: string }[] = [];
  const emitted: { type: keyof ClientEvents; event: unknown }[] = [];
  const interceptors: Interceptor[] = [];
  let trackingIds = 0;
  let connects = 0;
  let frames = 0;
  return {
    clock: fakeClock(),
    storage: memoryStorage(),
    log: silentLogger,
    config: {
      request: { timeoutMs: 30_000, maxRetries: 4, maxRateLimitWaitMs: 60_000 },
      mercury: {
        pingIntervalMs: 15_000,
        pongTimeoutMs: 14_000,
        openTimeoutMs: 10_000,
        backoffBaseMs: 1000,
        backoffMaxMs: 32_000,
        maxRetries: Infinity,
      },
      device: { name: 'fake' },
      userAgent: '',
      services: {},
    },
    serviceUrl: (service) => Promise.resolve(`https://cloud.test/${service}`),
    clusterOf: () => 'us',
    accessToken: () => Promise.resolve('fake-token'),
    ...rest,
    async request<T>(options: RequestOptions): Promise<HttpResponse<T>> {
      options.signal?.throwIfAborted();
      if (request === undefined) {
        const name = `${options.method ?? 'GET'} ${options.url ?? `${options.service ?? ''}/${options.path ?? ''}`}`;
        throw sdkError('ERR_NETWORK', `fakeHost has no answer for ${name}; give it a request function`);
      }
      const value = await request(options);
      const made = typeof value === 'object' && value !== null && answers.has(value);
      return (made ? value : answer(value)) as HttpResponse<T>;
    },
    async connect(init) {
      connects += 1;
      return parts.connect ? parts.connect(init) : device;
    },
    nextTrackingId: () => `fake_${String((trackingIds += 1))}`,
    intercept(interceptor) {
      interceptors.push(interceptor);
      return () => {
        interceptors.splice(interceptors.indexOf(interceptor), 1);
      };
    },
    onWire<Type extends keyof WireEvents>(type: Type, listener: WireListener<WireEvents[Type]>) {
      const listeners = wire.get(type) ?? new Set();
      wire.set(type, listeners.add(listener));
      return () => {
        listeners.delete(listener);
      };
    },
    onGap(listener) {
      gaps.add(listener);
      return () => {
        gaps.delete(listener);
      };
    },
    emit: (type, event) => {
      emitted.push({ type, event });
    },
    report: (error, context) => {
      reports.push({ error, context });
    },
    trace: (source, type, event) => {
      traced.push({ source, type, event });
    },
    late: createLate,
    peer: (name) => peers[name] as never,
    onClose: (run) => {
      closers.push(run);
    },
    fire(type, data) {
      frames += 1;
      const frame = { id: `frame-${String(frames)}`, data, sequenceNumber: frames };
      return [...(wire.get(type) ?? [])].map((listener) => listener(data as never, frame));
    },
    gap: (gap) => Promise.all([...gaps].map((listener) => listener(gap))),
    async close() {
      for (let run = closers.pop(); run; run = closers.pop()) await run();
    },
    get connects() {
      return connects;
    },
    get wireListeners() {
      return [...wire.values()].reduce((sum, listeners) => sum + listeners.size, 0);
    },
    reports,
    traced,
    emitted,
    interceptors,
  };
}
