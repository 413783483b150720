import { expect } from 'chai';
import {
  context,
  failure,
  fakeClock,
  openStorage,
  refuses,
  SERVICE,
  shown,
  tokens,
  tokenService,
  turns,
  TOKEN_URL,
  type Reply,
} from '../test/kit.js';
import { deviceCode, type DeviceCodeOptions } from './device-code.js';

/** Browsers read bodies in tasks of their own. */
const responsesRead = async (): Promise<void> => {
  await turns(60);
  for (let task = 0; task < 10; task += 1) await new Promise((done) => setTimeout(done));
  await turns(60);
};

const HELPER = `${SERVICE}/oauth-helper/api/v1/actions/device`;
const CODE = {
  device_code: 'dev1ce-c0de',
  user_code: 'BCDF-GHJK',
  verification_uri: `${SERVICE}/idbroker/device`,
  verification_uri_complete: `${SERVICE}/idbroker/device?user_code=BCDF-GHJK`,
  expires_in: 300,
  interval: 2,
};
const says = (status: number, message: string): Response =>
  new Response(JSON.stringify({ message }), { status });
const pending = (): Response => says(428, 'authorization_pending');

const flowWith = (options: Partial<DeviceCodeOptions>, ...replies: Reply[]) => {
  const service = tokenService(CODE, ...replies);
  const clock = fakeClock();
  const all = { service: SERVICE, clientId: 'tv', scopes: 'spark:all spark:kms' };
  const pass = async (ms: number): Promise<number> => {
    clock.advance(ms);
    await responsesRead();
    return service.sent.length;
  };
  return {
    ...service,
    clock,
    pass,
    flow: deviceCode({ ...all, fetch: service.fetch, clock, ...options }),
  };
};

