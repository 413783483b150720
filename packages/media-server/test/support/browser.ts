import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { AddressInfo } from 'node:net';
import { chromium, type Page } from 'playwright-core';

interface ChromiumTool {
  readonly findChromium: () => string | undefined;
  readonly flags: readonly string[];
}
const tool = path.resolve(import.meta.dirname, '../../../../tools/browsers.mjs');

export interface ClientOptions {
  readonly colour?: 'red' | 'lime' | 'blue';
  readonly frequency?: number;
  readonly width?: number;
  readonly height?: number;
  readonly video?: readonly ('H264' | 'VP8')[];
  readonly simulcast?: boolean;
  readonly data?: boolean;
}
export interface Frame {
  readonly mid: string;
  readonly at: number;
  readonly width: number;
  readonly height: number;
}
export interface Inbound {
  readonly mid: string;
  readonly packets: number;
  readonly lost: number;
  readonly frames: number;
  readonly frozen: number;
  readonly level: number;
  readonly energy: number;
  readonly concealed: number;
  readonly samples: number;
  readonly height: number;
  readonly nacks: number;
}
export interface PageStats {
  readonly state: string;
  readonly audio: readonly Inbound[];
  readonly video: readonly Inbound[];
  readonly sent: readonly {
    readonly mid: string;
    readonly kind: string;
    readonly packets: number;
    readonly height: number;
  }[];
}
interface PageClient {
  open(name: string, options: ClientOptions): Promise<string>;
  offer(
    name: string,
    options: { readonly keepExtensions?: boolean; readonly restart?: boolean },
  ): Promise<string>;
  answer(name: string, sdp: string): Promise<void>;
  connected(name: string): Promise<void>;
  share(name: string, colour: string): Promise<void>;
  volume(name: string, gain: number): void;
  frames(name: string, mid: string): readonly Frame[];
  clearFrames(name: string): void;
  pixel(name: string, mid: string): string;
  stats(name: string): Promise<PageStats>;
  say(name: string, message: string): void;
  messages(name: string): readonly string[];
  play(
    base64: string,
    seconds: number,
  ): Promise<{ duration: number; width: number; height: number; r: number; g: number; b: number }>;
  close(name: string): void;
}
type Call = <Name extends keyof PageClient>(
  name: Name,
  ...args: Parameters<PageClient[Name]>
) => Promise<Awaited<ReturnType<PageClient[Name]>>>;

/** A page with the client of page.mjs in it. */
export interface ClientPage {
  readonly call: Call;
}
export interface TestBrowser {
  /** A new page; the one before is closed. */
  page(): Promise<ClientPage>;
  close(): Promise<void>;
}

/** Debian's Chromium, headless; undefined when there is none. */
export async function startBrowser(): Promise<TestBrowser | undefined> {
  const { findChromium, flags } = (await import(tool)) as ChromiumTool;
  const executablePath = findChromium();
  if (executablePath === undefined) {
    if (process.env['TRUNKLINE_REQUIRE_BROWSER'] === '1')
      throw new Error('no Chromium: set CHROME_BIN or install it');
    return undefined;
  }
  const script = await readFile(path.join(import.meta.dirname, 'page.mjs'), 'utf8');
  const web = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>client</title>');
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({ executablePath, headless: true, args: [...flags] });
  const open = async (): Promise<Page> => {
    // earlier pages would go on encoding, and leave nothing of the processor for what comes
    await Promise.all(browser.contexts().map((context) => context.close()));
    const page = await (await browser.newContext()).newPage();
    await page.goto(`http://localhost:${String((web.address() as AddressInfo).port)}/`);
    await page.addScriptTag({ content: script, type: 'module' });
    await page.waitForFunction('window.client !== undefined');
    return page;
  };
  return {
    page: async () => {
      const page = await open();
      const call: Call = (name, ...args) =>
        page.evaluate(
          ([method, list]) =>
            (globalThis as unknown as { client: Record<string, (...all: unknown[]) => unknown> }).client[
              method as string
            ]?.(...(list as unknown[])),
          [name, args] as const,
        ) as never;
      return { call };
    },
    close: async () => {
      await browser.close();
      web.close();
    },
  };
}
