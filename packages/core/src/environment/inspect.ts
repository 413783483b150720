import type { ClientOptions } from '../kernel/client.js';
import { systemClock, type Clock } from '../kernel/clock.js';
import { baseUrl } from '../kernel/defaults.js';
import { isSdkError } from '../kernel/errors.js';
import type { SocketConstructor, SocketLike } from '../kernel/socket.js';

/** One thing that was looked at. */
export interface EnvironmentCheck {
  /** such as `fetch`, `WebSocket`, `crypto.subtle`, `service`, `socket` */
  readonly name: string;
  readonly ok: boolean;
  /** whether a client can do without it */
  readonly needed: boolean;
  /** what it is for, and when it is not ok, what to do about it; for people */
  readonly why: string;
}

export interface EnvironmentOptions extends Pick<ClientOptions, 'service' | 'fetch' | 'WebSocket' | 'clock'> {
  /** how long the service may take, in ms, default 5 000 */
  readonly timeoutMs?: number;
}

/** What is tried: it is ok unless the answer is false or it fails. */
export interface Probe {
  readonly name: string;
  readonly needed: boolean;
  readonly purpose: string;
  readonly remedy: string;
  /** the signal aborts when the time is over */
  readonly test: (signal: AbortSignal | undefined) => unknown;
}

const has = (name: string): boolean => typeof (globalThis as Record<string, unknown>)[name] === 'function';
const oldBrowser = 'use a newer browser, or Node 20.19 or above';

/** Tries all of them at once, and the service where one is named. Never rejects. */
export async function inspect(
  options: EnvironmentOptions,
  NativeSocket: SocketConstructor | undefined,
  more: readonly Probe[],
): Promise<readonly EnvironmentCheck[]> {
  const { service, timeoutMs = 5_000, clock = systemClock } = options;
  const WebSocket = options.WebSocket ?? NativeSocket;
  const subtle = (globalThis as { crypto?: { subtle?: unknown } }).crypto?.subtle;
  const insecure = (globalThis as { isSecureContext?: boolean }).isSecureContext === false;
  const probes: Probe[] = [
    {
      name: 'fetch',
      needed: true,
      purpose: 'every request goes by it',
      remedy: `give one as \`fetch\` to createClient, or ${oldBrowser}`,
      test: () => typeof options.fetch === 'function' || has('fetch'),
    },
    {
      name: 'WebSocket',
      needed: true,
      purpose: 'events arrive through it',
      remedy: 'give one as `WebSocket` to createClient',
      test: () => typeof WebSocket === 'function',
    },
    {
      name: 'AbortController',
      needed: true,
      purpose: 'time limits, signal and close() end requests by it',
      remedy: oldBrowser,
      test: () => has('AbortController') && has('URL'),
    },
    {
      name: 'crypto.getRandomValues',
      needed: true,
      purpose: 'requests and frames get their ids from it',
      remedy: oldBrowser,
      test: () => {
        crypto.getRandomValues(new Uint8Array(1));
        return true;
      },
    },
    {
      name: 'crypto.subtle',
      needed: false,
      purpose: 'e2ee() encrypts with it, signing in proves itself by it',
      remedy: insecure
        ? 'this page is not a secure context: serve it over https, or from localhost'
        : `${oldBrowser}, over https`,
      test: () => typeof subtle === 'object',
    },
    {
      name: 'ReadableStream',
      needed: false,
      purpose: 'files that are streams, and answers read piece by piece',
      remedy: `send files as Blob or bytes, or ${oldBrowser}`,
      test: () => has('ReadableStream'),
    },
    {
      name: 'FormData',
      needed: false,
      purpose: 'files travel in it',
      remedy: oldBrowser,
      test: () => has('FormData') && has('Blob'),
    },
    ...more,
  ];
  if (service !== undefined) {
    const fetcher = options.fetch ?? globalThis.fetch;
    probes.push(
      {
        name: 'service',
        needed: true,
        purpose: 'it answers with its catalog',
        remedy: `see whether ${service} opens in a browser, and what a proxy, a firewall or its certificate does to it`,
        test: (signal) => catalogAnswers(fetcher, baseUrl(service, 'service'), signal),
      },
      {
        name: 'socket',
        needed: true,
        purpose: 'it takes WebSockets',
        remedy: `requests may pass where sockets do not: let ${service} and what stands before it pass \`Upgrade: websocket\``,
        test: (signal) => socketOpens(WebSocket, baseUrl(service, 'service'), signal),
      },
    );
  }
  return Promise.all(probes.map((probe) => examine(probe, clock, timeoutMs)));
}

async function examine(probe: Probe, clock: Clock, timeoutMs: number): Promise<EnvironmentCheck> {
  const { name, needed, purpose, remedy, test } = probe;
  let ok = false;
  let said = '';
  try {
    ok = Boolean(await atMost(clock, timeoutMs, test));
  } catch (error) {
    // the SDK's own words say what to do; others' may hold anything
    said = error instanceof Refused || isSdkError(error) ? `${error.message}; ` : '';
  }
  return { name, ok, needed, why: ok ? purpose : `${purpose}: ${said}${remedy}` };
}

/** What it was instead, in our words. */
class Refused extends Error {}

function atMost(clock: Clock, timeoutMs: number, test: Probe['test']): Promise<unknown> {
  const limit = has('AbortController') ? new AbortController() : undefined;
  return new Promise((resolve, reject) => {
    const stop = clock.after(timeoutMs, () => {
      reject(new Refused(`timed out after ${String(timeoutMs)} ms`));
      limit?.abort();
    });
    Promise.resolve()
      .then(() => test(limit?.signal))
      .then(resolve, reject)
      .finally(stop);
  });
}

async function catalogAnswers(
  fetcher: typeof fetch,
  base: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  // the one that needs no token
  const url = `${base}/u2c/api/v1/limited/catalog?mode=DEFAULT_BY_PROXIMITY&format=hostmap`;
  const response = await fetcher(url, signal ? { signal } : {});
  if (!response.ok) throw new Refused(`it answered ${String(response.status)}`);
  const body = (await response.json().catch(() => undefined)) as { serviceLinks?: unknown } | undefined;
  if (typeof body?.serviceLinks !== 'object')
    throw new Refused('something answers there, but it has no service catalog; is it the right address?');
  return true;
}

function socketOpens(
  WebSocket: SocketConstructor | undefined,
  base: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (WebSocket === undefined) return Promise.resolve(false);
  return new Promise((resolve, reject) => {
    // no device of anybody: it opens, and nothing more
    const path = '/mercury/v1/apps/wx2/registrations/00000000-0000-4000-8000-000000000000/messages';
    const socket: SocketLike & { terminate?: () => void } = new WebSocket(base.replace(/^http/, 'ws') + path);
    const end = (error?: unknown): void => {
      if (error === undefined) resolve(false);
      else reject(error instanceof Error ? error : new Refused('the socket failed'));
      // ws throws at one that is still connecting, through its error event
      if (socket.terminate) socket.terminate();
      else socket.close();
    };
    socket.onopen = () => {
      resolve(true);
      end();
    };
    socket.onerror = (event: { readonly error?: unknown }) => {
      end(event.error);
    };
    socket.onclose = () => {
      end();
    };
    signal?.addEventListener('abort', () => {
      end();
    });
  });
}
