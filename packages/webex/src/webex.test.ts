import { expect } from 'chai';
import sinon from 'sinon';
import { failure, fakeCloud, orgId, ready, service, tokenOf } from '../test/kit.js';
import webexDefault, { init, Token, version, Webex, WebexPlugin, type WebexAttrs } from './index.js';

describe('Webex', () => {
  let cloud: ReturnType<typeof fakeCloud>;
  afterEach(() => cloud.end());

  describe('init', () => {
    const token = tokenOf('a');
    const shapes: readonly WebexAttrs[] = [
      { credentials: token },
      { credentials: { access_token: token } },
      { credentials: { access_token: `Bearer ${token}` } },
      { credentials: { access_token: `Bearer${token}` } },
      { credentials: { supertoken: token } },
      { credentials: { supertoken: { access_token: token, expires_in: 60 } } },
      { credentials: { supertoken: { supertoken: { access_token: token } } } },
      { credentials: { authorization: { access_token: token } } },
      { credentials: { authorization: { supertoken: { access_token: token } } } },
      { access_token: token },
      { supertoken: { access_token: token } },
      { authorization: { access_token: token } },
    ];
    it('takes every shape of credentials, at once', async () => {
      cloud = fakeCloud(() => undefined);
      for (const shape of shapes) {
        const webex = cloud.init({ credentials: '', ...shape });
        expect(webex.credentials.supertoken?.access_token, JSON.stringify(shape)).to.equal(token);
        expect(String(webex.credentials.supertoken)).to.equal(`Bearer ${token}`);
        expect(webex.canAuthorize).to.equal(true);
      }
      const bare = Webex.init(token);
      await bare.close();
      expect(bare.credentials.supertoken?.access_token).to.equal(token);
    });
    it('becomes ready after the listeners were added', async () => {
      cloud = fakeCloud(() => undefined);
      const webex = cloud.init();
      expect([webex.ready, webex.loaded]).to.deep.equal([false, false]);
      const heard: string[] = [];
      for (const event of ['loaded', 'ready', 'change:ready']) webex.on(event, () => heard.push(event));
      await ready(webex);
      expect(heard).to.have.members(['loaded', 'ready', 'change:ready']);
      expect(webex.ready).to.equal(true);
    });
    it('is default, named, a class and a function', () => {
      cloud = fakeCloud(() => undefined);
      expect(webexDefault).to.equal(Webex);
      expect(init({ config: { service } })).to.be.instanceOf(Webex);
      expect(new Webex({ config: { service } }).version).to.equal(version);
      expect(Webex.version).to.equal(version);
    });
    it('works with no one signed in, and says so when someone is needed', async () => {
      cloud = fakeCloud(() => undefined);
      const webex = cloud.init({ credentials: '' });
      await ready(webex);
      expect(webex.canAuthorize).to.equal(false);
      expect(await failure(webex.rooms.list())).to.include({ statusCode: 401 });
      expect(await failure(webex.credentials.getUserToken()))
        .to.have.property('message')
        .that.contains('Current state cannot produce an access token');
      expect(cloud.left).to.deep.equal([]);
    });
    it('refuses another cloud clearly', () => {
      cloud = fakeCloud(() => undefined);
      expect(() => cloud.init({ config: { fedramp: true } }))
        .to.throw('fedramp')
        .with.property('code', 'ERR_NOT_SUPPORTED');
    });
    it('finds the service from the two official URLs, and lets override win', async () => {
      cloud = fakeCloud(() => ({ body: { id: 'x' } }));
      const discovery = { hydra: 'http://a.test/v1', u2c: 'http://a.test/u2c/api/v1' };
      const webex = Webex.init({
        credentials: tokenOf('a'),
        config: {
          logger: { level: 'silent' },
          services: { discovery, override: { other: 'http://b.test/api' } },
        },
      });
      await webex.request({ service: 'hydra', resource: 'x' });
      await webex.request({ service: 'other', resource: 'y' });
      await webex.close();
      expect(cloud.left.map(({ url }) => url)).to.include.members([
        'http://a.test/v1/x',
        'http://b.test/api/y',
      ]);
    });
  });

  it('refuses whatever is called on plugins that there are not (H8)', async () => {
    cloud = fakeCloud(() => undefined);
    const webex = cloud.init();
    for (const { calls, name } of [
      { calls: webex.calling, name: 'webex.calling' },
      { calls: webex.cc, name: 'webex.cc' },
    ]) {
      for (const refused of [calls['register']?.(), calls['personalMeetingRoom']?.['get']?.('x'), calls()])
        expect(await failure(refused as Promise<unknown>)).to.include({ code: 'ERR_NOT_SUPPORTED' });
      for (const listen of ['on', 'once', 'off', 'getAllMeetings', 'isReady'])
        expect(() => void calls[listen]?.('meeting:added', () => undefined))
          .to.throw(`${name}.${listen}()`)
          .with.property('code', 'ERR_NOT_SUPPORTED');
      // awaited, it is itself
      expect(await (calls as unknown)).to.equal(calls);
      expect(JSON.stringify({ calls })).to.equal('{}');
    }
    expect(cloud.left).to.deep.equal([]);
  });
  it('gives way to a plugin of the name that an app registers', () => {
    const Meetings = WebexPlugin.extend({ register: () => 'registered' });
    Webex.registerPlugin('meetings', Meetings);
    cloud = fakeCloud(() => undefined);
    const meetings = cloud.init().meetings as unknown as { register(): string };
    expect(meetings.register()).to.equal('registered');
  });

  describe('credentials', () => {
    it('tell who may do what, and say when that changes', async () => {
      cloud = fakeCloud(() => undefined);
      const webex = cloud.init({ credentials: '' });
      const heard = sinon.spy();
      webex.on('change:canAuthorize', heard);
      webex.credentials.set({ access_token: tokenOf('b') });
      expect(webex.canAuthorize).to.equal(true);
      expect(webex.credentials.getOrgId()).to.equal(orgId);
      expect((await webex.credentials.getUserToken()).access_token).to.equal(tokenOf('b'));
      await webex.credentials.invalidate();
      expect(heard.args.map(([, value]) => value as boolean)).to.deep.equal([true, false]);
      expect(() => webex.credentials.getOrgId()).to.throw('not a valid format');
    });
    it('refresh with refresh_token, client_id and client_secret, once for all, and replay', async () => {
      let good = tokenOf('old');
      cloud = fakeCloud(async (what, { headers, body }) => {
        if (what === 'POST /idbroker/idb/oauth2/v1/access_token') {
          expect(headers['authorization']).to.equal(`Basic ${btoa('me:secret')}`);
          expect(body).to.equal('grant_type=refresh_token&refresh_token=r1&redirect_uri=http%3A%2F%2Fback');
          await Promise.resolve();
          good = tokenOf('new');
          return { body: { access_token: good, expires_in: 3600, refresh_token: 'r2' } };
        }
        if (headers['authorization'] !== `Bearer ${good}`)
          return { status: 401, body: { message: 'expired' } };
        return what.startsWith('GET /v1/') ? { body: { items: [], id: what } } : undefined;
      });
      const webex = cloud.init({
        credentials: { access_token: tokenOf('old'), refresh_token: 'r1' },
        config: { credentials: { client_id: 'me', client_secret: 'secret', redirect_uri: 'http://back' } },
      });
      expect(webex.canRefresh).to.equal(true);
      await ready(webex);
      await webex.rooms.list();
      good = '';
      const changed = sinon.spy();
      webex.credentials.on('change:supertoken', changed);
      await Promise.all([webex.rooms.list(), webex.request({ service: 'hydra', resource: 'people/me' })]);
      expect(cloud.left.filter(({ url }) => url.includes('access_token'))).to.have.length(1);
      expect(webex.credentials.supertoken).to.include({ access_token: tokenOf('new'), refresh_token: 'r2' });
      sinon.assert.calledOnce(changed);
      expect(webex.credentials.isRefreshing).to.equal(false);
    });
    it('refresh by the callback of the page, or by a new JWT', async () => {
      cloud = fakeCloud((what, { headers }) =>
        what === 'POST /v1/jwt/login'
          ? { body: { token: tokenOf(headers['authorization'] ?? ''), expiresIn: 5 } }
          : undefined,
      );
      const refreshCallback = sinon.stub().resolves({ access_token: tokenOf('called') });
      const webex = cloud.init({
        credentials: { access_token: tokenOf('a'), refresh_token: 'r' },
        config: { credentials: { refreshCallback } },
      });
      expect((await webex.credentials.refresh()).access_token).to.equal(tokenOf('called'));
      expect((refreshCallback.args[0] as unknown[])[0]).to.equal(webex);
      const guest = cloud.init({ config: { credentials: { jwtRefreshCallback: () => 'jwt2' } } });
      await guest.refresh();
      expect(guest.credentials.supertoken).to.include({ access_token: tokenOf('jwt2'), expires_in: 5 });
      expect(await failure(cloud.init().credentials.refresh())).to.include({ code: 'ERR_TOKEN_INVALID' });
    });
    it('begin again when someone else signs in', async () => {
      cloud = fakeCloud((what) => (what === 'GET /v1/rooms' ? { body: { items: [] } } : undefined));
      const webex = cloud.init();
      await webex.rooms.list();
      webex.credentials.supertoken = new Token({ access_token: tokenOf('b') });
      await webex.rooms.list();
      const tokens = cloud.left
        .filter(({ url }) => url.endsWith('/v1/rooms'))
        .map(({ headers }) => headers['authorization']);
      expect(tokens).to.deep.equal([`Bearer ${tokenOf('a')}`, `Bearer ${tokenOf('b')}`]);
    });
    it('are in nothing that is shown', async () => {
      cloud = fakeCloud(() => undefined);
      const webex = cloud.init();
      await ready(webex);
      expect(JSON.stringify(webex)).not.to.contain(tokenOf('a'));
      expect(JSON.stringify(webex.credentials)).not.to.contain(tokenOf('a'));
    });
  });

  describe('resources', () => {
    it('send what they are given, as it is', async () => {
      cloud = fakeCloud((what) =>
        what.startsWith('DELETE')
          ? { status: 204 }
          : what.includes('/v1/')
            ? { body: { id: 'x' } }
            : undefined,
      );
      const webex = cloud.init();
      await webex.rooms.create({ title: 'Ops', extra: 1 });
      await webex.rooms.get({ id: 'r/1' });
      await webex.rooms.update({ id: 'r1', title: 'Dev' });
      await webex.rooms.remove('r1');
      await webex.messages.create({ roomId: 'r1', text: 'hi', files: ['http://x.test/a.png'] });
      await webex.messages.update({ id: 'm1', roomId: 'r1', text: 'old' }, { text: 'new' });
      await webex.memberships.create({ roomId: 'r1', personEmail: 'a@b.c' });
      await webex.teams.create({ name: 'T' });
      await webex.webhooks.get('w1');
      await webex.teamMemberships.remove('t1');
      await webex.attachmentActions.create({ type: 'submit', messageId: 'm1', inputs: {} });
      const sent = cloud.left
        .filter(({ url }) => url.includes('/v1/') && !url.includes('u2c'))
        .map(({ method, url, body }) => [`${method} ${url.slice(`${service}/v1/`.length)}`, body]);
      expect(sent).to.deep.equal([
        ['POST rooms', '{"title":"Ops","extra":1}'],
        ['GET rooms/r%2F1', undefined],
        ['PUT rooms/r1', '{"id":"r1","title":"Dev"}'],
        ['DELETE rooms/r1', undefined],
        ['POST messages', '{"roomId":"r1","text":"hi","files":["http://x.test/a.png"]}'],
        ['PUT messages/m1', '{"text":"new","roomId":"r1"}'],
        ['POST memberships', '{"roomId":"r1","personEmail":"a@b.c"}'],
        ['POST teams', '{"name":"T"}'],
        ['GET webhooks/w1', undefined],
        ['DELETE team/memberships/t1', undefined],
        ['POST attachment/actions', '{"type":"submit","messageId":"m1","inputs":{}}'],
      ]);
    });
    it('answer pages that can be walked both ways', async () => {
      const pages: Readonly<Record<string, { items: string[]; link: string }>> = {
        '/v1/rooms?max=1': { items: ['a'], link: `<${service}/v1/rooms?cursor=2>; rel="next"` },
        '/v1/rooms?cursor=2': { items: ['b'], link: `<${service}/v1/rooms?max=1>; rel="previous"` },
      };
      cloud = fakeCloud((_what, { url }) => {
        const page = pages[url.slice(service.length)];
        return page && { body: { items: page.items }, headers: { link: page.link } };
      });
      const first = await cloud.init().rooms.list({ max: 1 });
      expect([...first]).to.deep.equal(['a']);
      expect([first.length, first.hasNext(), first.hasPrevious()]).to.deep.equal([1, true, false]);
      const second = await first.next();
      expect([second.items, second.hasNext(), second.hasPrevious()]).to.deep.equal([['b'], false, true]);
      expect((await second.previous()).items).to.deep.equal(['a']);
      expect(await failure(second.next())).to.include({ code: 'ERR_ARGUMENT' });
    });
    it('ask for ids where they need them', async () => {
      cloud = fakeCloud(() => undefined);
      const webex = cloud.init();
      for (const work of [
        webex.rooms.get(''),
        webex.rooms.remove({ id: '' }),
        webex.messages.update({ id: 'm', text: 'x' }),
      ])
        expect(await failure(work)).to.include({ code: 'ERR_ARGUMENT' });
    });
  });

  it('says what it does not support, and what to do instead', async () => {
    cloud = fakeCloud(() => undefined);
    const webex = cloud.init({
      config: { credentials: { clientType: 'confidential', client_id: 'a', redirect_uri: 'http://b.test/' } },
    });
    const { internal, authorization } = webex;
    const { conversation, encryption, search } = internal;
    const space = { id: 'c1' };
    for (const work of [
      conversation.update(space, {}),
      conversation.sendReaction(),
      conversation.submit({ verb: 'share', object: {}, target: space }),
      conversation.paginate({ url: 'http://b.test' }),
      conversation.makeShare(space).addGif(),
      encryption.kms.fetchPublicKey(),
      search.search(),
      authorization.initiateLogin(),
      webex.upload(),
    ])
      expect(await failure(work)).to.include({ code: 'ERR_NOT_SUPPORTED' });
    expect(await failure(webex.upload()))
      .to.have.property('message')
      .that.contains('webex.messages.create');
  });
  it('knows its services once the catalog is here', async () => {
    cloud = fakeCloud(() => undefined);
    const webex = cloud.init();
    const { services } = webex.internal;
    expect(services.get('conversation')).to.equal(undefined);
    await services.waitForCatalog('postauth');
    await services.waitForService({ name: 'conversation' });
    expect(services.get('conversation')).to.equal(`${service}/conversation/api/v1`);
    expect(services.getServiceFromUrl(`${service}/conversation/api/v1/x`)?.name).to.equal('conversation');
    expect(services.getClusterId(`${service}/x`)).to.equal('urn:TEAM:us-east-2_a:identityLookup');
    expect(services.isServiceUrl('http://elsewhere.test')).to.equal(false);
    expect(await failure(services.waitForService({ name: 'nothing', timeout: 1 }))).to.include({
      code: 'ERR_UNKNOWN_SERVICE',
    });
    expect(await failure(services.waitForCatalog('mine'))).to.include({ code: 'ERR_ARGUMENT' });
  });
  it('stores by namespace, and forgets at logout', async () => {
    cloud = fakeCloud(() => undefined);
    const webex = cloud.init();
    await webex.boundedStorage.put('mine', 'a', { b: 1 });
    expect(await webex.boundedStorage.get('mine', 'a')).to.deep.equal({ b: 1 });
    const out = sinon.spy();
    webex.on('client:logout', out);
    await webex.logout({ noRedirect: true });
    expect(await failure(webex.boundedStorage.get('mine', 'a'))).to.include({ name: 'NotFoundError' });
    sinon.assert.calledOnce(out);
    expect(webex.canAuthorize).to.equal(false);
  });
});
