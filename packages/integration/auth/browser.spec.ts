import { startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { found, launch, personWithPassword, register, serveApp, typeIn, type Person } from './kit.js';

describe('signing in, in Chromium, from another origin', function () {
  this.timeout(60_000);
  let cloud: Cloud;
  let browser: Browser | undefined;
  let site: Awaited<ReturnType<typeof serveApp>>;
  let ana: Person;
  let context: BrowserContext;
  let page: Page;
  let count = 0;

  before(async function () {
    browser = await launch();
    if (browser === undefined) {
      this.skip();
      return;
    }
    cloud = await startCloud();
    site = await serveApp(cloud.url);
    await register(cloud, {
      clientId: site.clientId,
      redirectUris: [site.home],
      scopes: 'spark:all spark:kms',
      name: 'Launch app',
    });
  });
  after(async () => {
    await browser?.close();
    if (browser !== undefined) await Promise.all([site.close(), cloud.close()]);
  });
  beforeEach(async () => {
    if (browser === undefined) return;
    site.configure({});
    ana = await personWithPassword(cloud, `ana${String((count += 1))}`); // has allowed nothing yet
    context = await browser.newContext();
    context.setDefaultTimeout(15_000);
    page = await context.newPage();
    await page.goto(`${site.home}?theme=dark`);
  });
  afterEach(() => context.close());

  const signIn = async (): Promise<void> => {
    await page.click('#sign-in');
    await page.waitForURL(/idbroker/);
    await typeIn(page, ana.email);
    await page.waitForURL((url) => url.hostname === 'localhost');
  };
  const me = (where = page): Promise<unknown> => where.evaluate(() => window.app.me());
  const name = (): string => ana.email.split('@')[0] ?? '';
  const expire = (): Promise<unknown> => cloud.fault({ kind: 'expire-tokens', match: { userId: ana.id } });
  /** What another program does with tokens that this page keeps. */
  const kept = async (): Promise<{ accessToken: string; refreshToken: string }> => {
    const [tokens] = await page.evaluate(() => window.app.kept());
    if (tokens === undefined) throw new Error('nothing is kept');
    return tokens;
  };

  it('goes there with PKCE and comes back; a reload restores; renews; signs out', async () => {
    expect(await found(page)).to.deep.equal({ signedIn: false });
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/idbroker/'))
        asked.push(`${request.method()} ${new URL(request.url()).pathname.split('/').at(-1) ?? ''}`);
    });
    await signIn();
    expect(await found(page)).to.deep.equal({ signedIn: true, state: { page: '/deep?x=1' } });
    expect(page.url()).to.equal(site.home); // no code, no state
    expect(asked.at(-1)).to.equal('POST access_token');
    expect(await me()).to.equal(name());
    expect(await page.evaluate(() => Object.keys(sessionStorage))).to.deep.equal([]);

    await page.reload();
    expect(await found(page)).to.deep.equal({ signedIn: true });
    expect(await me()).to.equal(name());

    const before = await kept();
    await expire();
    expect(await me()).to.equal(name());
    expect(await page.evaluate(() => window.app.events)).to.deep.equal(['tokenRefreshed']);
    expect((await kept()).refreshToken).not.to.equal(before.refreshToken); // a page's is exchanged each time

    const last = await kept();
    const [out] = await Promise.all([
      page.waitForRequest(/\/logout\?/),
      page.waitForEvent('framenavigated'),
      page.evaluate(() => void window.app.signOut()),
    ]);
    expect(new URL(out.url()).searchParams.get('goto')).to.equal(site.home);
    await page.waitForLoadState();
    expect(page.url()).to.equal(site.home);
    expect(await found(page)).to.deep.equal({ signedIn: false });
    expect(await page.evaluate(() => window.app.kept())).to.deep.equal([]);
    const after = await fetch(`${cloud.url}/v1/people/me`, {
      headers: { authorization: `Bearer ${last.accessToken}` },
    });
    expect(after.status).to.equal(401);
    await page.click('#sign-in'); // the service has forgotten as well
    await page.getByLabel('Password').waitFor();
  });

  it('takes the implicit flow’s token', async () => {
    site.configure({ flow: 'implicit' });
    await page.reload();
    await signIn();
    expect(await found(page)).to.deep.equal({ signedIn: true, state: { page: '/deep?x=1' } });
    expect(page.url()).to.equal(site.home);
    expect(await me()).to.equal(name());
    await page.reload();
    expect(await found(page)).to.deep.equal({ signedIn: true });
    await page.evaluate(() => window.app.signOut({ noRedirect: true }));
    expect(page.url()).to.equal(site.home);
    expect(await page.evaluate(() => window.app.again())).to.deep.equal({ signedIn: false });
  });

  it('says that the person did not allow it', async () => {
    await page.click('#sign-in');
    await typeIn(page, ana.email, 'Do not allow');
    await page.waitForURL((url) => url.hostname === 'localhost');
    expect(await found(page)).to.include({ code: 'ERR_AUTH_DENIED' });
    expect(page.url()).to.equal(site.home);
    expect(await page.evaluate(() => window.app.again())).to.deep.equal({ signedIn: false });
  });

  it('takes no answer that this tab did not ask for, and no answer twice', async () => {
    const answers: string[] = [];
    page.on('request', (request) => {
      if (request.url().startsWith(`${site.home}?code=`)) answers.push(request.url());
    });
    await signIn();
    const [answer = ''] = answers;
    await page.evaluate(() => window.app.signOut({ noRedirect: true }));
    await page.goto(answer);
    expect(await found(page)).to.include({ code: 'ERR_AUTH_STATE' });
    expect(page.url()).to.equal(site.home);
    const other = await context.newPage();
    await other.goto(answer);
    expect(await found(other)).to.include({ code: 'ERR_AUTH_STATE' });
    expect(await other.evaluate(() => window.app.kept())).to.deep.equal([]);
  });

  it('renews once for two tabs', async () => {
    await signIn();
    const other = await context.newPage();
    await other.goto(site.home);
    expect(await found(other)).to.deep.equal({ signedIn: true });
    await Promise.all([me(), me(other)]);
    let renewals = 0;
    context.on('request', (request) => {
      if (request.url().endsWith('/access_token')) renewals += 1;
    });
    await expire();
    expect(await Promise.all([me(), me(other)])).to.deep.equal([name(), name()]);
    expect(renewals).to.equal(1);
  });

  it('signs in through a window of its own', async () => {
    const opening = context.waitForEvent('page');
    await page.click('#window');
    const popup = await opening;
    await popup.waitForURL(/idbroker/);
    const closed = popup.waitForEvent('close');
    await typeIn(popup, ana.email);
    await closed;
    expect(await page.evaluate(() => window.app.done)).to.equal('done');
    expect(await me()).to.equal(name());
    expect(page.url()).to.equal(`${site.home}?theme=dark`);
  });

  it('says when the window is closed before anybody signed in, and can begin again', async () => {
    const opening = context.waitForEvent('page');
    await page.click('#window');
    const popup = await opening;
    await popup.waitForURL(/idbroker/);
    await popup.close();
    expect(await page.evaluate(() => window.app.done)).to.include({ code: 'ERR_AUTH_DENIED' });
    expect(await page.evaluate(() => window.app.kept())).to.deep.equal([]);
    await signIn();
    expect(await me()).to.equal(name());
  });

  it('says in the window that began that the person did not allow it', async () => {
    const opening = context.waitForEvent('page');
    await page.click('#window');
    const popup = await opening;
    await popup.waitForURL(/idbroker/);
    const closed = popup.waitForEvent('close');
    await typeIn(popup, ana.email, 'Do not allow');
    await closed;
    expect(await page.evaluate(() => window.app.done)).to.include({ code: 'ERR_AUTH_DENIED' });
  });

  it('says that the browser blocked a window no one clicked for', async () => {
    const strict = await launch({ blocking: true });
    try {
      const blocked = await strict?.newPage();
      await blocked?.goto(`${site.home}?unasked`);
      await blocked?.waitForFunction(() => 'app' in window);
      expect(await blocked?.evaluate(() => window.app.done)).to.include({ code: 'ERR_ENVIRONMENT' });
    } finally {
      await strict?.close();
    }
  });

  it('says once that the sign-in has ended, when the refresh token was revoked elsewhere', async () => {
    await signIn();
    expect(await me()).to.equal(name());
    const { refreshToken } = await kept();
    await fetch(`${cloud.url}/idbroker/idb/oauth2/v1/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ token: refreshToken, client_id: site.clientId }),
    });
    const outcome = await page.evaluate(async () => {
      const { me, open, events } = window.app;
      const client = open();
      const answers = await Promise.all([me(client), me(client), me(client)]);
      return [answers.map((answer) => typeof answer === 'object' && answer.code), events];
    });
    expect(outcome).to.deep.equal([
      ['ERR_AUTH_EXPIRED', 'ERR_AUTH_EXPIRED', 'ERR_AUTH_EXPIRED'],
      ['authExpired ERR_TOKEN_INVALID'],
    ]);
    expect(await page.evaluate(() => window.app.kept())).to.deep.equal([]);
    await page.reload();
    expect(await found(page)).to.deep.equal({ signedIn: false });
  });
});
