// What the unit tests stand on: a clock that the test sets, a network and sockets with the test at the other end.
import type { WdmDevice } from '@trunkline/wire';
import type { Client, ClientOptions } from '../src/kernel/client.js';
import type { Clock } from '../src/kernel/clock.js';
import * as realtime from '../src/realtime/index.js';
import { createClientFor } from '../src/kernel/create-client.js';
import type { SocketLike } from '../src/kernel/socket.js';
import { definePlugin } from '../src/kernel/plugin.js';

export const SERVICE = 'http://cloud.test';
export const TOKEN = 'A_B_00000000-0000-4000-8000-000000000000';

export interface TestClock extends Clock {
  advance(ms: number): Promise<void>;
  readonly pending: number;
  /** how long the timers wait that are set, in ms from now */
  readonly delays: readonly number[];
}
export function testClock(): TestClock {
  let nowMs = Date.UTC(2030, 0, 1);
  const timers = new Set<{ atMs: number; run: () => void }>();
  return {
    now: () => nowMs,
    after: (delayMs, run) => {
      const timer = { atMs: nowMs + delayMs, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        await turn();
        const due = [...timers].sort((a, b) => a.atMs - b.atMs)[0];
        if (due === undefined || due.atMs > endMs) break;
        nowMs = Math.max(nowMs, due.atMs);
        timers.delete(due);
        due.run();
      }
      nowMs = endMs;
      await turn();
    },
    get pending() {
      return timers.size;
    },
    get delays() {
      return [...timers].map(({ atMs }) => atMs - nowMs).sort((a, b) => a - b);
    },
  };
}
/** Lets everything that is ready run; no time passes on the test's clock. */
export async function turn(times = 4): Promise<void> {
  for (let i = 0; i < times; i += 1)
    await new Promise<void>((resolve) => {
      // browsers slow nested timers down to 4 ms, but not messages
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(0);
    });
}
export async function until(what: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !what(); i += 1) await turn(1);
  if (!what()) throw new Error(`never came true: ${what.toString()}`);
}

export interface Sent {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: unknown;
  readonly signal: AbortSignal | undefined;
}
export type Route = (sent: Sent) => Response | Promise<Response>;
export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(body === undefined ? null : JSON.stringify(body), { status, headers });
/** Never answers, but ends when it is aborted, as fetch does. */
export const never: Route = ({ signal }) =>
  new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
/** One answer after the other; the last one stays. */
export const inTurn = (...routes: readonly Route[]): Route => {
  let at = 0;
  return (sent) => {
    const route = routes[Math.min(at, routes.length - 1)];
    at += 1;
    if (route === undefined) throw new Error('no route');
    return route(sent);
  };
};
export const offline: Route = () => Promise.reject(new TypeError('fetch failed'));

export const catalog = () => ({
  serviceLinks: {
    conversation: `${SERVICE}/conversation/api/v1`,
    hydra: `${SERVICE}/v1/`,
    u2c: `${SERVICE}/u2c/api/v1`,
    wdm: `${SERVICE}/wdm/api/v1`,
    idbroker: `${SERVICE}/idbroker/`,
  },
  hostCatalog: {
    'cloud.test': [{ host: 'cloud.test', ttl: -1, priority: 1, id: 'urn:TEAM:us-east-2_a:identityLookup' }],
  },
});
export const device = (n = 1): WdmDevice => ({
  url: `${SERVICE}/wdm/api/v1/devices/${String(n)}`,
  webSocketUrl: `ws://cloud.test/socket/${String(n)}?kept=1`,
  userId: '00000000-0000-4000-8000-000000000001',
  features: { developer: [], entitlement: [], user: [] },
});

