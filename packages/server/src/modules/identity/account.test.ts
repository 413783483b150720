import { expect } from 'chai';
import { browserName } from './account-pages.js';
import { type Browser, type IdentityCloud, type Reply, startIdentity } from './harness.test.js';
import { oauthBase } from './oauth.js';

const account = '/idbroker/account';
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

describe('the page of one’s own account', () => {
  let cloud: IdentityCloud;
  let browser: Browser;
  beforeEach(async () => {
    cloud = await startIdentity();
    await cloud.person('ana');
    await cloud.client({ name: 'Launch <app>' });
    browser = cloud.browser();
  });
  afterEach(() => cloud.close());

  const granted = async (): Promise<Reply> => {
    const back = await browser.allow(cloud.authorizeUrl(), 'ana');
    return cloud.token({
      grant_type: 'authorization_code',
      client_id: 'app',
      redirect_uri: 'http://127.0.0.1:7000/cb',
      code: back.to?.searchParams.get('code') ?? '',
      code_verifier: 'v'.repeat(64),
    });
  };

  it('shows the apps that may act, and withdraws one with all it holds', async () => {
    const { body } = await granted();
    const page = await browser.go(account);
    expect(page.text).to.include('Launch &lt;app&gt;').and.to.include('Signed in now');
    const answer = await browser.submit({ withdraw: 'app' });
    expect([answer.status, answer.to?.pathname]).to.deep.equal([303, account]);
    expect((await cloud.as(body['access_token'], 'GET', '/v1/people/me')).status).to.equal(401);
    const renewed = await cloud.token({
      grant_type: 'refresh_token',
      client_id: 'app',
      refresh_token: String(body['refresh_token']),
    });
    expect(renewed.body['error']).to.equal('invalid_grant');
    expect((await browser.go(account)).text).to.include('No app may act for you');
    expect((await browser.go(cloud.authorizeUrl())).text).to.include('Allow <span'); // asked again
  });

  it('withdraws also a code that is on its way', async () => {
    const back = await browser.allow(cloud.authorizeUrl(), 'ana');
    await browser.go(account);
    await browser.submit({ withdraw: 'app' });
    const late = await cloud.token({
      grant_type: 'authorization_code',
      client_id: 'app',
      redirect_uri: 'http://127.0.0.1:7000/cb',
      code: back.to?.searchParams.get('code') ?? '',
      code_verifier: 'v'.repeat(64),
    });
    expect(late.body['error']).to.equal('invalid_grant');
  });

  it('shows where one is signed in, and signs another browser out', async () => {
    const other = cloud.browser();
    await other.go(account, undefined, { 'user-agent': firefox });
    await other.submit(
      { action: 'sign-in', email: 'ana@example.com', password: 'right' },
      { 'user-agent': firefox },
    );
    await browser.signIn(account, 'ana');
    expect(browser.page?.text).to.include('Firefox on Linux').and.to.include('this one');
    const id = /name="end" value="([0-9a-f]{64})"/.exec(browser.page?.text ?? '')?.[1] ?? '';
    await browser.submit({ end: id });
    expect((await other.go(account)).text).to.include('<h1>Sign in</h1>');
    expect((await browser.go(account)).text).to.include('<h1>Your account</h1>');
  });

  it('ends nothing of another user, and nothing for forged forms', async () => {
    await cloud.person('ben');
    const { body } = await granted();
    const ben = cloud.browser();
    await ben.signIn(account, 'ben');
    await ben.submit({ withdraw: 'app' });
    const rows = await cloud.store.db.selectFrom('sessions').selectAll().execute();
    await ben.go(account);
    for (const { hash } of rows) {
      await ben.submit({ end: hash });
      await ben.go(account);
    }
    await browser.go(account, { withdraw: 'app', form_token: 'x' });
    expect((await cloud.as(body['access_token'], 'GET', '/v1/people/me')).status).to.equal(200);
    expect((await browser.go(account)).text).to.include('<h1>Your account</h1>');
    await browser.submit({ action: 'sign-out' });
    expect((await browser.go(account)).text).to.include('<h1>Sign in</h1>');
  });

  it('calls browsers by what people know', () => {
    expect(browserName(firefox)).to.equal('Firefox on Linux');
    const chrome = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36';
    expect(browserName(chrome)).to.equal('Chrome on Windows');
    expect(browserName(`${chrome} Edg/140.0`)).to.equal('Edge on Windows');
    expect(browserName('')).to.equal('A browser');
    expect(browserName('curl/8')).to.equal('Another program');
  });
});

