import path from 'node:path';
import { createMediaServer } from '../../src/index.js';
import type { MediaServer, MediaServerOptions, MediaTransport } from '../../src/index.js';
import type { ClientOptions, ClientPage, TestBrowser } from './browser.js';

/** The engine's program from the sources. */
export const engineProgram = {
  file: path.resolve(import.meta.dirname, 'engine.ts'),
  execArgv: ['--import=tsx'],
};

export const startServer = async (options: MediaServerOptions = {}): Promise<MediaServer> => {
  const server = await createMediaServer({ mode: 'inline', engineProgram, ...options });
  server.on('trouble', ({ message }) => {
    console.error('trouble:', message);
  });
  return server;
};

/** Opens a client in the page, and connects it. */
export async function join(
  page: ClientPage,
  name: string,
  server: MediaServer,
  options: ClientOptions = {},
  edit: (answer: string) => string = (answer) => answer,
): Promise<MediaTransport> {
  const transport = await server.createTransport();
  const offer = await page.call('open', name, options);
  const { answer } = await transport.accept(offer);
  await page.call('answer', name, edit(answer));
  await page.call('connected', name);
  return transport;
}

export const pageOf = (browser: TestBrowser | undefined): Promise<ClientPage> =>
  browser?.page() ?? Promise.reject(new Error('there is no Chromium'));

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until `check` returns something, at most `ms`. */
export async function until<T>(
  what: string,
  check: () => Promise<T | undefined | false> | T | undefined | false,
  ms = 8000,
): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`timed out: ${what}`);
    await sleep(50);
  }
}