export class TestSocket implements SocketLike {
  onopen: ((event: never) => unknown) | null = null;
  onmessage: ((event: never) => unknown) | null = null;
  onclose: ((event: never) => unknown) | null = null;
  onerror: ((event: never) => unknown) | null = null;
  readonly sent: string[] = [];
  closedWith: { code: number | undefined; reason: string | undefined } | undefined;
  /** whether the other side answers a close */
  polite = true;
  terminated = false;
  constructor(readonly url: string) {}
  send(text: string): void {
    this.sent.push(text);
  }
  close(code?: number, reason?: string): void {
    this.closedWith = { code, reason };
    if (this.polite)
      queueMicrotask(() => {
        this.end(code ?? 1005, reason ?? '');
      });
  }
  terminate(): void {
    this.terminated = true;
  }
  get frames(): readonly { id?: string; type?: string; messageId?: string; data?: { token?: string } }[] {
    return this.sent.map((text) => JSON.parse(text) as { id?: string });
  }
  get acks(): readonly (string | undefined)[] {
    return this.frames.filter(({ type }) => type === 'ack').map(({ messageId }) => messageId);
  }
  open(): void {
    this.onopen?.({} as never);
  }
  receive(frame: unknown): void {
    this.onmessage?.({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) } as never);
  }
  end(code: number, reason = ''): void {
    this.onclose?.({ code, reason } as never);
  }
  /** Takes the client: its state is open afterwards. */
  welcome(extra: object = {}, frame: object = {}): void {
    this.open();
    this.receive({
      id: `first-${this.url}-${String(Math.random())}`,
      data: { eventType: 'mercury.buffer_state', bufferState: 'NEW', ...extra },
      ...frame,
    });
  }
  event(id: string, extra: object = {}, frame: object = {}): void {
    this.receive({ id, data: { eventType: 'test.event', ...extra }, ...frame });
  }
  /** Answers the last ping. */
  pong(): void {
    this.receive({ id: this.frames.filter(({ type }) => type === 'ping').at(-1)?.id, type: 'pong' });
  }
}

declare module '../src/kernel/host.js' {
  interface WireEvents {
    'test.event': { readonly eventType: string; readonly n?: number };
  }
}

export interface Stage {
  readonly clock: TestClock;
  readonly sockets: TestSocket[];
  readonly sent: Sent[];
  /** requests other than catalog and device */
  readonly asked: readonly Sent[];
  readonly routes: Record<string, Route>;
  readonly fetch: typeof fetch;
  client(options?: Partial<ClientOptions>): Client;
  readonly socket: TestSocket;
}

/** Routes by `METHOD /path`; what is not named answers 200 `{}`. */
export function stage(routes: Record<string, Route> = {}): Stage {
  const clock = testClock();
  const sockets: TestSocket[] = [];
  const sent: Sent[] = [];
  const all: Record<string, Route> = {
    'GET /u2c/api/v1/catalog': () => json(catalog()),
    'POST /wdm/api/v1/devices': () => json(device()),
    ...routes,
  };
  const fetcher: typeof fetch = async (input, init) => {
    const url = new URL(typeof input === 'string' ? input : input instanceof URL ? input.href : input.url);
    const one: Sent = {
      method: init?.method ?? 'GET',
      url,
      headers: new Headers(init?.headers),
      body: init?.body,
      signal: init?.signal ?? undefined,
    };
    one.signal?.throwIfAborted();
    sent.push(one);
    const route = all[`${one.method} ${url.pathname}`] ?? all[`* ${url.origin}`];
    await Promise.resolve();
    return route === undefined ? json({}) : route(one);
  };
  class Socket extends TestSocket {
    constructor(url: string) {
      super(url);
      sockets.push(this);
    }
  }
  const createClient = createClientFor({
    name: 'web',
    WebSocket: () => Socket,
    realtime: () => Promise.resolve(realtime),
  });
  return {
    clock,
    sockets,
    sent,
    get asked() {
      return sent.filter(({ url }) => !/^\/(u2c|wdm)\//.test(url.pathname));
    },
    routes: all,
    fetch: fetcher,
    client: (options) => createClient({ token: TOKEN, service: SERVICE, clock, fetch: fetcher, ...options }),
    get socket() {
      const last = sockets.at(-1);
      if (last === undefined) throw new Error('no socket yet');
      return last;
    },
  };
}

/** Hands out what a plugin gets. */
export const spy = definePlugin({ name: 'spy', setup: (host) => host });

/** What a promise was rejected with. */
export async function failure(
  promise: Promise<unknown>,
): Promise<{ code?: string; message: string } & Record<string, unknown>> {
  try {
    await promise;
  } catch (error) {
    return error as { message: string } & Record<string, unknown>;
  }
  throw new Error('it should have been rejected');
}
