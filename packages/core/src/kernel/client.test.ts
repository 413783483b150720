import { expect } from 'chai';
import sinon from 'sinon';
import {
  catalog,
  failure,
  inTurn,
  json,
  never,
  SERVICE,
  spy,
  stage,
  TOKEN,
  turn,
  until,
} from '../../test/kit.js';
import type { ClientOptions } from './client.js';
import { createClientFor } from './create-client.js';
import { refreshToken } from './credentials/refresh-token.js';
import { isSdkError } from './errors.js';
import { definePlugin, type PluginOrPlugins } from './plugin.js';
import type { Token, TokenContext } from './credentials/token.js';

const createClient = createClientFor({ name: 'web', WebSocket: () => undefined });
const get = { service: 'hydra', path: '/people/me' } as const;
const GET = 'GET /v1/people/me';
const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return isSdkError(error) ? error.code : String(error);
  }
  return 'nothing';
};
const plugin = (name: string, needs: readonly string[] = [], setup: () => unknown = () => ({})) =>
  definePlugin({ name, needs, setup })();

declare module '@trunkline/wire' {
  interface Peers {
    readonly other: object;
    readonly none: object;
  }
}

describe('createClient', () => {
  it('says what is wrong with its options', () => {
    const wrong: unknown[] = [
      undefined,
      {},
      { token: '' },
      { token: ' ' },
      { token: 7 },
      { token: 'Bearer x' },
      { token: 'a\nb' },
      { token: {} },
      { token: { accessToken: '' } },
      { token: TOKEN, service: 'cloud.test' },
      { token: TOKEN, service: 'ws://cloud.test' },
      { token: TOKEN, service: 'http://a:b@cloud.test' },
      { token: TOKEN, fetch: 1 },
      { token: TOKEN, config: { request: { timeoutMs: -1 } } },
      { token: TOKEN, config: { mercury: { pingIntervalMs: NaN } } },
      { token: TOKEN, config: { device: { ttlS: 0 } } },
      { token: TOKEN, config: { services: { wdm: 'x' } } },
    ];
    for (const options of wrong)
      expect(
        codeOf(() => createClient(options as ClientOptions)),
        JSON.stringify(options),
      ).to.equal('ERR_CONFIG');
  });
  it('sets plugins up in order of need, also later ones', () => {
    const order: string[] = [];
    const note = (name: string) => () => {
      order.push(name);
      return { name };
    };
    const client = createClient({
      token: TOKEN,
      plugins: [plugin('a', ['b'], note('a')), [plugin('b', ['c'], note('b')), plugin('c', [], note('c'))]],
    });
    expect(order).to.deep.equal(['c', 'b', 'a']);
    expect((client as unknown as Record<string, unknown>)['a']).to.deep.equal({ name: 'a' });
    expect(client.use(plugin('d', ['a'], note('d')))).to.equal(client);
    expect(order.at(-1)).to.equal('d');
    expect(codeOf(() => client.use(plugin('d')))).to.equal('ERR_PLUGIN_CLASH');
  });
  it('refuses what is not a plugin, is there twice, is missing, or takes a name of core', () => {
    const given = (...plugins: unknown[]) =>
      codeOf(() => createClient({ token: TOKEN, plugins: plugins as PluginOrPlugins[] }));
    expect(given(spy)).to.equal('ERR_NOT_A_PLUGIN');
    expect(() => createClient({ token: TOKEN, plugins: [spy as never] })).to.throw('expected spy(). Call it');
    expect(() => createClient({ token: TOKEN, plugins: [null as never] })).to.throw('got null');
    expect(given(undefined)).to.equal('ERR_NOT_A_PLUGIN');
    expect(given({ ...plugin('x'), [Symbol.for('trunkline.plugin')]: 99 })).to.equal('ERR_CORE_MISMATCH');
    expect(given(plugin('x'), plugin('x'))).to.equal('ERR_PLUGIN_CLASH');
    expect(given(plugin('x', ['y']))).to.equal('ERR_PLUGIN_MISSING');
    expect(given(plugin('x', ['y']), plugin('y', ['x']))).to.equal('ERR_PLUGIN_CLASH');
    for (const name of [
      'connect',
      'close',
      'use',
      'socket',
      'ready',
      'request',
      'on',
      'once',
      'device',
      'then',
      'constructor',
    ])
      expect(given(plugin(name)), name).to.equal('ERR_PLUGIN_CLASH');
  });
  it('offers peers, events and reports to plugins, and shares nothing between clients', () => {
    const [one, two] = [1, 2].map(() => createClient({ token: TOKEN, plugins: [spy(), plugin('other')] }));
    const seen: unknown[] = [];
    one?.on('error', ({ error }) => seen.push(error));
    one?.on('error', () => {
      throw new Error('never mind');
    });
    one?.spy.report('bad', 'here');
    two?.spy.report('bad', 'there');
    expect(seen).to.deep.equal(['bad']);
    expect(one?.spy.peer('other')).to.deep.equal({});
    expect(one?.spy.peer('none')).to.equal(undefined);
  });
  it('says that there is no WebSocket only when one is needed', async () => {
    const s = stage();
    const client = createClient({ token: TOKEN, service: SERVICE, fetch: s.fetch, clock: s.clock });
    await client.request(get);
    expect((await failure(client.connect())).code).to.equal('ERR_ENVIRONMENT');
    await client.close();
  });

  describe('close', () => {
    it('is idempotent, closes plugins in reverse order, and rejects later calls', async () => {
      const s = stage();
      const client = s.client().use(spy());
      const order: number[] = [];
      client.spy.onClose(() => void order.push(1));
      client.spy.onClose(async () => {
        await client.spy.request(get);
        order.push(2);
      });
      client.spy.onClose(() => {
        throw new Error('broken');
      });
      const first = client.close();
      expect(client.close()).to.equal(first);
      expect((await failure(client.request(get))).code).to.equal('ERR_CLIENT_CLOSED');
      await first;
      expect(order).to.deep.equal([2, 1]);
      for (const call of [
        client.request(get),
        client.connect(),
        client.ready(),
        client.spy.request(get),
        client.spy.serviceUrl('wdm'),
        client.spy.accessToken(),
      ])
        expect((await failure(call)).code).to.equal('ERR_CLIENT_CLOSED');
      expect(s.clock.pending).to.equal(0);
    });
    it('removes a device that was just being registered, and waits no longer than 2 s for it', async () => {
      const url = `${SERVICE}/wdm/api/v1/devices/late`;
      let register: (answer: Response) => void = () => undefined;
      const s = stage({
        'POST /wdm/api/v1/devices': (sent) =>
          new Promise<Response>((resolve, reject) => {
            register = resolve;
            Promise.resolve(never(sent)).catch(reject);
          }),
        'DELETE /wdm/api/v1/devices/late': () => new Response(null, { status: 204 }),
      });
      const leave = async (answers: boolean): Promise<string | undefined> => {
        const client = s.client();
        const before = s.sent.length;
        const connected = failure(client.connect());
        await until(() => s.sent.slice(before).some(({ method }) => method === 'POST'));
        const closed = client.close();
        expect((await connected).code).to.equal('ERR_CLIENT_CLOSED');
        if (answers) register(json({ url, webSocketUrl: 'ws://cloud.test/s', userId: 'u' }));
        else await s.clock.advance(2_000);
        await closed;
        expect(s.clock.pending).to.equal(0);
        return s.sent.at(-1)?.method;
      };
      expect(await leave(true)).to.equal('DELETE');
      expect(await leave(false)).to.equal('POST');
    });
    it('waits no longer than 2 s for anybody', async () => {
      const s = stage({ 'DELETE /wdm/api/v1/devices/1': never });
      const client = s.client().use(spy());
      const connected = client.connect();
      await until(() => s.sockets.length === 1);
      s.socket.welcome();
      await connected;
      s.socket.polite = false;
      client.spy.onClose(() => new Promise(() => undefined));
      const closed = client.close();
      await s.clock.advance(6_000);
      await closed;
      expect(s.socket.terminated).to.equal(true);
      expect(s.sent.at(-1)?.method).to.equal('DELETE');
      expect(s.clock.pending).to.equal(0);
    });
  });
});

