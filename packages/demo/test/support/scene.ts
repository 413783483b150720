import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type Browser, type Page } from 'playwright-core';
import { serveDemo } from '../../serve.mjs';

interface ChromiumTool {
  readonly findChromium: () => string | undefined;
  readonly flags: readonly string[];
}
const tool = path.resolve(import.meta.dirname, '../../../../tools/browsers.mjs');
const program = path.resolve(import.meta.dirname, '../../../server/bin/trunkline-server.mjs');
export const clientId = 'trunkline-demo';

export interface DemoPerson {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly accessToken: string;
}
/** A service in a process of its own, its demo people, the built demo on another port, and a browser. */
export interface Scene {
  readonly url: string;
  readonly service: string;
  readonly browser: Browser;
  readonly ana: DemoPerson;
  readonly ben: DemoPerson;
  readonly cara: DemoPerson;
  admin(route: string, body: object): Promise<Readonly<Record<string, unknown>>>;
  removeFault(id: string): Promise<void>;
  /** A call of the public REST API, as someone. */
  rest(who: DemoPerson, route: string, body: object): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

interface Listening {
  readonly url: string;
  readonly adminToken: string;
}

/** Undefined where there is no Chromium, unless it is required. */
export async function openScene(): Promise<Scene | undefined> {
  const { findChromium, flags } = (await import(tool)) as ChromiumTool;
  const executablePath = findChromium();
  if (executablePath === undefined) {
    const text = 'no Chromium: set CHROME_BIN or install it';
    if (process.env['TRUNKLINE_REQUIRE_BROWSER'] === '1') throw new Error(text);
    console.error(`${text}; the demo is NOT tested`);
    return undefined;
  }
  const args = [program, '--json', '--port', '0', '--data', 'memory', '--seed', 'none'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    ended.then(() => Promise.reject(new Error('the service ended before it listened'))),
  ])) as [string];
  const { url: service, adminToken } = JSON.parse(line) as Listening;

  const call = async (method: string, url: string, token: string, body?: object) => {
    const answer = await fetch(`${service}${url}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${url}: ${String(answer.status)} ${text}`);
    return (text === '' ? {} : JSON.parse(text)) as Readonly<Record<string, string>>;
  };
  const admin = (route: string, body: object) => call('POST', `/admin/v1/${route}`, adminToken, body);
  const person = async (name: string): Promise<DemoPerson> => {
    const email = `${(name.split(' ')[0] ?? name).toLowerCase()}@example.com`;
    const password = `${name.length.toString()}-good-passwords`;
    const { accessToken = '' } = await admin('users', { email, displayName: name, password });
    return { name, email, password, accessToken };
  };
  const [ana, ben, cara] = [await person('Ana Lima'), await person('Ben Okoro'), await person('Cara Voss')];
  const people = [ana, ben, cara].map(({ name, email }) => ({ name, email }));
  const demo = await serveDemo({ service, clientId, people });
  await admin('clients', {
    ...{ clientId, name: 'Trunkline demo', redirectUris: [`${demo.url}/`], scopes: 'spark:all spark:kms' },
  });
  const browser = await chromium.launch({ executablePath, args: [...flags] });
  return {
    ...{ url: demo.url, service, browser, ana, ben, cara, admin },
    removeFault: async (id) => {
      await call('DELETE', `/admin/v1/faults/${id}`, adminToken);
    },
    rest: (who, route, body) => call('POST', `/v1/${route}`, who.accessToken, body),
    async close() {
      await browser.close();
      await demo.close();
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** A window of one's own, through the service's real sign-in page, as far as the rooms. */
export async function signedIn(scene: Scene, who: DemoPerson, options: WindowOptions = {}): Promise<Page> {
  const page = await openWindow(scene, options);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/\/authorize\?/);
  await page.getByLabel('Email').fill(who.email);
  await page.getByLabel('Password').fill(who.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const allow = page.getByRole('button', { name: 'Allow', exact: true });
  const me = page.getByTestId('me');
  await allow.or(me).first().waitFor();
  if (await allow.isVisible()) await allow.click();
  await me.waitFor();
  return page;
}

export interface WindowOptions {
  readonly dark?: boolean;
  readonly width?: number;
  readonly height?: number;
}
export async function openWindow(scene: Scene, options: WindowOptions = {}): Promise<Page> {
  const { dark = false, width = 1180, height = 760 } = options;
  const context = await scene.browser.newContext({
    colorScheme: dark ? 'dark' : 'light',
    viewport: { width, height },
    acceptDownloads: true,
  });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  await page.goto(scene.url);
  return page;
}
