// A service in its own process, and pages that meet in it.
import { joinCloud, type Cloud, type CloudPerson } from '@trunkline/testing';
import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { spawnService, type ServiceProcess } from '../kit/service-process.js';
import type { PageApi } from './page.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any function of a page
type Functions = Readonly<Record<string, (given: any) => Promise<unknown>>>;

/** One person in a page, which has these functions. */
export interface Visitor<Api extends { readonly [Name in keyof Api]: Functions[string] }> {
  readonly person: CloudPerson;
  readonly page: Page;
  /** Runs a function of the page. */
  readonly run: <Name extends keyof Api & string>(
    name: Name,
    argument?: Parameters<Api[Name]>[0],
  ) => Promise<Awaited<ReturnType<Api[Name]>>>;
}
/** One person in a page of `page.ts`. */
export interface Attendee extends Visitor<PageApi> {
  /** Calls a method of the meeting, such as `members.mute`. */
  call(path: string, ...args: readonly unknown[]): Promise<unknown>;
}

export interface MeetingStage {
  readonly cloud: Cloud;
  readonly service: ServiceProcess;
  /** A person with a page, connected and in no meeting. */
  readonly visit: <Api extends { readonly [Name in keyof Api]: Functions[string] }>(
    name: string,
  ) => Promise<Visitor<Api>>;
  /** The same, for the functions of `page.ts`. */
  readonly attend: (name: string) => Promise<Attendee>;
  readonly close: () => Promise<void>;
}

const mediaFlags = [
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

/** @param file what runs in the pages; undefined where there is no Chromium */
export async function openMeetings(file = 'page.ts'): Promise<MeetingStage | undefined> {
  const tools = pathToFileURL(path.resolve(import.meta.dirname, '../../../tools/browsers.mjs')).href;
  const { findChromium, flags } = (await import(tools)) as {
    findChromium: () => string | undefined;
    flags: string[];
  };
  const executablePath = findChromium();
  if (executablePath === undefined && process.env['TRUNKLINE_REQUIRE_BROWSER'] !== '1') return undefined;
  const { outputFiles } = await build({
    entryPoints: [path.join(import.meta.dirname, file)],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
  });
  const script = outputFiles[0]?.text ?? '';
  const site = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(
      `<!doctype html><title>Meeting</title><body><script>var __name = (made) => made;${script}</script>`,
    );
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  const service = await spawnService();
  const cloud = joinCloud(service.now, () => service.close());
  const browser = await chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: [...flags, ...mediaFlags],
  });
  const url = `http://127.0.0.1:${String((site.address() as AddressInfo).port)}/`;
  const visit: MeetingStage['visit'] = async (name) => {
    const person = await cloud.person(name);
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(url);
    const run = (method: string, argument?: unknown): Promise<never> =>
      page.evaluate(
        ([called, given]) =>
          (globalThis as unknown as { api: Record<string, (given: unknown) => unknown> }).api[called]?.(
            given,
          ),
        [method, argument] as const,
      ) as Promise<never>;
    await run('open', { service: cloud.url, token: person.accessToken });
    return { person, page, run };
  };
  return {
    cloud,
    service,
    visit,
    attend: async (name) => {
      const visitor = await visit<PageApi>(name);
      return { ...visitor, call: (method, ...args) => visitor.run('call', { path: method, args }) };
    },
    close: async () => {
      await browser.close();
      site.closeAllConnections();
      site.close();
      await cloud.close();
    },
  };
}

/** Process ids of the media engines below the service. */
export async function enginesOf(servicePid: number | undefined): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=,ppid=', '-A']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid, parent]) => (parent === servicePid && pid !== undefined ? [pid] : []));
}
