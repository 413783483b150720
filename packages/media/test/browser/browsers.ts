// Opens pages in Chromium and Firefox. A page runs one scenario and posts the result, so that both browsers are used
// in the same way, and no test tool gives the page a user's gesture that a real page would not have.
import { build } from 'esbuild';
import { createSocket, type RemoteInfo } from 'node:dgram';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventEmitter, once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

export interface Site {
  readonly url: string;
  /** Resolves with the next signal of this name from the page of this run. */
  signalled(run: string, name: string): Promise<void>;
  /** Resolves with what the page posts as the result of this run. */
  result(run: string, timeoutMs?: number): Promise<unknown>;
  close(): void;
}

/** Serves the pages: `?scenario=NAME&run=ID&args=JSON`. */
export async function openSite(): Promise<Site> {
  const { outputFiles } = await build({
    entryPoints: [path.join(import.meta.dirname, 'page/main.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    conditions: ['module'],
  });
  const script = outputFiles[0]?.text ?? '';
  const waiting = new Map<string, (result: unknown) => void>();
  const signals = new Map<string, number>();
  const signalling = new EventEmitter();
  const relay = await openRelay();
  const server: Server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    if (pathname === '/signal') {
      const key = `${searchParams.get('run') ?? ''} ${searchParams.get('name') ?? ''}`;
      signals.set(key, (signals.get(key) ?? 0) + 1);
      signalling.emit(key);
      response.end();
      return;
    }
    if (pathname === '/relay') {
      relay.drop = (searchParams.get('drop') ?? 'none') as Relay['drop'];
      if (searchParams.has('reset')) relay.reset();
      response.end(JSON.stringify({ client: relay.clientPort, service: relay.servicePort }));
      return;
    }
    if (request.method === 'POST') {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const run = new URL(request.url ?? '', 'http://x').searchParams.get('run') ?? '';
        waiting.get(run)?.(JSON.parse(Buffer.concat(parts).toString()));
        response.end();
      });
      return;
    }
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(
      request.url?.startsWith('/shared') === true
        ? '<!doctype html><title>Shared tab</title><h1 style="font-size:200px;background:red">Shared</h1>' +
            '<script>onclick = () => { const c = new AudioContext(); const o = c.createOscillator(); o.connect(c.destination); o.start(); }</script>'
        : `<!doctype html><title>Media</title><body><script>${script}</script>`,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`,
    signalled: async (run, name) => {
      const key = `${run} ${name}`;
      if ((signals.get(key) ?? 0) === 0) await once(signalling, key);
      signals.set(key, (signals.get(key) ?? 0) - 1);
    },
    result: (run, timeoutMs = 60_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(run);
          reject(new Error(`the page posted no result within ${String(timeoutMs)} ms`));
        }, timeoutMs);
        waiting.set(run, (result) => {
          clearTimeout(timer);
          waiting.delete(run);
          resolve(result);
        });
      }),
    close: () => {
      server.closeAllConnections();
      server.close();
      relay.close();
    },
  };
}

/** RTP, and not RTCP, DTLS or STUN (RFC 7983, RFC 5761). */
const isRtp = (data: Buffer): boolean =>
  (data[0] ?? 0) >> 6 === 2 && ((data[1] ?? 0) < 192 || (data[1] ?? 0) > 223);

/** A UDP hop between the two sides of a pair, which can drop what passes. */
interface Relay {
  /** the client sends here; it goes to the service */
  readonly clientPort: number;
  /** the service sends here; it goes to the client */
  readonly servicePort: number;
  /** `up` is from client to service */
  drop: 'none' | 'up' | 'down' | 'both' | 'third up';
  /** forgets both addresses: for a new pair */
  reset(): void;
  close(): void;
}
async function openRelay(): Promise<Relay> {
  const [forClient, forService] = [createSocket('udp4'), createSocket('udp4')];
  let client: RemoteInfo | undefined;
  let service: RemoteInfo | undefined;
  for (const socket of [forClient, forService]) {
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
  }
  const relay: Relay = {
    clientPort: forClient.address().port,
    servicePort: forService.address().port,
    drop: 'none',
    reset: () => {
      client = service = undefined;
    },
    close: () => {
      forClient.close();
      forService.close();
    },
  };
  // the latest sender is the one: after a reconnect it is another
  let passed = 0;
  forClient.on('message', (data, from) => {
    client = from;
    passed += 1;
    if (relay.drop === 'third up' && passed % 3 === 0 && isRtp(data)) return;
    if (service && relay.drop !== 'up' && relay.drop !== 'both')
      forService.send(data, service.port, service.address);
  });
  forService.on('message', (data, from) => {
    service = from;
    if (client && relay.drop !== 'down' && relay.drop !== 'both')
      forClient.send(data, client.port, client.address);
  });
  return relay;
}

let runs = 0;
export interface Run {
  readonly url: string;
  readonly id: string;
}
export const newRun = (site: Site, scenario: string, args: object = {}): Run => {
  runs += 1;
  const id = `run-${String(runs)}`;
  const query = new URLSearchParams({ scenario, run: id, args: JSON.stringify(args) });
  return { url: `${site.url}?${query.toString()}`, id };
};

/** What a page posted; throws what the scenario threw. */
export async function outcome<T>(site: Site, run: Run, timeoutMs?: number): Promise<T> {
  const { result, error } = (await site.result(run.id, timeoutMs)) as { result: T; error?: string };
  if (error !== undefined) throw new Error(error);
  return result;
}

// ---- Chromium

interface Tools {
  readonly findChromium: () => string | undefined;
  readonly findFirefox: () => string | undefined;
  readonly flags: readonly string[];
}
export const browserTools = async (): Promise<Tools> =>
  (await import(
    pathToFileURL(path.resolve(import.meta.dirname, '../../../../tools/browsers.mjs')).href
  )) as Tools;

export interface ChromiumOptions {
  readonly flags?: readonly string[];
  /** flags of the usual set that are left out */
  readonly without?: readonly string[];
}

/** Chromium, or undefined when there is none and none is required. */
export async function openChromium(options: ChromiumOptions = {}): Promise<Browser | undefined> {
  const { findChromium, flags } = await browserTools();
  const executablePath = findChromium();
  if (executablePath === undefined && process.env['TRUNKLINE_REQUIRE_BROWSER'] !== '1') return undefined;
  const usual = flags
    .filter((flag) => !options.without?.some((prefix) => flag.startsWith(prefix)))
    .filter((flag) => !flag.startsWith('--use-fake-device'));
  return chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    // a muted output silences captured tabs, too
    ignoreDefaultArgs: ['--mute-audio'],
    args: [
      ...usual,
      '--use-fake-device-for-media-stream=device-count=3',
      '--allow-loopback-in-peer-connection',
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      ...(options.flags ?? []),
    ],
  });
}

/** What happens from outside while a scenario runs; `signalled` waits for the page to say how far it is. */
export type During = (page: Page, signalled: (name: string) => Promise<void>) => Promise<void>;

/** Runs a scenario in a page of its own. `during` may act on the page from outside meanwhile. */
export async function runInChromium<T>(
  site: Site,
  context: BrowserContext,
  scenario: string,
  args: object = {},
  during?: During,
): Promise<T> {
  const run = newRun(site, scenario, args);
  const page = await context.newPage();
  try {
    const result = outcome<T>(site, run);
    result.catch(() => undefined);
    await page.goto(run.url);
    // a scenario that fails says why at once
    await Promise.race([during?.(page, (name) => site.signalled(run.id, name)), result]);
    return await result;
  } finally {
    await page.close();
  }
}

// ---- Firefox, without a driver: a profile with fake devices, and the address of the page

/** Firefox, or undefined when there is none and none is required. */
export async function findFirefox(): Promise<string | undefined> {
  const found = (await browserTools()).findFirefox();
  if (found === undefined && process.env['TRUNKLINE_REQUIRE_BROWSER'] === '1')
    throw new Error('no Firefox: set FIREFOX_BIN or install firefox-esr');
  return found;
}

const prefs: Readonly<Record<string, unknown>> = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.autoplay.default': 0,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.gmp-manager.updateEnabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'toolkit.telemetry.enabled': false,
  'app.update.enabled': false,
  'app.normandy.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'browser.aboutwelcome.enabled': false,
  'browser.startup.page': 0,
};

/** Runs a scenario in a Firefox of its own. */
export async function runInFirefox<T>(
  site: Site,
  program: string,
  scenario: string,
  args: object = {},
): Promise<T> {
  const run = newRun(site, scenario, args);
  const profile = mkdtempSync(path.join(tmpdir(), 'media-firefox-'));
  const lines = Object.entries(prefs).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  writeFileSync(path.join(profile, 'user.js'), `${lines.join('\n')}\n`);
  const browser: ChildProcess = spawn(program, ['--headless', '--no-remote', '--profile', profile, run.url], {
    stdio: 'ignore',
  });
  try {
    return await outcome<T>(site, run, 90_000);
  } finally {
    if (browser.exitCode === null) {
      browser.kill('SIGTERM');
      await once(browser, 'exit');
    }
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