describe('credentials', () => {
  it('refreshes once for twenty callers whose token is refused, and sends each again once', async () => {
    const s = stage({
      [GET]: ({ headers }) =>
        headers.get('authorization') === 'Bearer two' ? json({ ok: true }) : json({}, 401),
    });
    const contexts: TokenContext[] = [];
    const client = s.client({
      token: (context) => {
        contexts.push(context);
        return Promise.resolve(contexts.length === 1 ? 'one' : 'two');
      },
    });
    const refreshed: unknown[] = [];
    client.on('tokenRefreshed', (event) => refreshed.push(event));
    await Promise.all(Array.from({ length: 20 }, () => client.request(get)));
    expect(contexts.map(({ reason }) => reason)).to.deep.equal(['start', 'rejected']);
    expect(contexts[1]?.previous).to.deep.equal({ accessToken: 'one' });
    expect(contexts[1]?.tokenUrl).to.equal(`${SERVICE}/idbroker/idb/oauth2/v1/access_token`);
    expect(s.sent).to.have.length(40);
    expect(refreshed).to.deep.equal([{}]);
  });
  it('a POST goes out again after 401; still refused is ERR_UNAUTHORIZED', async () => {
    const s = stage({ 'POST /v1/x': () => json({}, 401) });
    let count = 0;
    const client = s.client({ token: () => Promise.resolve(String((count += 1))) });
    expect(
      (await failure(client.request({ method: 'POST', service: 'hydra', path: 'x', body: {} }))).code,
    ).to.equal('ERR_UNAUTHORIZED');
    expect(s.sent).to.have.length(2);
  });
  it('says once that no good token can be had, and goes on when there is one', async () => {
    const s = stage({
      [GET]: ({ headers }) => (headers.get('authorization') === 'Bearer good' ? json({}) : json({}, 401)),
    });
    let token = 'bad';
    const client = s.client({ token: () => Promise.resolve(token) });
    const expired: { error: Error }[] = [];
    client.on('authExpired', (event) => expired.push(event));
    for (let i = 0; i < 3; i += 1)
      expect((await failure(client.request(get))).code).to.equal('ERR_AUTH_EXPIRED');
    expect(expired).to.have.length(1);
    expect(JSON.stringify(expired[0]?.error)).not.to.include('bad');
    token = 'good';
    await client.request(get);
    token = 'other';
  });
  it('what the function throws is the cause; trouble with the network is not a verdict', async () => {
    const s = stage();
    const cause = new Error('no');
    const error = await failure(s.client({ token: () => Promise.reject(cause) }).request(get));
    expect(error).to.include({ code: 'ERR_AUTH_EXPIRED', cause });
    expect((await failure(s.client({ token: () => Promise.resolve('') }).request(get))).code).to.equal(
      'ERR_AUTH_EXPIRED',
    );
    const dark = stage({
      'POST /idbroker/idb/oauth2/v1/access_token': () => Promise.reject(new TypeError('lost')),
    });
    expect(
      (await failure(dark.client({ token: refreshToken({ refreshToken: 'r', clientId: 'c' }) }).request(get)))
        .code,
    ).to.equal('ERR_NETWORK');
    expect(
      (
        await failure(
          stage({ [GET]: () => json({}, 401) })
            .client()
            .request(get),
        )
      ).code,
    ).to.equal('ERR_AUTH_EXPIRED');
  });
  it('refreshes before the end by itself, keeps a token that still works when that fails, and stops with the client', async () => {
    const s = stage();
    // the moment is chosen at random, between 80 and 90 % of the lifetime
    const random = sinon.stub(Math, 'random').returns(0.5);
    let calls = 0;
    const client = s.client({
      token: ({ reason }) => {
        calls += 1;
        if (calls === 2) return Promise.reject(new Error('later'));
        expect(reason).to.equal(calls === 1 ? 'start' : 'expiring');
        return Promise.resolve({ accessToken: `t${String(calls)}`, expiresAtMs: s.clock.now() + 100_000 });
      },
    });
    const expired: unknown[] = [];
    client.on('authExpired', (event) => expired.push(event));
    await client.request(get);
    await s.clock.advance(79_000);
    expect(calls).to.equal(1);
    await s.clock.advance(11_100);
    expect(calls).to.equal(2);
    await client.request(get);
    expect(s.sent.at(-1)?.headers.get('authorization')).to.equal('Bearer t1');
    await s.clock.advance(10_000);
    expect(calls).to.equal(3);
    expect(expired).to.have.length(0);
    await client.close();
    random.restore();
    expect(s.clock.pending).to.equal(0);
  });
  it('refreshToken sends the grant as the protocol has it, and keeps what comes', async () => {
    const TOKENS = 'POST /idbroker/idb/oauth2/v1/access_token';
    const s = stage({
      [GET]: inTurn(
        () => json({}, 401),
        () => json({}),
        () => json({}, 401),
        () => json({}),
      ),
      [TOKENS]: inTurn(
        () => json({ access_token: 'two', expires_in: 60, refresh_token: 'r2' }),
        () => json({ access_token: 'three' }),
      ),
    });
    const kept: (Token & { refreshToken: string })[] = [];
    const client = s.client({
      token: refreshToken({
        refreshToken: 'r1',
        clientId: 'me',
        clientSecret: 'sé',
        accessToken: 'one',
        redirectUri: 'http://back',
        onRefresh: (token) => void kept.push(token),
      }),
    });
    await client.request(get);
    await client.request(get);
    const posts = s.sent.filter(({ method }) => method === 'POST');
    const grants = posts.filter(({ url }) => url.pathname.endsWith('/access_token'));
    // the token before the one that was replaced: no request can be under way with it
    expect(posts.filter((post) => !grants.includes(post)).map(({ body }) => String(body))).to.deep.equal([
      'token=one&token_type_hint=access_token',
    ]);
    expect(grants.map(({ body }) => String(body))).to.deep.equal([
      'grant_type=refresh_token&refresh_token=r1&redirect_uri=http%3A%2F%2Fback',
      'grant_type=refresh_token&refresh_token=r2&redirect_uri=http%3A%2F%2Fback',
    ]);
    expect(grants[0]?.headers.get('authorization')).to.equal('Basic bWU6c8Op');
    expect(kept.map((token) => [token.accessToken, token.refreshToken])).to.deep.equal([
      ['two', 'r2'],
      ['three', 'r2'],
    ]);
    await client.close();
    const refused = stage({
      [TOKENS]: () => json({ error: 'invalid_grant', error_description: 'secret r1' }, 400),
    });
    const error = await failure(
      refused.client({ token: refreshToken({ refreshToken: 'r1', clientId: 'me' }) }).request(get),
    );
    expect(error).to.have.nested.property('cause.code', 'ERR_TOKEN_INVALID');
    expect(String(error['cause'])).to.include('invalid_grant').and.not.to.include('r1');
  });
});

