// What the unit tests stand on: a token service, a window and other windows, all of the test's own.
import {
  memoryStorage,
  silentLogger,
  type SdkError,
  isSdkError,
  type Storage,
  type TokenContext,
} from '@trunkline/core';
import { fakeClock, type FakeClock } from '@trunkline/testing/fakes';
import type { Channel, OpenedWindow, Page } from '../src/page.js';

export const SERVICE = 'https://cloud.test';
export const TOKEN_URL = `${SERVICE}/idbroker/idb/oauth2/v1/access_token`;

export interface Sent {
  readonly url: string;
  readonly headers: Headers;
  readonly form: Readonly<Record<string, string>>;
}
export type Reply = Readonly<Record<string, unknown>> | Response | Error | (() => Promise<Response>);

/** A fetch that remembers what left, and answers in order; the last answer stays. */
export function tokenService(...replies: Reply[]): { readonly fetch: typeof fetch; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  return {
    sent,
    fetch: async (input, init) => {
      const body = init?.body;
      sent.push({
        url: input instanceof Request ? input.url : String(input),
        headers: new Headers(init?.headers),
        form: body instanceof URLSearchParams ? Object.fromEntries(body) : {},
      });
      const reply = replies.length > 1 ? replies.shift() : replies[0];
      await Promise.resolve();
      if (reply instanceof Error) throw reply;
      if (typeof reply === 'function') return reply();
      return reply instanceof Response ? reply.clone() : new Response(JSON.stringify(reply ?? {}));
    },
  };
}
export const tokens = (n: number, more: object = {}): Readonly<Record<string, unknown>> => ({
  access_token: `access-${String(n)}`,
  refresh_token: `refresh-${String(n)}`,
  expires_in: 3600,
  refresh_token_expires_in: 86_400,
  token_type: 'Bearer',
  ...more,
});
export const refuses = (error: string, status = 400): Response =>
  new Response(JSON.stringify({ error, error_description: 'because of access-1 refresh-1' }), { status });

/** What a client gives to its token function. */
export const context = (
  reason: TokenContext['reason'],
  { fetch: fetcher }: { readonly fetch: typeof fetch },
  previous?: string,
  clock?: FakeClock,
  signal = new AbortController().signal,
): TokenContext => ({
  reason,
  tokenUrl: 'https://elsewhere.test/never',
  fetch: fetcher,
  signal,
  ...(clock && { now: () => clock.now() }),
  ...(previous !== undefined && { previous: { accessToken: previous } }),
});

/** A window, whose other side the test plays. */
export interface FakePage extends Page {
  href: string;
  readonly visited: string[];
  readonly opened: { url: string; closed: boolean }[];
  closedItself: boolean;
  blocksWindows: boolean;
}
export function fakePage(href: string, channels: FakeChannels = fakeChannels()): FakePage {
  const page: FakePage = {
    href,
    visited: [],
    opened: [],
    closedItself: false,
    blocksWindows: false,
    go: (url) => void page.visited.push(url),
    replaceAddress: (url) => void (page.href = url),
    open: (): OpenedWindow | undefined => {
      if (page.blocksWindows) return undefined;
      const opened = { url: '', closed: false };
      page.opened.push(opened);
      return {
        get closed() {
          return opened.closed;
        },
        go: (url) => void (opened.url = url),
        close: () => void (opened.closed = true),
      };
    },
    close: () => void (page.closedItself = true),
    channel: channels,
    exclusive: undefined,
  };
  return page;
}
export type FakeChannels = (name: string) => Channel;
/** Windows of one origin that receive each other's messages. */
export function fakeChannels(): FakeChannels {
  const all = new Set<{ readonly name: string; hear?: (message: unknown) => void }>();
  return (name) => {
    const mine: { readonly name: string; hear?: (message: unknown) => void } = { name };
    all.add(mine);
    return {
      post: (message) => {
        for (const other of all)
          if (other !== mine && other.name === name) other.hear?.(structuredClone(message));
      },
      listen: (listener) => void (mine.hear = listener),
      close: () => void all.delete(mine),
    };
  };
}

/** A storage one can look into. */
export function openStorage(): Storage & { readonly values: Map<string, string> } {
  const values = new Map<string, string>();
  return {
    values,
    get: (key) => Promise.resolve(values.get(key)),
    set: (key, value) => Promise.resolve(void values.set(key, value)),
    remove: (key) => Promise.resolve(void values.delete(key)),
  };
}

export async function failure(work: Promise<unknown>): Promise<SdkError> {
  try {
    await work;
  } catch (error) {
    if (isSdkError(error)) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** Everything an error may show to someone. */
export const shown = (error: unknown): string =>
  `${String(error)} ${JSON.stringify(error)} ${error instanceof Error ? shown2(error.cause) : ''}`;
const shown2 = (cause: unknown): string => `${String(cause)} ${JSON.stringify(cause)}`;

/** Lets promises settle. */
export const turns = async (count = 30): Promise<void> => {
  for (let n = 0; n < count; n += 1) await Promise.resolve();
};
/** The same, for what the platform's crypto does in its own time. */
export const settled = async (done: () => boolean): Promise<void> => {
  for (let n = 0; n < 200 && !done(); n += 1) await new Promise((resolve) => setTimeout(resolve, 1));
};
export { fakeClock, memoryStorage, silentLogger };
