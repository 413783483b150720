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

type Result<Name extends keyof PageApi> = Awaited<ReturnType<PageApi[Name]>>;
type Argument<Name extends keyof PageApi> = Parameters<PageApi[Name]>[0];

/** One person in a page. */
export interface Attendee {
  readonly person: CloudPerson;
  readonly page: Page;
  /** Runs a function of `page.ts` in the page. */
  readonly run: <Name extends keyof PageApi>(name: Name, argument?: Argument<Name>) => Promise<Result<Name>>;
  /** Calls a method of the meeting, such as `members.mute`. */
  call(path: string, ...args: readonly unknown[]): Promise<unknown>;
}

export interface MeetingStage {
  readonly cloud: Cloud;
  readonly service: ServiceProcess;
  /** A person with a page, connected and in no meeting. */
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

/** undefined where there is no Chromium */
export async function openMeetings(): Promise<MeetingStage | undefined> {
  const tools = pathToFileURL(path.resolve(import.meta.dirname, '../../../tools/browsers.mjs')).href;
  const { findChromium, flags } = (await import(tools)) as {
    findChromium: () => string | undefined;
    flags: string[];
  };
  const executablePath = findChromium();
  if (executablePath === undefined && process.env['TRUNKLINE_REQUIRE_BROWSER'] !== '1') return undefined;
  const { outputFiles } = await build({
    entryPoints: [path.join(import.meta.dirname, 'page.ts')],
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
  return {
    cloud,
    service,
    attend: async (name) => {
      const person = await cloud.person(name);
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(url);
      const run: Attendee['run'] = (method, argument) =>
        page.evaluate(
          ([called, given]) =>
            (globalThis as unknown as { api: Record<string, (given: unknown) => unknown> }).api[called]?.(
              given,
            ),
          [method, argument] as const,
        ) as never;
      await run('open', { service: cloud.url, token: person.accessToken });
      return { person, page, run, call: (method, ...args) => run('call', { path: method, args }) };
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