describe('removing', () => {
  let cloud: IdentityCloud;
  beforeEach(async () => {
    cloud = await startIdentity();
  });
  afterEach(() => cloud.close());
  const isGood = async (token: string): Promise<boolean> =>
    (await cloud.as(token, 'GET', '/v1/people/me')).status === 200;

  it('a client takes its tokens, consents and codes, and no other’s', async () => {
    const ana = await cloud.person('ana');
    await cloud.client();
    await cloud.client({ clientId: 'other' });
    const { clients, tokens } = cloud.identity;
    const [mine, others] = [
      await tokens.grant(ana.id, { clientId: 'app' }),
      await tokens.grant(ana.id, { clientId: 'other' }),
    ];
    expect(await isGood(mine.accessToken)).to.equal(true); // known from now on
    expect((await clients.list()).map(({ id }) => id)).to.deep.equal(['app', 'other']);
    expect(await clients.remove('app', tokens)).to.equal(true);
    expect(await clients.remove('app', tokens)).to.equal(false);
    expect(await isGood(mine.accessToken)).to.equal(false);
    expect(await isGood(others.accessToken)).to.equal(true);
    expect((await cloud.browser().go(cloud.authorizeUrl())).text).to.include('not registered');
  });

  it('a guest issuer ends its guests, and no other’s', async () => {
    const [one, two] = [await cloud.guests.createIssuer('One'), await cloud.guests.createIssuer('Two')];
    const { SignJWT } = await import('jose');
    const login = async ({ issuer, secret }: typeof one): Promise<Reply> => {
      const jwt = await new SignJWT({ name: 'Visitor' })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(issuer)
        .setSubject('visitor')
        .setExpirationTime(Math.floor(cloud.now() / 1000) + 60)
        .sign(Buffer.from(secret, 'base64'));
      return cloud.ask('POST', '/v1/jwt/login', { headers: { authorization: jwt } });
    };
    const tokens = [await login(one), await login(two)].map(({ body }) => String(body['token']));
    expect((await cloud.guests.listIssuers()).map(({ name }) => name).sort()).to.deep.equal(['One', 'Two']);
    expect(await cloud.guests.removeIssuer(one.issuer)).to.equal(true);
    expect(await cloud.guests.removeIssuer(one.issuer)).to.equal(false);
    expect(await Promise.all(tokens.map(isGood))).to.deep.equal([false, true]);
    expect((await login(one)).status).to.equal(401);
  });
});

describe('signing out with an address to go on to', () => {
  let cloud: IdentityCloud;
  beforeEach(async () => {
    cloud = await startIdentity();
    await cloud.client({ clientId: 'other', redirectUris: ['https://other.example/'] });
    await cloud.client();
  });
  afterEach(() => cloud.close());

  it('goes only to a registered address of the token’s own client', async () => {
    const ana = await cloud.person('ana');
    const leave = async (goto: string, withToken = true): Promise<string | undefined> => {
      const { accessToken } = await cloud.identity.tokens.grant(ana.id, { clientId: 'app' });
      const query = new URLSearchParams({
        cisService: '',
        goto,
        ...(withToken && { token: accessToken }),
      });
      const { to } = await cloud.browser().go(`${oauthBase}/logout?${query.toString()}`);
      expect((await cloud.as(accessToken, 'GET', '/v1/people/me')).status).to.equal(withToken ? 401 : 200);
      return to?.href;
    };
    expect(await leave('http://127.0.0.1:7000/cb')).to.equal('http://127.0.0.1:7000/cb');
    expect(await leave('https://other.example/')).to.equal(undefined);
    expect(await leave('https://other.example/', false)).to.equal('https://other.example/');
    for (const goto of [
      'http://127.0.0.1:7000/cb?next=https://evil.example',
      'http://127.0.0.1:7000/elsewhere',
      'https://other.example/deeper',
      'https://other.example.evil.example/',
      'https://evil.example/',
    ])
      expect(await leave(goto, false), goto).to.equal(undefined);
  });
});
