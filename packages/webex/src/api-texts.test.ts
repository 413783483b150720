import { encodeId } from '@trunkline/wire';
import { expect } from 'chai';
import sinon from 'sinon';
import { failure, fakeCloud, ready, service, tokenOf } from '../test/kit.js';
import { configFrom } from './env.js';
import {
  buildRoomInfo,
  buildRoomInfoList,
  Events,
  PresenceWorker,
  registerPlugin,
  Webex,
  WebexPlugin,
  type OfficialInterceptor,
  type Page,
} from './index.js';

describe('what the API texts document', () => {
  let cloud: ReturnType<typeof fakeCloud>;
  beforeEach(() => {
    cloud = fakeCloud(() => undefined);
  });
  afterEach(() => cloud.end());

  describe('config.credentials.authorizationString', () => {
    const text =
      'https://sign-in.test/v1/authorize?client_id=C1&response_type=code&redirect_uri=https%3A%2F%2Fapp.test%2Fback&scope=spark%3Aall%20spark%3Akms&state=set_state_here';
    it('gives client_id, redirect_uri, scope and the sign-in page', () => {
      const webex = cloud.init({ credentials: '', config: { credentials: { authorizationString: text } } });
      expect(webex.config.credentials).to.include({
        client_id: 'C1',
        redirect_uri: 'https://app.test/back',
        scope: 'spark:all spark:kms',
        authorizeUrl: 'https://sign-in.test/v1/authorize',
      });
      const login = new URL(webex.credentials.buildLoginUrl({ state: { a: 1 } }));
      expect(login.origin + login.pathname).to.equal('https://sign-in.test/v1/authorize');
      expect(Object.fromEntries(login.searchParams)).to.include({
        client_id: 'C1',
        redirect_uri: 'https://app.test/back',
        scope: 'spark:all spark:kms',
        response_type: 'code',
      });
    });
    it('gives way to what is named beside it, and works with setConfig and from the environment', () => {
      const webex = cloud.init({
        credentials: '',
        config: { credentials: { authorizationString: text, scope: 'spark:people_read' } },
      });
      expect(webex.config.credentials).to.include({ client_id: 'C1', scope: 'spark:people_read' });
      const later = cloud.init({ credentials: '' });
      later.setConfig({ credentials: { authorizationString: text } });
      expect(later.config.credentials).to.include({ client_id: 'C1' });
      for (const name of ['WEBEX_AUTHORIZATION_STRING', 'AUTHORIZATION_STRING'])
        expect(configFrom({ [name]: text }).credentials).to.deep.equal({ authorizationString: text });
    });
    it('is ERR_CONFIG when it is not an authorize URL', () => {
      for (const authorizationString of [
        'nonsense',
        'https://x.test/authorize',
        'ftp://x.test/?client_id=1',
        5,
        {},
      ])
        expect(() =>
          cloud.init({ config: { credentials: { authorizationString: authorizationString as never } } }),
        )
          .to.throw('authorizationString')
          .with.property('code', 'ERR_CONFIG');
    });
  });

  describe('isAuthorizing and isAuthenticating', () => {
    it('are true during the exchange of a code and of a JWT, on both objects, with change events', async () => {
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      await cloud.end();
      cloud = fakeCloud(async (what) => {
        if (what === 'POST /v1/jwt/login') {
          await held;
          return { body: { token: tokenOf('g'), expiresIn: 60 } };
        }
        if (what !== 'POST /idbroker/idb/oauth2/v1/access_token') return undefined;
        await held;
        return { body: { access_token: tokenOf('b'), expires_in: 60 } };
      });
      const webex = cloud.init({
        credentials: '',
        config: { credentials: { client_id: 'c', client_secret: 's', redirect_uri: 'https://app.test/' } },
      });
      await ready(webex);
      const changes: string[] = [];
      webex.authorization.on('change:isAuthorizing', () => changes.push('authorization'));
      webex.on('change:isAuthorizing', () => changes.push('webex'));
      const flags = () => [
        webex.isAuthorizing,
        webex.isAuthenticating,
        webex.authorization.isAuthorizing,
        webex.authorization.isAuthenticating,
      ];
      const code = webex.authorization.requestAuthorizationCodeGrant({ code: 'x' });
      const jwt = webex.authorization.requestAccessTokenFromJwt({ jwt: 'a.b.c' });
      expect(flags()).to.deep.equal([true, true, true, true]);
      release();
      await Promise.allSettled([code, jwt]);
      expect(flags()).to.deep.equal([false, false, false, false]);
      expect(changes).to.deep.equal(['authorization', 'webex', 'authorization', 'webex']);
    });
  });

  it('config.logger.historyLength bounds what is kept', () => {
    const webex = cloud.init({ config: { logger: { level: 'silent', historyLength: 3 } } });
    for (let n = 0; n < 10; n += 1) webex.logger.info(`line ${String(n)}`);
    expect(
      webex.logger
        .formatLogs()
        .split('\n')
        .map((line) => line.split(',')[3]),
    ).to.deep.equal(['line 7', 'line 8', 'line 9']);
    for (const historyLength of [0, -1, 1.5, '3', NaN])
      expect(() => cloud.init({ config: { logger: { historyLength: historyLength as never } } }))
        .to.throw('historyLength')
        .with.property('code', 'ERR_CONFIG');
  });

  it('asks for people of all types by id, as config.people and people.batcher.config say', async () => {
    await cloud.end();
    cloud = fakeCloud((what) => (what.startsWith('GET /v1/people') ? { body: { items: [] } } : undefined));
    const webex = cloud.init();
    await ready(webex);
    expect(webex.people.batcher.config.showAllTypes).to.equal(false);
    const id = '00000000-0000-4000-8000-000000000001';
    await failure(webex.people.list([id]));
    webex.people.batcher.config.showAllTypes = true;
    expect(webex.config.people).to.include({ showAllTypes: true });
    await failure(webex.people.list([id]));
    const asked = cloud.left
      .map(({ url }) => new URL(url))
      .filter(({ pathname }) => pathname.startsWith('/v1/people'));
    expect(asked.map(({ searchParams }) => searchParams.get('showAllTypes'))).to.deep.equal([
      'false',
      'true',
    ]);
  });

  it('sends lookups of people through people.batcher, as many ids at once as the configuration says', async () => {
    await cloud.end();
    const ids = [1, 2, 3].map((n) => encodeId('PEOPLE', `00000000-0000-4000-8000-00000000000${String(n)}`));
    cloud = fakeCloud((what) =>
      what.startsWith('GET /v1/people') ? { body: { items: ids.map((id) => ({ id })) } } : undefined,
    );
    const webex = cloud.init();
    await ready(webex);
    const submitted = sinon.spy(webex.people.batcher, 'submitHttpRequest');
    await Promise.all(ids.map((id) => webex.people.get(id)));
    sinon.assert.calledOnce(submitted);
    webex.people.config['batcherMaxCalls'] = 2;
    await webex.people.list(ids);
    sinon.assert.calledThrice(submitted);
  });

  describe('tracking ids', () => {
    it('begin with sessionId in every request, of engines too, and none comes twice', async () => {
      await cloud.end();
      cloud = fakeCloud((what) =>
        what.startsWith('GET /v1/people') ? { body: { id: 'me', items: [] } } : undefined,
      );
      const webex = cloud.init();
      await ready(webex);
      await webex.people.get('me');
      await webex.people.list({ email: 'a@b.test' });
      await webex.close();
      await webex.people.get('me');
      await failure(webex.rooms.getWithReadStatus('r'));
      const ids = cloud.left.map(({ headers }) => headers['trackingid'] ?? '');
      expect(ids.length).to.be.greaterThan(3);
      for (const id of ids) expect(id).to.match(new RegExp(`^${webex.sessionId}_`));
      expect(new Set(ids).size).to.equal(ids.length);
    });
  });

  describe('interceptors of registerPlugin', () => {
    it('see the requests of engines, may change them, and may change their responses', async () => {
      await cloud.end();
      cloud = fakeCloud((what, { headers }) => {
        if (what === 'GET /v1/people/me') return { body: { id: 'me', displayName: headers['x-app'] } };
        if (what === 'GET /v1/people/') return { status: 403, body: { message: 'no' } };
        return undefined;
      });
      const seen: string[] = [];
      const interceptor: OfficialInterceptor = {
        onRequest(options) {
          seen.push(`> ${options.method ?? 'GET'} ${String(options.resource)}`);
          options.headers = { ...options.headers, 'x-app': 'Ana' };
          return Promise.resolve(options);
        },
        onResponse(options, response) {
          seen.push(`< ${String(response.statusCode)} ${String(options.resource)}`);
          const body = response.body as { displayName?: string };
          if (body.displayName !== undefined) body.displayName += ' Lee';
          return Promise.resolve(response);
        },
        onResponseError(options, reason: unknown) {
          seen.push(
            `! ${String((reason as { statusCode?: number }).statusCode)} ${String(options.resource)}`,
          );
          throw reason;
        },
      };
      registerPlugin('watched', WebexPlugin.extend({}), {
        replace: true,
        interceptors: { Watched: () => interceptor },
      });
      try {
        const webex = cloud.init();
        await ready(webex);
        expect((await webex.people.get('me')).displayName).to.equal('Ana Lee');
        const refused = await failure(webex.people.get('00000000-0000-4000-8000-000000000001'));
        expect(refused).to.include({ statusCode: 403 });
        await webex.internal.services.initServiceCatalogs();
        expect(seen).to.include.members([
          '> GET /people/me',
          '< 200 /people/me',
          '> GET /people/',
          '! 403 /people/',
          '> GET /catalog',
          '< 200 /catalog',
        ]);
      } finally {
        registerPlugin('watched', WebexPlugin.extend({}), { replace: true, interceptors: {} });
      }
    });
  });

  it('newMetrics sends behavioral, operational and business events', async () => {
    await cloud.end();
    cloud = fakeCloud((what) => {
      if (what === 'GET /u2c/api/v1/catalog')
        return {
          body: { serviceLinks: { metrics: `${service}/metrics/api/v1` }, hostCatalog: {} },
        };
      return what.startsWith('POST /metrics') ? { body: {} } : undefined;
    });
    const webex = cloud.init();
    await ready(webex);
    const { newMetrics, metrics } = webex.internal;
    await newMetrics.submitBehavioralEvent({
      product: 'app',
      agent: 'user',
      target: 'button',
      verb: 'press',
      payload: { colour: 'red' },
    });
    await newMetrics.submitOperationalEvent({ name: 'started', payload: { ms: 5 } });
    await newMetrics.submitBusinessEvent({
      name: 'sold',
      payload: { count: 2 },
      metadata: { appType: 'Bot' },
    });
    await metrics.flush();
    type Sent = { readonly metrics: readonly Record<string, unknown>[] };
    const sent = cloud.left
      .filter(({ url }) => url.includes('/clientmetrics'))
      .flatMap(({ body }) => (JSON.parse(body ?? '') as Sent).metrics);
    expect(sent.map(({ metricName, type }) => [metricName, type])).to.deep.equal([
      ['app.user.button.press', ['behavioral']],
      ['started', ['operational']],
      ['sold', ['business']],
    ]);
    expect(sent[0]?.['tags']).to.include({ colour: 'red' });
    expect(sent[2]?.['eventPayload']).to.include({ key: 'sold', appType: 'Bot' });
    for (const event of [undefined, {}, { name: '' }, { name: 5 }])
      for (const name of ['submitBehavioralEvent', 'submitOperationalEvent', 'submitBusinessEvent'] as const)
        expect(await failure((newMetrics[name] as (given: unknown) => Promise<void>)(event))).to.include({
          code: 'ERR_ARGUMENT',
        });
  });

  it('internal.services shows the hosts and URLs of the catalog', async () => {
    const webex = cloud.init();
    await webex.internal.services.waitForCatalog();
    expect(webex.internal.services._serviceUrls).to.include({ hydra: `${service}/v1/` });
    expect(webex.internal.services._hostCatalog).to.have.property('cloud.test');
  });

  it('cc and calling refuse with ERR_NOT_SUPPORTED', async () => {
    const webex = cloud.init() as unknown as Record<string, Record<string, () => Promise<unknown>>>;
    for (const name of ['cc', 'calling']) {
      const error = (await failure(webex[name]?.['register']?.() ?? Promise.resolve())) as Error;
      expect(error).to.include({ code: 'ERR_NOT_SUPPORTED' });
      expect(error.message).to.include(`webex.${name}.register()`);
    }
  });

  it('exports Events.qRCodeLogin, the worker of presence, and what makes room infos', async () => {
    expect(Events.qRCodeLogin).to.equal('qRCodeLogin');
    expect(new PresenceWorker()).to.have.property('enqueue').that.is.a('function');
    const webex = cloud.init();
    const conversation = (n: number, day: number) => ({
      id: `00000000-0000-4000-8000-00000000000${String(n)}`,
      url: `${service}/conversation/api/v1/conversations/${String(n)}`,
      tags: n === 1 ? ['ONE_ON_ONE'] : [],
      displayName: `Room ${String(n)}`,
      lastReadableActivityDate: `2030-01-0${String(day)}T00:00:00.000Z`,
    });
    const one = await buildRoomInfo(webex, conversation(1, 1) as never);
    expect(one).to.include({
      title: 'Room 1',
      type: 'direct',
      lastSeenActivityDate: '1970-01-01T00:00:00.000Z',
    });
    const list = [conversation(1, 1), conversation(2, 3), conversation(3, 2)] as never;
    const titles = async (max?: number) =>
      (await buildRoomInfoList(webex, list, max)).items.map(({ title }) => title);
    expect(await titles()).to.deep.equal(['Room 2', 'Room 3', 'Room 1']);
    expect(await titles(1)).to.deep.equal(['Room 2']);
  });

  it('a page that names an earlier one as the next is ERR_BAD_RESPONSE (F23)', async () => {
    let n = 0;
    await cloud.end();
    cloud = fakeCloud((what) =>
      what === 'GET /v1/rooms'
        ? {
            body: { items: [] },
            headers: { link: `<${service}/v1/rooms?p=${String((n += 1) % 3)}>; rel="next"` },
          }
        : undefined,
    );
    let page: Page<unknown> = await cloud.init().rooms.list();
    const walk = async (): Promise<void> => {
      for (let i = 0; i < 20; i += 1) page = await page.next();
    };
    expect(await failure(walk())).to.include({ code: 'ERR_BAD_RESPONSE' });
  });

  it('query values: a Date is ISO 8601, null is left out, anything else is ERR_ARGUMENT (P17)', async () => {
    await cloud.end();
    cloud = fakeCloud((what) => (what === 'GET /v1/rooms' ? { body: { items: [] } } : undefined));
    const webex = cloud.init();
    await webex.rooms.list({
      from: new Date(0),
      to: null,
      max: 5,
      ids: ['a', null, new Date(0)],
      none: undefined,
    });
    expect(new URL(cloud.left.at(-1)?.url ?? '').search).to.equal(
      '?from=1970-01-01T00%3A00%3A00.000Z&max=5&ids=a%2C1970-01-01T00%3A00%3A00.000Z',
    );
    for (const value of [new Date(NaN), NaN, Infinity, () => 1, Symbol('x'), 10n])
      expect(await failure(webex.rooms.list({ from: value }))).to.include({ code: 'ERR_ARGUMENT' });
  });

  it('is a class', () => {
    expect(Webex.prototype).to.be.instanceOf(WebexPlugin);
  });
});