describe('the catalog', () => {
  const wanted = { service: 'conversation', path: 'x' } as const;
  it('is fetched once, when it is needed', async () => {
    const s = stage();
    const client = s.client().use(spy());
    await Promise.all([client.request(wanted), client.request(wanted), client.ready()]);
    expect(s.sent.filter(({ url }) => url.pathname === '/u2c/api/v1/catalog')).to.have.length(1);
    expect(s.sent[0]?.url.search).to.equal('?format=hostmap');
    expect(s.asked.map(({ url }) => url.pathname)).to.deep.equal([
      '/conversation/api/v1/x',
      '/conversation/api/v1/x',
    ]);
    expect(await client.spy.serviceUrl('hydra')).to.equal(`${SERVICE}/v1`);
    expect(client.spy.clusterOf(`${SERVICE}/conversation/api/v1/activities/1`)).to.equal('us');
    expect(client.spy.clusterOf('http://elsewhere.test/')).to.equal('us');
    expect(await failure(client.request({ service: 'nosuch', path: '/' })))
      .to.have.property('message')
      .that.includes("'nosuch'");
    expect((await failure(client.spy.serviceUrl('nosuch'))).code).to.equal('ERR_UNKNOWN_SERVICE');
  });
  it('is refused when it is none, and asked for again', async () => {
    for (const body of [
      undefined,
      [],
      {},
      { serviceLinks: {} },
      { serviceLinks: {}, hostCatalog: {} },
      { serviceLinks: { a: 'no url' }, hostCatalog: {} },
      { serviceLinks: [], hostCatalog: {} },
    ]) {
      const s = stage({
        'GET /u2c/api/v1/catalog': inTurn(
          () => json(body),
          () => json(catalog()),
        ),
      });
      const client = s.client();
      expect((await failure(client.ready())).code, JSON.stringify(body)).to.equal('ERR_CATALOG');
      await client.ready();
    }
  });
  it('gives way to config.services, also before it is there', async () => {
    const s = stage();
    const client = s.client({ config: { services: { conversation: 'http://mine.test/c/' } } });
    await client.request(wanted);
    expect(s.sent.map(({ url }) => url.href)).to.deep.equal(['http://mine.test/c/x']);
    expect(s.sent[0]?.headers.get('authorization')).to.equal(`Bearer ${TOKEN}`);
    await client.ready();
    await client.request(wanted);
    expect(s.sent.at(-1)?.url.host).to.equal('mine.test');
  });
  it('goes to the next host of the home cluster when one breaks, and starts again when all have', async () => {
    const hosts = (host: string, priority: number, id = 'urn:TEAM:eu-central-1_k:conversation') => ({
      host,
      ttl: -1,
      priority,
      id,
    });
    const s = stage({
      'GET /u2c/api/v1/catalog': () =>
        json({
          serviceLinks: { ...catalog().serviceLinks, conversation: 'http://main.test:81/c' },
          hostCatalog: {
            'main.test:81': [
              hosts('b.test', 2),
              hosts('a.test', 1),
              hosts('off.test', -1),
              hosts('x.test', 1, 'urn:TEAM:eu:other'),
            ],
          },
        }),
      '* http://a.test:81': () => json({}, 503),
    });
    const client = s.client().use(spy());
    const result = client.request(wanted);
    await s.clock.advance(1_000);
    await result;
    await client.request(wanted);
    expect(s.asked.map(({ url }) => url.host)).to.deep.equal(['a.test:81', 'b.test:81', 'b.test:81']);
    expect(client.spy.clusterOf('http://main.test:81/c/x')).to.equal('urn:TEAM:eu-central-1_k');
    expect(s.asked.every(({ headers }) => headers.has('authorization'))).to.equal(true);
  });
});

