import { expect } from 'chai';
import { basic, type Browser, type IdentityCloud, type Reply, startIdentity } from './harness.test.js';

const base = '/oauth-helper/api/v1/actions/device';
const grantType = 'urn:ietf:params:oauth:grant-type:device_code';
const heading = (page: Reply): string => /<h1[^>]*>([\s\S]*?)<\/h1>/.exec(page.text)?.[1] ?? '';

describe('signing in a device', () => {
  let cloud: IdentityCloud;
  let browser: Browser;
  beforeEach(async () => {
    cloud = await startIdentity();
    await cloud.person('ana');
    await cloud.client({ clientId: 'tv', name: 'Wall <screen>', redirectUris: [] });
    browser = cloud.browser();
  });
  afterEach(() => cloud.close());

  const begin = async (
    fields: Record<string, string> = { client_id: 'tv' },
    headers: Record<string, string> = {},
  ): Promise<Reply> => cloud.ask('POST', `${base}/authorize`, { form: fields, headers });
  const poll = (code: unknown, clientId = 'tv', headers: Record<string, string> = {}): Promise<Reply> =>
    cloud.ask('POST', `${base}/token`, {
      form: { grant_type: grantType, device_code: String(code), client_id: clientId },
      headers,
    });
  const pathOf = (complete: unknown): string => {
    const { pathname, search } = new URL(String(complete));
    return pathname + search;
  };

  it('waits, is allowed on the page, and gets tokens that are renewed', async () => {
    const { body, status } = await begin({ client_id: 'tv', scope: 'spark:people_read spark:kms' });
    expect([status, body['expires_in'], body['interval']]).to.deep.equal([200, 300, 2]);
    expect(body['user_code']).to.match(/^[B-Z]{4}-[B-Z]{4}$/);
    expect(body['verification_uri']).to.equal('http://trunkline.test/idbroker/device');
    expect(body['verification_uri_complete']).to.equal(
      `http://trunkline.test/idbroker/device?user_code=${String(body['user_code'])}`,
    );
    const early = await poll(body['device_code']);
    expect([early.status, early.body['message']]).to.deep.equal([428, 'authorization_pending']);
    const page = await browser.signIn(pathOf(body['verification_uri_complete']), 'ana');
    expect(heading(page)).to.include('Wall &lt;screen&gt;');
    expect(page.text).to.include(String(body['user_code'])).and.to.include('See the people you can find');
    expect(page.headers['content-security-policy']).to.include("form-action 'self'");
    expect(heading(await browser.submit({ action: 'allow' }))).to.equal('The device is signed in');
    const granted = await poll(body['device_code']);
    expect(granted.status).to.equal(200);
    expect(granted.body['scope']).to.equal('spark:kms spark:people_read');
    const token = String(granted.body['access_token']);
    expect((await cloud.as(token, 'GET', '/v1/people/me')).status).to.equal(200);
    expect((await cloud.as(token, 'POST', '/v1/rooms')).status).to.equal(403);
    const renewed = await cloud.token({
      grant_type: 'refresh_token',
      refresh_token: String(granted.body['refresh_token']),
      client_id: 'tv',
    });
    expect(renewed.status).to.equal(200);
  });

  it('takes the code as people type it', async () => {
    const { body } = await begin();
    await browser.signIn('/idbroker/device', 'ana');
    expect(heading(browser.page ?? (await browser.go('/')))).to.equal('Sign in a device');
    const typed = String(body['user_code']).toLowerCase().replace('-', ' ');
    const { to } = await browser.submit({ action: 'enter', user_code: typed });
    const page = await browser.go(`${to?.pathname ?? ''}${to?.search ?? ''}`);
    expect(page.text).to.include(String(body['user_code']));
  });

  it('asks a device that polls too fast to slow down', async () => {
    const { body } = await begin();
    expect((await poll(body['device_code'])).status).to.equal(428);
    cloud.later(500);
    const hurried = await poll(body['device_code']);
    expect([hurried.status, hurried.body['message']]).to.deep.equal([400, 'slow_down']);
    cloud.later(2000);
    expect((await poll(body['device_code'])).status).to.equal(428);
  });

  it('reports that the person refused, and that the code expired', async () => {
    const { body } = await begin();
    await browser.signIn(pathOf(body['verification_uri_complete']), 'ana');
    expect(heading(await browser.submit({ action: 'deny' }))).to.equal('The device was not let in');
    const denied = await poll(body['device_code']);
    expect([denied.status, denied.body['error']]).to.deep.equal([400, 'access_denied']);

    const { body: late } = await begin();
    cloud.later(301_000);
    const expired = await poll(late['device_code']);
    expect([expired.status, expired.body['error']]).to.deep.equal([400, 'expired_token']);
    const page = await browser.go(pathOf(late['verification_uri_complete']));
    expect([page.status, heading(page)]).to.deep.equal([404, 'Sign in a device']);
  });

  it('does not let in a device whose code ran out between allowing and asking', async () => {
    const { body } = await begin();
    await browser.signIn(pathOf(body['verification_uri_complete']), 'ana');
    await browser.submit({ action: 'allow' });
    cloud.later(301_000);
    expect((await poll(body['device_code'])).body['error']).to.equal('expired_token');
  });

  it('gives once: shown again, what it gave is revoked', async () => {
    const { body } = await begin();
    await browser.signIn(pathOf(body['verification_uri_complete']), 'ana');
    await browser.submit({ action: 'allow' });
    const token = (await poll(body['device_code'])).body['access_token'];
    expect((await poll(body['device_code'])).body['error']).to.equal('invalid_grant');
    expect((await cloud.as(token, 'GET', '/v1/people/me')).status).to.equal(401);
  });

  it('gives nothing to another client, or to a wrong secret', async () => {
    await cloud.client({ clientId: 'other', redirectUris: [] });
    await cloud.client({ clientId: 'box', clientSecret: 's3cret', redirectUris: [] });
    const { body } = await begin();
    await browser.signIn(pathOf(body['verification_uri_complete']), 'ana');
    await browser.submit({ action: 'allow' });
    const stolen = await poll(body['device_code'], 'other');
    const none = await poll('nothing', 'other');
    expect(stolen.body['error']).to.equal('invalid_grant');
    expect({ ...stolen.body, trackingId: 0 }).to.deep.equal({ ...none.body, trackingId: 0 });
    expect((await poll(body['device_code'])).status).to.equal(200); // theirs is untouched
    expect((await begin({ client_id: 'box' })).body['error']).to.equal('invalid_client');
    expect((await begin({ client_id: 'box' }, basic('box', 'wrong'))).body['error']).to.equal(
      'invalid_client',
    );
    expect((await begin({ client_id: 'tv' }, basic('box', 's3cret'))).body['error']).to.equal(
      'invalid_request',
    );
    expect((await begin({ client_id: 'box' }, basic('box', 's3cret'))).status).to.equal(200);
    expect((await begin({ client_id: 'unknown' })).body['error']).to.equal('invalid_client');
    expect((await begin({ client_id: 'tv', scope: 'spark-admin:all' })).body['error']).to.equal(
      'invalid_scope',
    );
  });

  it('slows down who guesses codes, also with right ones of their own in between', async () => {
    const { body } = await begin();
    const own = pathOf(body['verification_uri_complete']);
    await browser.signIn(own, 'ana');
    const statuses = [];
    for (const code of ['BBBB-BBBB', 'BBBB-BBBC', 'BBBB-BBBD', 'BBBB-BBBF', 'BBBB-BBBG', 'BBBB-BBBH']) {
      statuses.push((await browser.go(`/idbroker/device?user_code=${code}`)).status);
      if (statuses.length < 5) expect((await browser.go(own)).status).to.equal(200);
    }
    expect(statuses).to.deep.equal([404, 404, 404, 404, 404, 429]);
  });

  it('decides nothing for forged forms, nor for who is signed out', async () => {
    const { body } = await begin();
    const url = pathOf(body['verification_uri_complete']);
    await browser.signIn(url, 'ana');
    expect((await browser.go(url, { action: 'allow', form_token: 'x'.repeat(43) })).status).to.equal(403);
    await browser.go(url);
    expect((await browser.submit({ action: 'allow' }, { 'sec-fetch-site': 'cross-site' })).status).to.equal(
      403,
    );
    const stranger = cloud.browser();
    await stranger.go(url);
    await stranger.submit({ action: 'allow' });
    expect((await poll(body['device_code'])).status).to.equal(428);
  });

  it('keeps no code, only hashes, and removes them after their time', async () => {
    const { body } = await begin();
    const rows = await cloud.store.db.selectFrom('device_codes').selectAll().execute();
    const kept = JSON.stringify(rows);
    expect(rows).to.have.length(1);
    expect(kept).not.to.include(body['device_code']).and.not.to.include(body['user_code']);
    cloud.later(2 * 3_600_000);
    await cloud.sweep();
    expect(await cloud.store.db.selectFrom('device_codes').selectAll().execute()).to.deep.equal([]);
  });
});
