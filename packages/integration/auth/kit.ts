import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Cloud } from '@trunkline/testing';
import { build } from 'esbuild';
import { chromium, type Browser, type Page } from 'playwright-core';

export const password = 'correct horse battery';

export interface Person {
  readonly id: string;
  readonly email: string;
}
/** Someone who can type a password. */
export const personWithPassword = (cloud: Cloud, name: string): Promise<Person> =>
  cloud.admin<Person>('POST', 'users', { email: `${name}@example.com`, displayName: name, password });

export const register = (cloud: Cloud, client: object): Promise<unknown> =>
  cloud.admin('POST', 'clients', client);

export { failure } from '../core/tools.js';

/** Goes through the sign-in pages as a person would: password, consent; answers where the app is called back. */
export async function signInByForms(authorizeUrl: string, email: string, action = 'allow'): Promise<string> {
  let cookie = '';
  let url = authorizeUrl;
  let form: Record<string, string> | undefined;
  for (let step = 0; step < 10; step += 1) {
    const response: Response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    form = undefined;
    for (const set of response.headers.getSetCookie()) cookie = set.split(';')[0] ?? '';
    const location = response.headers.get('location');
    if (location !== null) {
      url = new URL(location, url).href;
      if (!url.startsWith(new URL(authorizeUrl).origin)) return url;
      continue;
    }
    const page = await response.text();
    const token = /name="form_token" value="([^"]+)"/.exec(page)?.[1];
    if (token === undefined) throw new Error(`no form: ${String(response.status)} ${page}`);
    form = page.includes('name="password"')
      ? { form_token: token, action: 'sign-in', email, password }
      : { form_token: token, action };
  }
  throw new Error('the sign-in pages lead nowhere');
}

// a small app: what it finds when it starts is in `found`
const app = `
import { browserAuth } from '@trunkline/auth';
import { createClient, indexedDbStorage } from '@trunkline/core';
const config = JSON.parse(document.getElementById('config').textContent);
const events = [];
const auth = browserAuth(config);
const client = () => {
  const made = createClient({ service: config.service, token: auth.token });
  made.on('authExpired', ({ error }) => events.push('authExpired ' + error.cause?.code));
  made.on('tokenRefreshed', () => events.push('tokenRefreshed'));
  return made;
};
const kept = async () => {
  const storage = indexedDbStorage();
  await storage.get('any'); // makes the database
  await storage.close();
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('trunkline', 1);
    opening.onerror = reject;
    opening.onsuccess = () => {
      const asking = opening.result.transaction('values').objectStore('values').getAll();
      asking.onsuccess = () => { opening.result.close(); resolve(asking.result.map((text) => JSON.parse(text))); };
    };
  });
};
const outcome = (work) => work.catch((error) => ({ code: error.code, message: error.message }));
window.app = {
  auth, events, kept,
  found: outcome(auth.restore().then((signedIn) => ({ signedIn, ...(auth.state && { state: auth.state }) }))),
  again: () => outcome(auth.restore().then((signedIn) => ({ signedIn }))),
  open: client,
  me: async (made = client()) =>
    outcome(made.request({ service: 'hydra', path: 'people/me' }).then(({ body }) => body.displayName)),
  signOut: (init) => outcome(auth.signOut(init)),
};
document.getElementById('sign-in').onclick = () => auth.signIn({ state: { page: '/deep?x=1' } });
const inWindow = () => { window.app.done = outcome(auth.signIn({ separateWindow: true }).then(() => 'done')); };
document.getElementById('window').onclick = inWindow;
if (location.search === '?unasked') inWindow(); // in no turn of a click
`;

export interface Found {
  readonly signedIn?: boolean;
  readonly state?: unknown;
  readonly code?: string;
  readonly message?: string;
}
declare global {
  interface Window {
    app: {
      readonly found: Promise<Found>;
      readonly events: string[];
      readonly done: Promise<unknown>;
      readonly open: () => object;
      /** what is in storage */
      readonly kept: () => Promise<readonly { accessToken: string; refreshToken: string }[]>;
      readonly again: () => Promise<Found>;
      /** the name of who is signed in, or the error */
      readonly me: (client?: object) => Promise<string | Found>;
      readonly signOut: (init?: object) => Promise<unknown>;
    };
  }
}

/** The app on an origin of its own: `localhost` where the service is `127.0.0.1`. */
export async function serveApp(service: string): Promise<{
  readonly home: string;
  readonly clientId: string;
  /** more options of `browserAuth`, from the next load on */
  configure(options: object): void;
  close(): Promise<void>;
}> {
  const bundled = await build({
    stdin: { contents: app, resolveDir: import.meta.dirname },
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'silent',
  });
  const script = bundled.outputFiles[0]?.text ?? '';
  const clientId = 'page';
  let more: object = {};
  const server = createServer((request, response) => {
    const home = `http://localhost:${String((server.address() as AddressInfo).port)}/in`;
    if (request.url === '/app.js') {
      response.setHeader('content-type', 'text/javascript; charset=utf-8').end(script);
      return;
    }
    const config = { service, clientId, redirectUri: home, scopes: 'spark:all spark:kms', ...more };
    response
      .setHeader('content-type', 'text/html; charset=utf-8')
      .end(
        `<!doctype html><title>app</title><button id=sign-in>Sign in</button><button id=window>Window</button>` +
          `<script type=application/json id=config>${JSON.stringify(config)}</script><script type=module src=/app.js></script>`,
      );
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return {
    home: `http://localhost:${String((server.address() as AddressInfo).port)}/in`,
    clientId,
    configure: (options) => {
      more = options;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A real Chromium, or undefined where there is none. `blocking`: one that blocks windows no one clicked for. */
export async function launch({ blocking = false } = {}): Promise<Browser | undefined> {
  const tool = path.resolve(import.meta.dirname, '../../../tools/browsers.mjs');
  const { needChromium, flags } = (await import(tool)) as {
    needChromium: () => string | undefined;
    flags: string[];
  };
  const executablePath = needChromium();
  if (executablePath === undefined) {
    if (process.env['TRUNKLINE_REQUIRE_BROWSER'] === '1') throw new Error('no Chromium');
    return undefined;
  }
  return chromium.launch({
    executablePath,
    args: flags,
    ...(blocking && { ignoreDefaultArgs: ['--disable-popup-blocking'] }),
  });
}

/** Types email and password, and allows. */
export async function typeIn(page: Page, email: string, button = 'Allow'): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: button, exact: true }).click();
}
/** What the app found when it started. */
export const found = async (page: Page): Promise<Found> => {
  await page.waitForFunction(() => 'app' in window);
  return page.evaluate(() => window.app.found);
};

/** The newest mail to an address, as the administrator sees it. */
export async function mailTo(cloud: Cloud, email: string): Promise<string> {
  const { items } = await cloud.admin<{ items: readonly { to: string; text: string }[] }>('GET', 'outbox');
  const mail = items.find(({ to }) => to === email);
  if (mail === undefined) throw new Error(`no mail went to ${email}`);
  return mail.text;
}

/** Waits until a token is refused: it is revoked beside the refresh, which does not wait for that. */
export async function ended(status: () => Promise<number>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while ((await status()) !== 401) {
    if (Date.now() > deadline) throw new Error('the token is still accepted');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