describe('the device', () => {
  const POST = 'POST /wdm/api/v1/devices';
  it('makes way by removing the oldest when there are too many', async () => {
    const old = [3, 1, 2, 4].map((n) => ({
      url: `${SERVICE}/wdm/api/v1/devices/old${String(n)}`,
      deviceType: 'WEB',
      modificationTime: `2020-01-0${String(n)}T00:00:00Z`,
    }));
    const s = stage({
      [POST]: inTurn(
        () => json({ message: 'User has excessive device registrations' }, 403),
        () => json({}, 403),
      ),
      'GET /wdm/api/v1/devices': () =>
        json({ devices: [...old, { url: 'x', deviceType: 'MOBILE', modificationTime: '2000-01-01' }] }),
    });
    expect((await failure(s.client().connect())).code).to.equal('ERR_FORBIDDEN');
    expect(
      s.sent.filter(({ method }) => method === 'DELETE').map(({ url }) => url.pathname.slice(-4)),
    ).to.deep.equal(['old1', 'old2']);
    expect(s.sent.filter(({ method }) => method === 'POST')).to.have.length(2);
    expect(JSON.parse(String(s.sent.find(({ method }) => method === 'POST')?.body))).to.deep.equal({
      name: 'trunkline',
      deviceType: 'WEB',
      model: 'web-js-sdk',
      localizedModel: 'webex-js-sdk',
      systemName: 'WEBEX_JS_SDK',
      systemVersion: '1.0.0',
    });
    const full = stage({
      [POST]: () => json({ message: 'User has excessive device registrations' }, 403),
      'GET /wdm/api/v1/devices': () => json({ devices: [] }),
    });
    expect((await failure(full.client().connect())).code).to.equal('ERR_TOO_MANY_DEVICES');
  });
  it('keeps an ephemeral one alive', async () => {
    const s = stage({
      [POST]: () =>
        json(
          { url: `${SERVICE}/wdm/api/v1/devices/1`, webSocketUrl: 'ws://cloud.test/s', userId: 'u' },
          200,
          { etag: 'E' },
        ),
      'PUT /wdm/api/v1/devices/1': () => new Response(null, { status: 304 }),
    });
    const client = s.client({ config: { device: { ttlS: 40, name: 'mine' } } });
    const result = client.connect();
    await until(() => s.sockets.length === 1);
    expect(s.socket.url).to.include('multipleConnections=true');
    s.socket.welcome();
    await result;
    s.socket.pong();
    await s.clock.advance(10_000);
    await turn();
    expect(s.sent.some(({ method }) => method === 'PUT')).to.equal(false);
    await s.clock.advance(4_000);
    s.socket.pong();
    await s.clock.advance(16_100);
    const put = s.sent.filter(({ method }) => method === 'PUT');
    expect(put).to.have.length(1);
    expect(put[0]?.headers.get('if-none-match')).to.equal('E');
    expect(JSON.parse(String(put[0]?.body)))
      .to.include({ ttl: 40, name: 'mine' })
      .and.not.to.have.property('features');
    await client.close();
    expect(s.clock.pending).to.equal(0);
  });
});
