import type { createClient, sharedSocket, Client } from '@trunkline/core';
import type { e2ee } from '@trunkline/encryption';
import type { messages } from '@trunkline/messages';
import type { rooms } from '@trunkline/rooms';
import { joinCloud, type Cloud } from '@trunkline/testing';
import { build } from 'esbuild';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { spawnService } from '../kit/service-process.js';

interface TabSdk {
  readonly createClient: typeof createClient;
  readonly sharedSocket: typeof sharedSocket;
  readonly messages: typeof messages;
  readonly rooms: typeof rooms;
  readonly e2ee: typeof e2ee;
}
type Plugins = readonly [ReturnType<typeof rooms>, ReturnType<typeof messages>];
/** What a page of these tests has on its window. */
export interface TabState {
  readonly client: Client<Plugins>;
  /** texts, in the order in which they were received */
  readonly received: string[];
  /** socket events and log lines */
  readonly told: string[];
}
declare global {
  var tabSdk: TabSdk;
  var tab: TabState;
}

export interface Stage {
  readonly cloud: Cloud;
  /** sockets that are open at the service */
  readonly sockets: () => Promise<number>;
  readonly devices: (accessToken: string) => Promise<number>;
  readonly context: () => Promise<BrowserContext>;
  readonly site: string;
  readonly close: () => Promise<void>;
}

/** The service in its own process, a site of another origin, and Chromium; undefined when there is none. */
export async function stage(): Promise<Stage | undefined> {
  const tools = pathToFileURL(path.resolve(import.meta.dirname, '../../../tools/browsers.mjs')).href;
  const { findChromium, flags } = (await import(tools)) as {
    findChromium: () => string | undefined;
    flags: string[];
  };
  const executablePath = findChromium();
  if (executablePath === undefined && process.env['TRUNKLINE_REQUIRE_BROWSER'] !== '1') return undefined;
  const made = await bundle(`export { createClient, sharedSocket } from '@trunkline/core';
    export { e2ee } from '@trunkline/encryption';
    export { messages } from '@trunkline/messages';
    export { rooms } from '@trunkline/rooms';`);
  const script = `var __name = (made) => made;${made}`;
  const site: Server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><title>Tab</title><script>${script}</script>`);
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  const service = await spawnService();
  const cloud = joinCloud(service.now, () => service.close());
  const browser: Browser = await chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: flags,
  });
  return {
    cloud,
    site: `http://127.0.0.1:${String((site.address() as AddressInfo).port)}/`,
    context: () => browser.newContext(),
    sockets: async () => {
      const response = await fetch(`${cloud.url}/metrics`, {
        headers: { authorization: `Bearer ${cloud.adminToken}` },
      });
      return Number(/^trunkline_sockets_open (\d+)$/m.exec(await response.text())?.[1]);
    },
    devices: async (accessToken) => {
      const response = await fetch(`${cloud.url}/wdm/api/v1/devices`, {
        headers: { authorization: `Bearer ${accessToken}` },
      });
      return ((await response.json()) as { devices: unknown[] }).devices.length;
    },
    close: async () => {
      await browser.close();
      site.closeAllConnections();
      site.close();
      await cloud.close();
    },
  };
}

/** A script for pages: what it exports is `tabSdk`. */
export async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: path.resolve(import.meta.dirname, '..') },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'tabSdk',
    platform: 'browser',
  });
  return outputFiles[0]?.text ?? '';
}

export interface TabOptions {
  readonly token: string;
  readonly encrypted?: boolean;
  readonly mercury?: { readonly pingIntervalMs?: number; readonly pongTimeoutMs?: number };
}

/** A tab whose client is connected by a shared socket. */
export async function openTab(
  { site, cloud }: Stage,
  context: BrowserContext,
  options: TabOptions,
): Promise<Page> {
  const page = await context.newPage();
  await page.goto(site);
  await page.evaluate(
    async ({ service, token, encrypted = false, mercury = {} }) => {
      const { rooms, messages, e2ee } = tabSdk;
      const told: string[] = [];
      const received: string[] = [];
      const line =
        (level: string) =>
        (fields: object, message: string): void => {
          told.push(`${level} ${message} ${JSON.stringify(fields)}`);
        };
      const client = tabSdk.createClient({
        service,
        token,
        socket: tabSdk.sharedSocket(),
        config: { mercury },
        plugins: [rooms(), messages(), ...(encrypted ? [e2ee()] : [])] as unknown as readonly [
          ReturnType<typeof rooms>,
          ReturnType<typeof messages>,
        ],
        logger: { debug: () => undefined, info: line('info'), warn: line('warn'), error: line('error') },
      });
      client.socket.on('state', ({ from, to, reason }) => {
        told.push(`${from} ${to} ${reason ?? ''}`);
      });
      for (const type of ['caughtUp', 'gap'] as const)
        client.socket.on(type, (event) => {
          told.push(`${type} ${JSON.stringify(event)}`);
        });
      client.messages.on('created', (message) => {
        received.push(message.text ?? '');
      });
      globalThis.tab = { client, received, told };
      await client.connect();
    },
    { service: cloud.url, ...options },
  );
  return page;
}

export const receivedIn = (page: Page): Promise<string[]> => page.evaluate(() => tab.received);
export const toldIn = (page: Page): Promise<string[]> => page.evaluate(() => tab.told);

/** Waits until every page has received so many, and a little longer for what should not come. */
export async function untilHeard(pages: readonly Page[], count: number, withinMs = 20_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (const page of pages)
    while ((await page.evaluate(() => tab.received.length)) < count) {
      if (Date.now() > deadline)
        throw new Error(
          `received ${String((await receivedIn(page)).length)} of ${String(count)}: ${(await toldIn(page)).join('\n')}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  await new Promise((resolve) => setTimeout(resolve, 100));
}
/** Which of them has the socket. */
export async function leaderAmong(pages: readonly Page[]): Promise<Page> {
  for (const page of [...pages].reverse())
    if ((await toldIn(page)).some((line) => line.includes('keeps the shared socket'))) return page;
  throw new Error('no one leads');
}
