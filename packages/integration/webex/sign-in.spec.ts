import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { startCloud, type Cloud } from '@trunkline/testing';
import { Webex, type QrLoginEvent } from '@trunkline/webex';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { ended, launch, password, personWithPassword, register, signInByForms, typeIn } from '../auth/kit.js';
import { collect, refusal } from './tools.js';

const root = path.resolve(import.meta.dirname, '../../..');
const credentials = {
  client_id: 'app',
  client_secret: 'a-long-and-random-secret',
  scope: 'spark:all spark:kms',
};

describe('webex.authorization', function () {
  this.timeout(60_000);
  let cloud: Cloud;
  let site: Server;
  let home: string;
  let browser: Browser | undefined;
  let open: Webex[];
  const start = async (more: object = {}): Promise<Webex> => {
    const webex = Webex.init({
      config: {
        service: cloud.url,
        logger: { level: 'silent' },
        credentials: { ...credentials, redirect_uri: 'https://app.example/back', ...more },
      },
    });
    open.push(webex);
    await webex.when('ready');
    return webex;
  };
  const nameOf = async (webex: Webex): Promise<string | undefined> =>
    (await webex.people.get('me')).displayName;

  before(async () => {
    cloud = await startCloud();
    const script = await readFile(path.join(root, 'packages/webex/dist/umd/webex.min.js'), 'utf8');
    site = createServer((request, response) => {
      const isScript = request.url === '/webex.min.js';
      const program = `const config = ${JSON.stringify({
        service: cloud.url,
        credentials: { client_id: 'page', scope: credentials.scope, flow: 'code', redirect_uri: home },
      })};
        window.webex = Webex.init({ config });
        window.isReady = new Promise((resolve) => webex.once('ready', resolve));`;
      response
        .setHeader('content-type', isScript ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8')
        .end(
          isScript
            ? script
            : `<!doctype html><title>app</title><button id=go onclick="webex.authorization.initiateLogin({ state: { page: 7 } })">Sign in</button>` +
                `<button id=window onclick="window.done = webex.authorization.initiateLogin({ separateWindow: true })">Window</button>` +
                `<script src=/webex.min.js></script><script>${program}</script>`,
        );
    });
    site.listen(0, 'localhost');
    await once(site, 'listening');
    home = `http://localhost:${String((site.address() as AddressInfo).port)}/in`;
    const { scope: scopes, client_id: clientId, client_secret: clientSecret } = credentials;
    await register(cloud, {
      ...{ clientId, clientSecret, redirectUris: ['https://app.example/back'], name: 'App' },
      scopes: `${scopes} webexsquare:admin`,
    });
    await register(cloud, { clientId: 'page', redirectUris: [home], name: 'Page', scopes });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    site.closeAllConnections();
    site.close();
    await cloud.close();
  });
  beforeEach(() => {
    open = [];
  });
  afterEach(() => Promise.all(open.map((webex) => webex.close())));

  it('a code, on a server: once; renewed; ended', async () => {
    const { email } = await personWithPassword(cloud, 'ana');
    const webex = await start();
    expect(webex.canAuthorize).to.equal(false);
    const back = await signInByForms(webex.credentials.buildLoginUrl({ state: { page: 1 } }), email);
    const code = new URL(back).searchParams.get('code') ?? '';
    await webex.authorization.requestAuthorizationCodeGrant({ code });
    expect(await nameOf(webex)).to.equal('ana');
    expect(webex.credentials.supertoken?.scope).to.equal('spark:all spark:kms');
    const before = webex.credentials.supertoken?.access_token;
    await webex.credentials.refresh();
    expect(webex.credentials.supertoken?.access_token).not.to.equal(before);
    const less = await webex.credentials.downscope('spark:kms');
    expect(less.scope).to.equal('spark:kms');
    expect(await refusal(webex.authorization.requestAuthorizationCodeGrant({ code }))).to.have.property(
      'code',
    );
    const { access_token: last = '' } = webex.credentials.supertoken ?? {};
    await webex.logout({ noRedirect: true });
    const headers = { authorization: `Bearer ${last}` };
    expect((await fetch(`${cloud.url}/v1/people/me`, { headers })).status).to.equal(401);
  });

  it('refreshing twice ends the first token, with what was reduced from it, and keeps the second (U24)', async () => {
    const { email } = await personWithPassword(cloud, 'carla');
    const signed = await start();
    const back = await signInByForms(signed.credentials.buildLoginUrl({ state: {} }), email);
    const code = new URL(back).searchParams.get('code') ?? '';
    // a program that was given tokens, as the official one keeps them
    const response = await fetch(`${cloud.url}/idbroker/idb/oauth2/v1/access_token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`${credentials.client_id}:${credentials.client_secret}`)}`,
      },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        redirect_uri: 'https://app.example/back',
        code,
      }),
    });
    const webex = await start();
    webex.credentials.set({ supertoken: (await response.json()) as { access_token: string } });
    const tokens: string[] = [webex.credentials.supertoken?.access_token ?? ''];
    const less = await webex.credentials.downscope('spark:people_read');
    const status = async (token: string): Promise<number> =>
      (await fetch(`${cloud.url}/v1/people/me`, { headers: { authorization: `Bearer ${token}` } })).status;
    for (let turn = 0; turn < 2; turn += 1) {
      tokens.push((await webex.credentials.refresh()).access_token);
      if (turn === 0) expect(await status(tokens[0] ?? '')).to.equal(200);
    }
    await ended(() => status(tokens[0] ?? ''));
    expect(await Promise.all(tokens.map(status))).to.deep.equal([401, 200, 200]);
    expect(await status(less.access_token)).to.equal(401);
  });

  it('the program itself: a client token, refused with a wrong secret', async () => {
    const token = await (await start()).credentials.getClientToken();
    expect(token.scope).to.equal('webexsquare:admin');
    const wrong = await start({ client_secret: 'no' });
    expect(await refusal(wrong.credentials.getClientToken())).to.include({ code: 'ERR_AUTH_CLIENT' });
  });

  it('a guest, by a JWT that says how long it lasts', async () => {
    const { issuer, secret: secretId } = await cloud.admin<{ issuer: string; secret: string }>(
      'POST',
      'guest-issuers',
      { name: 'Shop' },
    );
    const webex = await start();
    const { jwt } = await webex.authorization.createJwt({
      ...{ issuer, secretId, displayName: 'Gail', expiresIn: '1h' },
    });
    const { iat, exp } = JSON.parse(atob(jwt.split('.')[1] ?? '')) as { iat?: number; exp: number };
    expect(exp - (iat ?? Date.now() / 1000)).to.be.closeTo(3600, 5);
    await webex.authorization.requestAccessTokenFromJwt({ jwt });
    expect([await nameOf(webex), webex.credentials.isUnverifiedGuest]).to.deep.equal(['Gail', true]);
  });

  describe('with pages in Chromium', () => {
    const tab = async (context: { readonly page: Page }, email: string): Promise<void> => {
      await context.page.waitForURL(/idbroker/);
      await typeIn(context.page, email);
    };
    const me = (page: Page): Promise<unknown> =>
      page.evaluate(async () => {
        const { webex, isReady } = window as unknown as { webex: Webex; isReady: Promise<void> };
        await isReady;
        return webex.canAuthorize ? (await webex.people.get('me')).displayName : undefined;
      });

    before(function () {
      if (browser === undefined) this.skip();
    });

    it('a code that is shown: allowed elsewhere; given up', async () => {
      const { email } = await personWithPassword(cloud, 'bea');
      const webex = await start();
      const events = collect<QrLoginEvent>(webex.authorization.eventEmitter, 'qRCodeLogin');
      const ended = webex.authorization.initQRCodeLogin();
      const shown = await events.next(({ eventType }) => eventType === 'getUserCodeSuccess');
      const { verificationUriComplete = '' } = 'userData' in shown ? shown.userData : {};
      const page = await browser?.newPage();
      if (page === undefined) return;
      await page.goto(verificationUriComplete);
      await page.getByLabel('Email').fill(email);
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('button', { name: 'Allow', exact: true }).click();
      await ended;
      await page.close();
      expect(events.seen.map(({ eventType }) => eventType)).to.deep.equal([
        'getUserCodeSuccess',
        'authorizationPending',
        'authorizationSuccess',
      ]);
      expect(await nameOf(webex)).to.equal('bea');

      const other = await start();
      const received = collect<QrLoginEvent>(other.authorization.eventEmitter, 'qRCodeLogin');
      const given = other.authorization.initQRCodeLogin();
      await received.next(({ eventType }) => eventType === 'authorizationPending');
      expect(other.authorization.isAuthorizing).to.equal(true);
      other.authorization.cancelQRCodePolling();
      await given;
      expect(received.seen.at(-1)?.eventType).to.equal('pollingCanceled');
      expect([other.canAuthorize, other.authorization.isAuthorizing]).to.deep.equal([false, false]);

      const stranger = await start({ client_id: 'nobody' });
      const told = collect<QrLoginEvent>(stranger.authorization.eventEmitter, 'qRCodeLogin');
      await stranger.authorization.initQRCodeLogin();
      expect(told.seen.map(({ eventType }) => eventType)).to.deep.equal(['getUserCodeFailure']);
    });

    it('PKCE in the page: there and back, after a reload, out by the logout page', async () => {
      const { email } = await personWithPassword(cloud, 'carl');
      const context = await browser?.newContext();
      const page = await context?.newPage();
      if (page === undefined) return;
      await page.goto(home);
      expect(await me(page)).to.equal(undefined);
      await page.click('#go');
      await tab({ page }, email);
      await page.waitForURL((url) => url.hostname === 'localhost');
      expect(await me(page)).to.equal('carl');
      expect(page.url()).to.equal(home);
      const state = await page.evaluate(
        () => (window as unknown as { webex: Webex }).webex.authorization.state as object,
      );
      expect(state).to.deep.equal({ page: 7 });
      await page.reload();
      expect(await me(page)).to.equal('carl');
      const [out] = await Promise.all([
        page.waitForRequest(/\/logout\?/),
        page.waitForEvent('framenavigated'),
        page.evaluate(() => void (window as unknown as { webex: Webex }).webex.logout()),
      ]);
      expect(new URL(out.url()).searchParams.get('goto')).to.equal(home);
      await page.waitForLoadState();
      expect(await me(page)).to.equal(undefined);
      await context?.close();
    });

    it('a window of its own', async () => {
      const { email } = await personWithPassword(cloud, 'dana');
      const context = await browser?.newContext();
      const page = await context?.newPage();
      if (context === undefined || page === undefined) return;
      await page.goto(home);
      await me(page);
      const [window_] = await Promise.all([context.waitForEvent('page'), page.click('#window')]);
      await tab({ page: window_ }, email);
      await page.evaluate(() => (window as unknown as { done: Promise<void> }).done);
      expect(await me(page)).to.equal('dana');
      await context.close();
    });
  });
});
