import { createClient, refreshToken, type ClientBase } from '@trunkline/core';
import { expectQuiet, nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { countedFetch, failure } from './tools.js';

const tokenPath = 'POST /idbroker/idb/oauth2/v1/access_token';
const me = { service: 'hydra', path: 'people/me' } as const;

describe('credentials', function () {
  this.timeout(15_000);
  let cloud: Cloud;
  before(async () => {
    cloud = await startCloud();
  });
  after(() => cloud.close());

  const refreshing = async (name: string, fetcher?: typeof fetch) => {
    const { accessToken, refreshToken: secret } = await cloud.person(name);
    const token = refreshToken({
      accessToken,
      refreshToken: secret,
      clientId: 'spec',
      clientSecret: 'none',
    });
    return cloud.client(name, [], { token, ...(fetcher && { fetch: fetcher }) });
  };
  const expire = async (name: string): Promise<unknown> =>
    cloud.fault({ kind: 'expire-tokens', match: { userId: (await cloud.person(name)).id } });

  it('are ready with a good token', async () => {
    const client = await cloud.client('good', []);
    await client.ready();
    expect((await client.request<{ displayName: string }>(me)).body.displayName).to.equal('Good');
    await client.close();
    await expectQuiet(client);
  });

  for (const [what, tokenOf] of [
    ['unknown', () => Promise.resolve('A_B_C')],
    [
      'expired',
      async () => {
        await expire('expired');
        return (await cloud.person('expired')).accessToken;
      },
    ],
    [
      'revoked',
      async () => {
        const { accessToken } = await cloud.person('revoked');
        await cloud.admin('POST', 'tokens/revoke', { accessToken });
        return accessToken;
      },
    ],
  ] as const)
    it(`say once that a token is ${what}, and keep it out of the error`, async () => {
      const token = await tokenOf();
      const client = await cloud.client('nobody', [], { token });
      const told: Error[] = [];
      client.on('authExpired', ({ error }) => told.push(error));
      const ready = await failure(client.ready());
      const request = await failure(client.request(me));
      const connect = await failure(client.connect());
      expect([ready.code, request.code, connect.code]).to.deep.equal(Array(3).fill('ERR_AUTH_EXPIRED'));
      expect(told).to.have.length(1);
      if (token.length > 10) expect(JSON.stringify([ready, request])).not.to.contain(token);
      await client.close();
      await expectQuiet(client);
    });

  it('are refreshed by one request for twenty callers', async () => {
    const { fetch: fetcher, sent } = countedFetch();
    const client = await refreshing('many', fetcher);
    await client.ready();
    await expire('many');
    const refreshed = nextEvent(client as ClientBase, 'tokenRefreshed');
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.request(me)));
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200]));
    expect(sent.filter((what) => what === tokenPath)).to.have.length(1);
    expect((await refreshed).expiresAtMs).to.be.greaterThan(Date.now());
    await client.close();
  });

  it('that can no longer be refreshed end every caller with ERR_AUTH_EXPIRED', async () => {
    const person = await cloud.person('gone');
    const token = refreshToken({ ...person, refreshToken: 'A_B_C', clientId: 'spec', clientSecret: 'none' });
    const client = await cloud.client('gone', [], { token });
    let told = 0;
    client.on('authExpired', () => (told += 1));
    await client.ready();
    await expire('gone');
    const errors = await Promise.all(Array.from({ length: 5 }, () => failure(client.request(me))));
    expect(new Set(errors.map(({ code }) => code))).to.deep.equal(new Set(['ERR_AUTH_EXPIRED']));
    expect(told).to.equal(1);
    await client.close();
    await expectQuiet(client);
  });

  it('that are refused for a moment by a busy token service are asked for again by the next call', async () => {
    const client = await refreshing('busy');
    await client.ready();
    await cloud.fault({ kind: 'status', status: 503, times: 1, match: { path: '/idbroker' } });
    await expire('busy');
    const refused = await failure(client.request(me));
    expect([refused.code, refused.retryable]).to.deep.equal(['ERR_UNAVAILABLE', true]);
    expect((await client.request(me)).status).to.equal(200);
    await client.close();
  });

  it('revoked under an open socket: with a way to refresh it comes back by itself', async () => {
    const client = await refreshing('phoenix');
    await client.connect();
    const back = nextEvent(client.socket, 'state', { where: ({ to }) => to === 'open' });
    const { accessToken } = await cloud.person('phoenix');
    await cloud.admin('POST', 'tokens/revoke', { accessToken });
    await back;
    expect((await client.request(me)).status).to.equal(200);
    await client.close();
    await expectQuiet(client);
  });

  it('revoked under an open socket: without, the socket is closed permanently and the app is notified', async () => {
    const client = await cloud.client('ashes', []);
    await client.connect();
    const closed = nextEvent(client.socket, 'state', { where: ({ to }) => to === 'closed' });
    const told = nextEvent(client as ClientBase, 'authExpired');
    const { accessToken } = await cloud.person('ashes');
    await cloud.admin('POST', 'tokens/revoke', { accessToken });
    expect((await closed).reason).to.equal('ERR_AUTH_EXPIRED');
    await told;
    expect((await failure(client.connect())).code).to.equal('ERR_AUTH_EXPIRED');
    await client.close();
    await expectQuiet(client);
  });

  it('of two clients in one process are apart', async () => {
    const other = await startCloud();
    try {
      const [here, there] = [await cloud.client('same', []), await other.client('same', [])];
      await Promise.all([here.connect(), there.connect()]);
      expect(new URL(here.device?.url ?? '').origin).to.equal(cloud.url);
      expect(new URL(there.device?.url ?? '').origin).to.equal(other.url);
      const received: string[] = [];
      there.on('authExpired', () => received.push('there'));
      await here.close();
      await cloud.fault({ kind: 'expire-tokens' });
      expect((await there.request(me)).status).to.equal(200);
      expect([there.socket.state, received]).to.deep.equal(['open', []]);
    } finally {
      await other.close();
    }
  });

  it('are wanted before anything travels', () => {
    expect(() => createClient({ token: '', service: cloud.url })).to.throw(/token is empty/);
  });
});