describe('deviceCode', () => {
  it('asks once a minute, and once an hour after a Retry-After of years, whatever the service names (F12)', async () => {
    const years = 315_360_000;
    const busy = (): Response =>
      new Response('{}', { status: 503, headers: { 'retry-after': String(years) } });
    const code = { ...CODE, interval: years, expires_in: years };
    const service = tokenService(code, pending(), busy(), tokens(1));
    const clock = fakeClock();
    const slow = deviceCode({
      ...{ service: SERVICE, clientId: 'tv', scopes: 'spark:all', clock, fetch: service.fetch },
    });
    const signIn = await slow.start();
    expect(signIn.expiresInS).to.equal(86_400);
    const signedIn = signIn.wait();
    for (const [ms, asked] of [
      [60_000, 2],
      [60_000, 3],
      [3_600_000, 4],
    ] as const) {
      clock.advance(ms);
      await responsesRead();
      expect(service.sent).to.have.length(asked);
    }
    await signedIn;
  });

  it('asks for a code, then for what it gave at the service’s pace, and renews later', async () => {
    const { flow, sent, pass, clock, fetch } = flowWith({}, pending(), pending(), tokens(1), tokens(2));
    const signIn = await flow.start();
    expect(signIn).to.include({
      userCode: 'BCDF-GHJK',
      verificationUri: CODE.verification_uri,
      verificationUriComplete: CODE.verification_uri_complete,
      expiresInS: 300,
    });
    expect(sent[0]?.url).to.equal(`${HELPER}/authorize`);
    expect(sent[0]?.form).to.deep.equal({ client_id: 'tv', scope: 'spark:all spark:kms' });
    expect(await pass(10_000)).to.equal(1); // no one waits yet
    const waiting = signIn.wait();
    expect(await pass(1999)).to.equal(1);
    expect(await pass(1)).to.equal(2);
    expect(sent[1]?.url).to.equal(`${HELPER}/token`);
    expect(sent[1]?.form).to.deep.equal({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: 'dev1ce-c0de',
      client_id: 'tv',
    });
    expect(await pass(2000)).to.equal(3);
    expect(await pass(2000)).to.equal(4);
    const { token } = await waiting;
    expect(await token(context('start', { fetch }))).to.include({ accessToken: 'access-1' });
    expect(await token(context('rejected', { fetch }, 'access-1'))).to.include({ accessToken: 'access-2' });
    expect(sent[4]?.url).to.equal(TOKEN_URL);
    expect(sent[4]?.form).to.deep.equal({
      grant_type: 'refresh_token',
      refresh_token: 'refresh-1',
      client_id: 'tv',
    });
    expect(clock.pending).to.equal(0);
  });

  it('gives the token function itself, and one wait for all', async () => {
    const { flow, pass, fetch, sent } = flowWith({}, tokens(1));
    const signIn = await flow.start();
    const [token, again] = [signIn.token, signIn.wait()];
    await pass(2000);
    expect(await (await token)(context('start', { fetch }))).to.include({ accessToken: 'access-1' });
    expect((await again).token).to.be.a('function');
    expect(sent).to.have.length(2);
  });

  it('shows the secret of a client that has one', async () => {
    const { flow, sent } = flowWith({ clientSecret: 's3cret' });
    await flow.start();
    expect(sent[0]?.headers.get('authorization')).to.equal(`Basic ${btoa('tv:s3cret')}`);
    expect(sent[0]?.form['client_id']).to.equal('tv');
  });

  it('waits twice as long when the service asks it to slow down, then as before', async () => {
    const { flow, pass } = flowWith({}, says(400, 'slow_down'), pending(), tokens(1));
    const waiting = (await flow.start()).wait();
    expect(await pass(2000)).to.equal(2);
    expect(await pass(3999)).to.equal(2);
    expect(await pass(1)).to.equal(3);
    expect(await pass(2000)).to.equal(4);
    await waiting;
  });

  it('goes on when answers do not come, and waits as long as it is asked to', async () => {
    const busy = new Response('{}', { status: 503, headers: { 'retry-after': '30' } });
    const { flow, pass } = flowWith({}, new TypeError('cut'), busy, tokens(1));
    const waiting = (await flow.start()).wait();
    expect(await pass(2000)).to.equal(2);
    expect(await pass(4000)).to.equal(3);
    expect(await pass(29_999)).to.equal(3);
    expect(await pass(1)).to.equal(4);
    await waiting;
  });

  for (const [name, reply, code] of [
    ['the person said no', says(400, 'access_denied'), 'ERR_AUTH_DENIED'],
    ['the code is over', says(400, 'expired_token'), 'ERR_TOKEN_INVALID'],
    ['the code was used', refuses('invalid_grant'), 'ERR_TOKEN_INVALID'],
    ['the client is unknown', refuses('invalid_client'), 'ERR_AUTH_CLIENT'],
    ['something else answers', says(404, 'x'), 'ERR_HTTP'],
  ] as const)
    it(`ends when ${name}, and shows no code`, async () => {
      const { flow, pass, clock } = flowWith({}, reply);
      const failed = failure((await flow.start()).wait());
      await pass(2000);
      const error = await failed;
      expect(error.code).to.equal(code);
      expect(shown(error)).not.to.match(/dev1ce-c0de|BCDF|access-1/);
      expect(clock.pending).to.equal(0);
    });

  it('ends at the time that was given, without another question', async () => {
    const { flow, pass, sent } = flowWith({}, pending());
    const failed = failure((await flow.start()).wait());
    for (let second = 0; second < 300; second += 1) await pass(1000);
    expect((await failed).code).to.equal('ERR_TOKEN_INVALID');
    expect(sent.length).to.equal(1 + 149);
    expect(await pass(10_000)).to.equal(150);
  });

  it('stops with its signal, whose reason it gives, and leaves no timer', async () => {
    const { flow, clock, pass } = flowWith({}, pending());
    const ending = new AbortController();
    const waiting = (await flow.start({ signal: ending.signal })).wait();
    await pass(2000);
    const reason = new Error('enough');
    ending.abort(reason);
    expect(await waiting.catch((error: unknown) => error)).to.equal(reason);
    expect(clock.pending).to.equal(0);
  });

  it('refuses an answer that is not a code, and pages that are none', async () => {
    for (const reply of [
      {},
      { ...CODE, device_code: '' },
      { ...CODE, verification_uri: 'javascript:alert(1)' },
    ]) {
      const { fetch } = tokenService(reply);
      const flow = deviceCode({ service: SERVICE, clientId: 'tv', scopes: 'a', fetch });
      expect((await failure(flow.start())).code).to.equal('ERR_BAD_RESPONSE');
    }
  });

  it('finds the cloud’s helper in its catalog, and leads to the cloud’s page', async () => {
    const helper = 'https://oauth-helper-a.wbx2.com/helperservice/v1';
    const { fetch, sent } = tokenService(
      { serviceLinks: { 'oauth-helper': helper }, hostCatalog: {} },
      { ...CODE, verification_uri_complete: 'https://id.test/verify?userCode=BCDFGHJK' },
    );
    const signIn = await deviceCode({ clientId: 'tv', scopes: 'a', fetch }).start();
    expect(sent[0]?.url).to.match(/^https:\/\/u2c\.wbx2\.com\/u2c\/api\/v1\/limited\/catalog\?/);
    expect(sent[1]?.url).to.equal(`${helper}/actions/device/authorize`);
    const url = new URL(signIn.verificationUriComplete);
    expect(url.origin + url.pathname).to.equal('https://web.webex.com/deviceAuth');
    expect(Object.fromEntries(url.searchParams)).to.deep.equal({
      usercode: 'BCDFGHJK',
      oauthhelper: helper,
    });
    const none = deviceCode({ clientId: 'tv', scopes: 'a', fetch: tokenService({}).fetch });
    expect((await failure(none.start())).code).to.equal('ERR_CATALOG');
  });

  it('keeps the sign-in in the given storage', async () => {
    const storage = openStorage();
    const { flow, pass, fetch } = flowWith({ storage, user: 'wall' }, tokens(1));
    expect(await flow.restore()).to.equal(undefined);
    const waiting = (await flow.start()).wait();
    await pass(2000);
    await waiting;
    const { flow: later } = flowWith({ storage, user: 'wall' });
    const found = await later.restore();
    expect(await found?.token(context('start', { fetch }))).to.include({ accessToken: 'access-1' });
  });

  it('says at once what is missing', () => {
    expect(() => deviceCode({ clientId: '', scopes: 'a' }))
      .to.throw()
      .with.property('code', 'ERR_ARGUMENT');
    expect(() => deviceCode({ clientId: 'a', clientSecret: '', scopes: 'a' }))
      .to.throw()
      .with.property('code', 'ERR_ARGUMENT');
  });
});
