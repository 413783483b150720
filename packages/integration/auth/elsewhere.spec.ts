import { activation, authorizationCode, deviceCode, downscope, logout, logoutUrl } from '@trunkline/auth';
import type { TokenFunction } from '@trunkline/core';
import { startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import {
  failure,
  launch,
  mailTo,
  password,
  personWithPassword,
  register,
  signInByForms,
  typeIn,
  type Person,
} from './kit.js';

const server = { clientId: 'server', clientSecret: 'a-long-and-random-secret-of-the-server' };
const redirectUri = 'https://app.example/callback';
const scopes = 'spark:all spark:kms';

describe('signing in elsewhere', function () {
  this.timeout(60_000);
  let cloud: Cloud;
  let service: string;
  let ana: Person;

  before(async () => {
    cloud = await startCloud();
    service = cloud.url;
    ana = await personWithPassword(cloud, 'ana');
    await register(cloud, { clientId: 'tv', redirectUris: [], name: 'Wall screen', scopes });
    await register(cloud, { ...server, redirectUris: [redirectUri], name: 'Launch', scopes });
  });
  after(() => cloud.close());

  const me = async (token: TokenFunction | string): Promise<string> => {
    const client = await cloud.client('nobody', [], { token });
    try {
      const path = 'people/me';
      return (await client.request<{ displayName: string }>({ service: 'hydra', path })).body.displayName;
    } finally {
      await client.close();
    }
  };
  const accessOf = async (token: TokenFunction): Promise<string> => {
    const got = await token({ reason: 'start', tokenUrl: '', fetch, signal: new AbortController().signal });
    return typeof got === 'string' ? got : got.accessToken;
  };
  const status = async (accessToken: string, path = '/v1/people/me'): Promise<number> =>
    (await fetch(service + path, { headers: { authorization: `Bearer ${accessToken}` } })).status;
  const signedIn = async (user = 'ana') => {
    const flow = authorizationCode({ service, ...server, redirectUri, scopes });
    return flow.exchange(await signInByForms(await flow.authorizeUrl(), ana.email), { user });
  };

  describe('a device, by a page in Chromium', () => {
    let browser: Browser | undefined;
    before(async function () {
      browser = await launch();
      if (browser === undefined) this.skip();
    });
    after(() => browser?.close());

    for (const colorScheme of ['light', 'dark'] as const)
      it(`is let in by who follows its link (${colorScheme})`, async () => {
        const signIn = await deviceCode({ service, clientId: 'tv', scopes: 'spark:all' }).start();
        const waiting = signIn.wait();
        const context = await browser?.newContext({ colorScheme, viewport: { width: 390, height: 844 } });
        const page = await context?.newPage();
        if (page === undefined) return;
        await page.goto(signIn.verificationUriComplete);
        await page.getByLabel('Email').fill(ana.email);
        await page.getByLabel('Password').fill(password);
        await page.getByRole('button', { name: 'Sign in' }).click();
        expect(await page.locator('.shown-code').textContent()).to.equal(signIn.userCode);
        expect(await page.getByRole('heading').textContent()).to.include('Wall screen');
        expect(await page.locator('.scopes li').count()).to.equal(1);
        const wide = await page.evaluate(
          () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
        );
        expect(wide, 'nothing is cut off').to.equal(false);
        await page.getByRole('button', { name: 'Allow', exact: true }).click();
        await page.getByRole('heading', { name: 'The device is signed in' }).waitFor();
        await context?.close();
        const { token, signOut } = await waiting;
        expect(await me(token)).to.equal('ana');
        await signOut();
      });

    it('is let in by who types its code, and turned away by who does not want it', async () => {
      const [yes, no] = await Promise.all([
        deviceCode({ service, clientId: 'tv', scopes }).start(),
        deviceCode({ service, clientId: 'tv', scopes }).start(),
      ]);
      const context = await browser?.newContext();
      const page = await context?.newPage();
      if (page === undefined) return;
      const denied = failure(no.wait());
      for (const { verificationUri, userCode } of [yes, no]) {
        await page.goto(verificationUri);
        if (userCode === yes.userCode) {
          await page.getByLabel('Email').fill(ana.email);
          await page.getByLabel('Password').fill(password);
          await page.getByRole('button', { name: 'Sign in' }).click();
        }
        await page.getByLabel('Code').fill('BBBB');
        await page.getByRole('button', { name: 'Continue' }).click();
        await page.getByRole('alert').waitFor();
        await page.getByLabel('Code').fill(userCode.toLowerCase());
        await page.getByRole('button', { name: 'Continue' }).click();
        const answer = userCode === yes.userCode ? 'Allow' : 'Do not allow';
        await page.getByRole('button', { name: answer, exact: true }).click();
      }
      expect(await me(await yes.token)).to.equal('ana');
      expect((await denied).code).to.equal('ERR_AUTH_DENIED');

      // and the person takes it back on the page of their account
      await page.goto(`${service}/idbroker/account`);
      await page.getByRole('listitem').filter({ hasText: 'Wall screen' }).getByRole('button').click();
      await page.getByText('Wall screen').waitFor({ state: 'detached' });
      expect((await failure(me(await yes.token))).code).to.equal('ERR_AUTH_EXPIRED');
      await context?.close();
    });

    it('asks who is there before it looks at a code', async () => {
      const page = await browser?.newPage();
      if (page === undefined) return;
      await page.goto(`${service}/idbroker/device?user_code=BCDF-GHJK`);
      await typeIn(page, ana.email, 'Continue').catch(() => undefined); // no such code: the page to enter one
      await page.getByRole('heading', { name: 'Sign in a device' }).waitFor();
      await page.close();
    });
  });

  it('refuses a client that is unknown, and scopes it may not have', async () => {
    for (const [clientId, wanted] of [
      ['nobody', scopes],
      ['tv', 'spark-admin:people_write'],
      ['server', scopes], // without its secret
    ] as const) {
      const failed = await failure(deviceCode({ service, clientId, scopes: wanted }).start());
      expect(failed.code).to.equal('ERR_AUTH_CLIENT');
    }
  });

  it('reduces a token, which does less and ends with the one it came from', async () => {
    const { token, signOut } = await signedIn('less');
    const less = downscope({ service, ...server, token });
    const reader = less.scoped('spark:people_read');
    expect(await me(reader)).to.equal('ana');
    const reduced = await accessOf(reader);
    expect(await accessOf(less.scoped(['spark:people_read']))).to.equal(reduced);
    expect([await status(reduced), await status(reduced, '/v1/rooms')]).to.deep.equal([200, 403]);
    const wide = await failure(accessOf(less.scoped('spark-admin:people_write')));
    expect(wide.code).to.equal('ERR_AUTH_CLIENT');
    // renewed after a refusal, with the token it comes from
    await cloud.fault({ kind: 'expire-tokens', match: { userId: ana.id } });
    const client = await cloud.client('nobody', [], { token: less.scoped('spark:people_read') });
    await client.request({ service: 'hydra', path: 'people/me' });
    await client.close();
    const again = await accessOf(less.scoped('spark:people_read'));
    expect(again).not.to.equal(reduced);
    await less.revoke();
    expect([await status(again), await status(await accessOf(token))]).to.deep.equal([401, 200]);
    const last = await accessOf(less.scoped('spark:people_read'));
    await signOut();
    expect(await status(last)).to.equal(401);
  });

  it('lets someone in by mail, who then has a password', async () => {
    const email = 'newcomer@example.com';
    await cloud.admin('POST', 'users', { email, displayName: 'Newcomer' });
    const codes = activation({ service, ...server });
    const { hasPassword, id = '', mailSent } = await codes.verify({ email });
    expect([hasPassword, mailSent]).to.deep.equal([false, true]);
    const confirmationCode = /\b\d{8}\b/.exec(await mailTo(cloud, email))?.[0] ?? '';
    const wrong = await failure(codes.activate({ id, confirmationCode: 'no' }));
    expect(wrong.code).to.equal('ERR_TOKEN_INVALID');
    const person = await codes.activate({ id, confirmationCode });
    await person.setPassword(password);
    await person.updateName({ displayName: 'New Comer' });
    expect(await me(person.token)).to.equal('New Comer');
    expect((await codes.verify({ email })).hasPassword).to.equal(true);
    const flow = authorizationCode({ service, ...server, redirectUri, scopes });
    const back = await signInByForms(await flow.authorizeUrl(), email);
    const late = await flow.exchange(back, { user: 'new' });
    expect(await me(late.token)).to.equal('New Comer');
  });

  it('lets someone in by one-time password, a limited number of times an hour', async () => {
    const email = ana.email;
    const codes = activation({ service, ...server, scopes: 'spark:people_read' });
    await codes.generateOtp({ email });
    const oneTimePassword = /\b\d{8}\b/.exec(await mailTo(cloud, email))?.[0] ?? '';
    expect(await me((await codes.validateOtp({ email, oneTimePassword })).token)).to.equal('ana');
    expect((await failure(codes.validateOtp({ email, oneTimePassword }))).code).to.equal('ERR_TOKEN_INVALID');
    for (let n = 0; n < 4; n += 1) await codes.generateOtp({ email });
    const over = await failure(codes.generateOtp({ email }));
    expect(over.code).to.equal('ERR_RATE_LIMITED');
    expect(over.retryAfterMs).to.be.greaterThan(0);
  });

  it('logs out by token, and by the address that a browser is sent to', async () => {
    const first = await signedIn('first');
    await logout({ service, token: await accessOf(first.token) });
    expect((await failure(me(first.token))).code).to.equal('ERR_AUTH_EXPIRED');
    const second = await signedIn('second');
    const token = await accessOf(second.token);
    const go = async (goto: string, more: object = {}): Promise<[number, string | null]> => {
      const left = await fetch(logoutUrl({ service, goto, ...more }), { redirect: 'manual' });
      return [left.status, left.headers.get('location')];
    };
    expect(await go(redirectUri, { token })).to.deep.equal([302, redirectUri]);
    expect(await status(token)).to.equal(401);
    expect(await go('https://evil.example/')).to.deep.equal([200, null]);
    expect(await go(`${redirectUri}/../evil`)).to.deep.equal([200, null]);
  });

  it('ends everything of a client and of a guest issuer that the administrator removes', async () => {
    const gone = { clientId: 'gone', clientSecret: 'a-long-and-random-secret-of-this-one' };
    await register(cloud, { ...gone, redirectUris: [redirectUri], scopes });
    const flow = authorizationCode({ service, ...gone, redirectUri, scopes });
    const { token } = await flow.exchange(await signInByForms(await flow.authorizeUrl(), ana.email));
    const accessToken = await accessOf(token);
    expect(await status(accessToken)).to.equal(200);
    const { items } = await cloud.admin<{ items: { clientId: string }[] }>('GET', 'clients');
    expect(items.map(({ clientId }) => clientId)).to.include('gone');
    expect(JSON.stringify(items)).not.to.include(gone.clientSecret);
    await cloud.admin('DELETE', 'clients/gone');
    expect(await status(accessToken)).to.equal(401);
    expect((await failure(me(token))).code).to.equal('ERR_AUTH_EXPIRED');
    const { issuer } = await cloud.admin<{ issuer: string }>('POST', 'guest-issuers', { name: 'Desk' });
    await cloud.admin('DELETE', `guest-issuers/${issuer}`);
    const left = await cloud.admin<{ items: object[] }>('GET', 'guest-issuers');
    expect(left.items).to.deep.equal([]);
  });
});
