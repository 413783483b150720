import { expect } from 'chai';
import sinon from 'sinon';
import { failure, fakeCloud, ready, service, tokenOf } from '../test/kit.js';
import { partsOf, ShareActivity } from './conversation-share.js';
import { idOf, shown, wordsOf } from './conversation-refs.js';
import { createLogger } from './logger.js';
import { QrLogin, type QrLoginEvent } from './qr-login.js';

const id = '00000000-0000-4000-8000-000000000001';
const other = '00000000-0000-4000-8000-000000000002';

describe('the official names', () => {
  let cloud: ReturnType<typeof fakeCloud>;
  afterEach(() => (cloud as typeof cloud | undefined)?.end());

  describe('what they are given', () => {
    it('finds a conversation in whatever names it', () => {
      const url = `${service}/conversation/api/v1/conversations/${id}`;
      for (const ref of [id, url, { id }, { url }, { url: `${url}/activities` }])
        expect(idOf(ref)).to.equal(id);
      for (const ref of [{}, { url: 'http://elsewhere.test/x' }, undefined])
        expect(() => idOf(ref))
          .to.throw('url')
          .with.property('code', 'ERR_ARGUMENT');
    });
    it('takes words as they stand in activities', () => {
      expect(wordsOf('hi')).to.deep.equal({ text: 'hi' });
      expect(
        wordsOf({
          ...{ displayName: 'hi', content: '<b>hi</b>', cards: ['{}'] },
          ...{ mentions: { items: [{ id }] }, groupMentions: { items: [{}] } },
        }),
      ).to.deep.equal({
        ...{ text: 'hi', html: '<b>hi</b>', cards: ['{}'] },
        ...{ mentionedPeople: [id], mentionsAll: true },
      });
      expect(() => wordsOf({ content: '<b>hi</b>' })).to.throw('displayName');
    });
    it('takes files in all the shapes', async () => {
      const file = Object.assign(new Uint8Array(1), { name: 'a.txt' });
      const named = { data: file, filename: 'a.txt', contentType: 'text/plain' };
      const blob = new Blob(['x']);
      for (const what of [file, [file], { files: [file] }, { object: { files: [file] } }])
        expect(partsOf(what).files).to.deep.equal([named]);
      expect(partsOf(blob).files).to.deep.equal([blob]);
      expect(partsOf({ displayName: 'see', files: [file] }).words).to.deep.equal({ text: 'see' });
      const share = new ShareActivity({ id });
      await share.add(file);
      await share.add(file);
      share.displayName = 'see';
      share.content = '<i>see</i>';
      share.clientTempId = 't1';
      share.parent = { id: other };
      expect(partsOf(share)).to.deep.include({
        files: [named],
        words: { text: 'see', html: '<i>see</i>' },
        parentId: other,
        clientTempId: 't1',
      });
      expect([share.displayName, share.content]).to.deep.equal(['see', '<i>see</i>']);
    });
    it('hands parameters of files out as objects', () => {
      const file = { objectType: 'file', url: 'u', scr: '{"loc":"u"}', image: { url: 'i', scr: 'not JSON' } };
      const activity = { object: { objectType: 'content', files: { items: [file] } } };
      const [seen] = shown(activity as never as Parameters<typeof shown>[0]).object.files?.items ?? [];
      expect(seen).to.deep.include({ scr: { loc: 'u' }, image: { url: 'i', scr: 'not JSON' } });
      expect(file.scr, 'the engine’s own stays').to.be.a('string');
    });
  });

  it('logger: shows up to its level, keeps all, without secrets', () => {
    const warn = sinon.stub(console, 'warn');
    const info = sinon.stub(console, 'info');
    try {
      const logger = createLogger(() => ({ level: 'warn' }));
      logger.warn('careful', { password: 'p' });
      logger.client_info('only kept', new Error('with an error'));
      logger.logToBuffer(`Bearer ${tokenOf('a')}`);
      sinon.assert.calledOnceWithExactly(warn, 'careful', { password: 'p' });
      sinon.assert.notCalled(info);
      expect(logger.getCurrentLevel()).to.equal('warn');
      expect(logger.level).to.equal('warn');
      const lines = logger.formatLogs({ diff: true }).split('\n');
      expect(lines.map((line) => line.split(',')[2])).to.deep.equal(['warn', 'info', 'info']);
      expect(logger.formatLogs()).not.to.contain(tokenOf('a')).and.not.contain('"p"');
      expect(logger.formatLogs({ diff: true })).to.equal('');
    } finally {
      sinon.restore();
    }
  });

  describe('user', () => {
    const users = `POST /conversation/api/v1/users`;
    it('requests an id once unless asked to refresh, and creates no user unless asked to', async () => {
      cloud = fakeCloud((what, { body }) =>
        what === users
          ? { body: { [(JSON.parse(body ?? '') as [{ email: string }])[0].email]: { id } } }
          : undefined,
      );
      const { user } = cloud.init().internal;
      expect(await user.asUUID('ana@x.test')).to.equal(id);
      expect(await user.asUUID({ emailAddress: 'ANA@x.test' })).to.equal(id);
      expect(await user.asUUID({ id: other.toUpperCase() })).to.equal(other);
      await user.asUUID('ana@x.test', { force: true, create: true });
      const asked = cloud.left.filter(({ url }) => url.includes('/conversation/'));
      expect(asked.map(({ url }) => new URL(url).search)).to.deep.equal(['', '?shouldCreateUsers=true']);
      expect(await failure(user.recordUUID({ id: 'x', emailAddress: 'y' }))).to.include({
        code: 'ERR_ARGUMENT',
      });
    });
    it('asks for codes as the program, and takes over who they sign in', async () => {
      cloud = fakeCloud((what) =>
        what === 'POST /idbroker/idb/token/v1/actions/UserOTP/Validate/invoke'
          ? { body: { tokenData: { access_token: tokenOf('b'), expires_in: 60 } } }
          : undefined,
      );
      const credentials = { client_id: 'me', client_secret: 'secret', scope: 'spark:all' };
      const webex = cloud.init({ config: { credentials } });
      await webex.internal.user.validateOTP({ email: 'ana@x.test', oneTimePassword: '1' });
      const sent = cloud.left.find(({ url }) => url.includes('UserOTP'));
      expect(sent?.headers['authorization']).to.equal(`Basic ${btoa('me:secret')}`);
      expect(JSON.parse(sent?.body ?? '')).to.deep.equal({
        ...{ email: 'ana@x.test', oneTimePassword: '1', scope: 'spark:all' },
      });
      expect(webex.credentials.supertoken?.access_token).to.equal(tokenOf('b'));
    });
    it('refuses what cannot be asked, before anything leaves', async () => {
      cloud = fakeCloud(() => undefined);
      const { user, feature } = cloud.init().internal;
      for (const [work, code] of [
        [user.generateOTP({ email: 'a@x.test' }), 'ERR_CONFIG'],
        [user.verify({ email: '' }), 'ERR_ARGUMENT'],
        [user.verify({ email: 'a@x.test' }), 'ERR_CONFIG'],
        [user.setPassword({ password: '' }), 'ERR_ARGUMENT'],
        [user.updateName({}), 'ERR_ARGUMENT'],
        [user.update({ displayName: '' }), 'ERR_ARGUMENT'],
        [feature.setFeature('entitlement' as never, 'a', 1), 'ERR_ARGUMENT'],
      ] as const)
        expect(await failure(work)).to.include({ code });
      expect(cloud.left.filter(({ method }) => method !== 'GET')).to.deep.equal([]);
    });
  });

  it('metrics: what cannot be sent is logged, never thrown', async () => {
    cloud = fakeCloud((what) =>
      what.startsWith('POST') ? { status: 500, body: { message: 'down' } } : undefined,
    );
    const webex = cloud.init();
    await webex.internal.metrics.submit('opened', { n: 1 });
    expect(webex.logger.formatLogs()).to.contain("metrics: 'opened' could not be sent");
  });

  it('lyra: one room, by its id, then below its own address', async () => {
    const url = `${service}/lyra/api/v1/spaces/r1`;
    cloud = fakeCloud((what) =>
      what === 'GET /lyra/api/v1/spaces/r1'
        ? { body: { url, identity: { id: 'r1' } } }
        : what.includes('/lyra/')
          ? { body: {} }
          : undefined,
    );
    const { lyra } = cloud.init({
      config: { services: { override: { lyra: `${service}/lyra/api/v1` } } },
    }).internal;
    await lyra.space.verifyOccupant({ id: 'r1' }, other);
    await lyra.device.setVolume({ url }, 20);
    await lyra.device.unmute({ url });
    const sent = cloud.left.filter((left) => left.url.includes('/lyra/'));
    expect(sent.map(({ method, url: to, body }) => [method, to.slice(url.length), body])).to.deep.equal([
      ['GET', '', undefined],
      ['PUT', `/occupants/${other}`, '{"pass":{"type":"VERIFICATION"}}'],
      ['POST', '/audio/volume/actions/set/invoke', '{"level":20}'],
      ['POST', '/audio/microphones/actions/un-mute/invoke', undefined],
    ]);
    for (const work of [
      lyra.space.get({}),
      lyra.device.putAudioState({ url }, {}),
      lyra.space.bindConversation({ url }, {}),
    ])
      expect(await failure(work)).to.include({ code: 'ERR_ARGUMENT' });
  });

  it('device: may register only when someone is signed in', async () => {
    cloud = fakeCloud(() => undefined);
    await cloud.init().internal.device.canRegister();
    expect(await failure(cloud.init({ credentials: '' }).internal.device.canRegister())).to.include({
      code: 'ERR_AUTH_EXPIRED',
    });
  });

  it('credentials: addresses of the sign-in and of the logout page', async () => {
    cloud = fakeCloud(() => undefined);
    const config = { credentials: { client_id: 'app', redirect_uri: 'http://back.test/', scope: 'a b' } };
    const webex = cloud.init({ config });
    await ready(webex);
    const login = new URL(webex.credentials.buildLoginUrl({ state: { page: 1 } }));
    expect(login.origin + login.pathname).to.equal(`${service}/idbroker/idb/oauth2/v1/authorize`);
    expect(Object.fromEntries(login.searchParams)).to.deep.equal({
      ...{ response_type: 'code', client_id: 'app', redirect_uri: 'http://back.test/', scope: 'a b' },
      state: btoa('{"page":1}').replace(/=+$/, ''),
    });
    const logout = new URL(webex.credentials.buildLogoutUrl());
    expect(Object.fromEntries(logout.searchParams)).to.deep.equal({
      ...{ cisService: '', goto: 'http://back.test/', token: tokenOf('a') },
    });
    const bare = cloud.init().credentials;
    expect(() => bare.buildLoginUrl())
      .to.throw('client_id')
      .with.property('code', 'ERR_CONFIG');
    expect(await failure(bare.downscope('a'))).to.include({ code: 'ERR_CONFIG' });
  });

  it('a code to show: a failure gives its reason, and a second call begins again', async () => {
    cloud = fakeCloud((what) =>
      what.endsWith('/authorize') ? { status: 500, body: { message: 'down' } } : undefined,
    );
    const login = new QrLogin();
    const heard: QrLoginEvent[] = [];
    login.events.on('qRCodeLogin', (event: QrLoginEvent) => heard.push(event));
    const options = { service, clientId: 'tv', scopes: 'a' };
    const follow = sinon.stub();
    expect(await login.begin(options, follow)).to.equal(false);
    login.cancel(); // nothing runs: nothing is said
    expect(heard.map(({ eventType }) => eventType)).to.deep.equal(['getUserCodeFailure']);
    sinon.assert.notCalled(follow);
  });
});
