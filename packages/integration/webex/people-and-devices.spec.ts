import { startCloud, type Cloud, type CloudPerson } from '@trunkline/testing';
import type { Webex } from '@trunkline/webex';
import { expect } from 'chai';
import { mailTo } from '../auth/kit.js';
import { collect, refusal, signIn } from './tools.js';

interface Update {
  readonly type: string;
  readonly payload: { readonly subject?: string; readonly status?: string; readonly statusList?: object[] };
}

describe('webex: presence, room devices, support, one’s own account', () => {
  let cloud: Cloud;
  let open: Webex[];
  let benPerson: CloudPerson;
  const client = { client_id: 'desk', client_secret: 'a-long-and-random-secret' };
  const someone = async (who: string | CloudPerson, config = {}): Promise<Webex> => {
    const webex = await signIn(cloud, who, config);
    open.push(webex);
    return webex;
  };
  before(async () => {
    cloud = await startCloud();
    benPerson = await cloud.person('ben');
    await cloud.admin('POST', 'clients', {
      ...{ clientId: client.client_id, clientSecret: client.client_secret },
      redirectUris: ['http://127.0.0.1/back'],
      scopes: 'spark:all spark:kms webexsquare:admin',
    });
  });
  after(() => cloud.close());
  beforeEach(() => {
    open = [];
  });
  afterEach(() => Promise.all(open.map((webex) => webex.close())));

  it('presence: set, read, subscribed to; events only once the worker runs', async () => {
    const [ana, ben] = [await someone('ana'), await someone(benPerson)];
    expect(ana.presence).to.equal(ana.internal.presence);
    const { presence } = ana;
    expect(await ben.presence.setStatus('dnd', 600)).to.include({ status: 'dnd', subject: benPerson.id });
    expect((await presence.get(benPerson.id)).status).to.equal('dnd');
    const { statusList } = await presence.list([benPerson.id, '00000000-0000-4000-8000-000000000001']);
    expect(statusList.map(({ status }) => status)).to.deep.equal(['dnd', 'unknown']);
    const updated = collect<Update>(presence, 'updated');
    const frames = collect<{ data: { status: string } }>(
      ana.internal.mercury,
      'event:apheleia.subscription_update',
    );
    await ana.internal.mercury.connect();
    const { responses } = await presence.subscribe([benPerson.id]);
    expect(responses[0]).to.include({ responseCode: 200, subject: benPerson.id });
    await ben.presence.setStatus('meeting', 600);
    await frames.next(({ data }) => data.status === 'meeting');
    expect(updated.seen).to.deep.equal([]);

    await presence.enqueue(benPerson.id);
    presence.initializeWorker();
    const first = await updated.next(({ type }) => type === 'presence');
    expect(first.payload.statusList?.[0]).to.include({ subject: benPerson.id, status: 'meeting' });
    await ben.presence.setStatus('call', 600);
    await updated.next(({ type, payload }) => type === 'subscription' && payload.status === 'call');
    await presence.dequeue(benPerson.id);
    expect((await presence.unsubscribe(benPerson.id)).statusCode).to.equal(200);

    expect(await presence.isEnabled()).to.equal(null);
    expect([await presence.enable(), await presence.isEnabled()]).to.deep.equal([true, true]);
    expect(await presence.disable()).to.equal(false);
    presence.emitEvent('updated', { type: 'mine', payload: {} });
    presence.emitEvent('updated', { type: 'mine' });
    expect(updated.seen.filter(({ type }) => type === 'mine')).to.have.length(1);
    for (const work of [
      presence.get(''),
      presence.list('x' as never),
      presence.setStatus('' as never),
      presence.enqueue(''),
    ])
      expect(await refusal(work)).to.include({ code: 'ERR_ARGUMENT' });
  });

  it('devices: found, paired by PIN, listened to, bound, and left', async () => {
    const [ana, ben] = [await someone('ana'), await someone(benPerson)];
    const { id, pin, ultrasoundToken } = await cloud.admin<Record<'id' | 'pin' | 'ultrasoundToken', string>>(
      'POST',
      'devices',
      { displayName: 'Board room', pin: '4711' },
    );
    const { devicemanager } = ana;
    const found = (await devicemanager.search({ searchQuery: 'boa' })) as { items: { id: string }[] };
    expect(found.items.map((device) => device.id)).to.deep.equal([id]);
    expect((await ben.devicemanager.get(ultrasoundToken)).advertiser.displayName).to.equal('Board room');
    expect(await refusal(devicemanager.pair({ pin }))).to.include({ code: 'ERR_NOT_PAIRED' });
    await devicemanager.requestPin({ id });
    expect(await refusal(devicemanager.pair({ pin: '0000' }))).to.have.property('code', 'ERR_FORBIDDEN');
    expect((await devicemanager.pair({ pin })).id).to.equal(id);
    expect(devicemanager.getPairedDevice()?.id).to.equal(id);
    expect((await devicemanager.refresh()).map((device) => device.id)).to.deep.equal([id]);
    expect(devicemanager.getAll()).to.have.length(1);
    expect(devicemanager.getPairedMethod()).to.equal('Manual');
    devicemanager.setPairedMethod('Ultrasonic');
    expect(devicemanager.getPairedMethod()).to.equal('Ultrasonic');

    await devicemanager.setVolume(30);
    await devicemanager.mute();
    expect((await devicemanager.getAudioState()).microphones).to.deep.equal({ muted: true });
    const space = await ana.internal.lyra.space.get({ id });
    await devicemanager.putAudioState(space, {
      deviceUrl: ana.internal.device.url ?? '',
      volume: { level: 20, min: 0, max: 100 },
      microphones: { muted: false },
    });
    expect((await ana.internal.lyra.device.getAudioState(space)).volume.level).to.equal(20);

    const talk = await ana.internal.conversation.create(
      { participants: [benPerson.id], displayName: 'Bound' },
      { forceGrouped: true },
    );
    const bound = { url: talk.url, kmsResourceObjectUrl: talk.kmsResourceObjectUrl ?? '' };
    await devicemanager.bindSpace(bound);
    const { items } = await ana.internal.lyra.space.getCurrentBindings(space);
    expect(items[0]?.conversationUrl).to.equal(talk.url);
    await devicemanager.unbindSpace();
    // the same without the manager
    await ana.internal.lyra.space.bindConversation(space, bound);
    await ana.internal.lyra.space.unbindConversation(space, bound);
    expect((await ana.internal.lyra.space.list()).map(({ identity }) => identity.id)).to.deep.equal([id]);

    const updates = collect(ana.internal.mercury, 'event:lyra.space_updated');
    await devicemanager.unpair();
    await updates.next();
    expect(devicemanager.getPairedDevice()).to.equal(undefined);
    await devicemanager.upsert({ id });
    await devicemanager.remove(`Room/${id}`);
    expect(await devicemanager.refresh()).to.deep.equal([]);
  });

  it('support: logs without secrets, pages, metrics that never fail the app', async () => {
    const ana = await someone('ana', { credentials: client });
    const { support, metrics } = ana.internal;
    const { accessToken } = await cloud.person('ana');
    ana.logger.info('the door is open', { authorization: `Bearer ${accessToken}` });
    expect(ana.logger.formatLogs()).to.contain('the door is open').and.not.contain(accessToken);
    ana.logger.formatLogs({ diff: true });
    ana.logger.logToBuffer('later');
    expect(ana.logger.formatLogs({ diff: true })).to.match(/^[^\n]*,later,[^\n]*$/);
    expect(await support.submitLogs({ feedbackId: 'f1' })).to.include({ feedbackId: 'f1' });
    expect((await support.submitLogs({}, 'one line')).trackingid).to.be.a('string');
    for (const url of [await support.getFeedbackUrl({ appType: 'x' }), await support.getSupportUrl()])
      expect((await fetch(url)).status).to.equal(200);
    await metrics.submit('opened', { n: 1 });
    await metrics.submitClientMetrics('opened', { fields: { n: 1 } });
    await metrics.submitClientMetrics('before', {}, 'prelogin-1');
    await metrics.flush();
    await metrics.aliasUser('prelogin-1');
    await cloud.fault({ kind: 'status', status: 503, times: 1, match: { path: '/metrics' } });
    await metrics.submit('while it is down');
  });

  it('features: read whole, several at once', async () => {
    const { feature } = (await someone('ana')).internal;
    await feature.setFeature('user', 'colour', 'blue');
    expect(await feature.getFeature('user', 'colour', { full: true })).to.include({ value: 'blue' });
    feature.updateFeature({ key: 'colour', val: '7', type: 'USER' });
    expect(await feature.getFeature('user', 'colour')).to.equal(7);
    const { featureToggles } = await feature.setBundledFeatures([
      { key: 'a', val: true, type: 'USER' },
      { key: 'b', val: 1, type: 'DEV' },
    ]);
    expect(featureToggles).to.have.length(2);
    expect([await feature.getFeature('user', 'a'), await feature.getFeature('developer', 'b')]).to.deep.equal(
      [true, 1],
    );
    expect(await refusal(feature.getFeature('none' as never, 'a'))).to.include({ code: 'ERR_ARGUMENT' });
  });

  it('user: oneself, ids by address, a new name, and in again by a code from the mailbox', async () => {
    const person = await cloud.person('dora');
    const dora = await someone(person, { credentials: client });
    const { user } = dora.internal;
    expect((await user.get())['id']).to.equal(person.id);
    expect(await user.asUUID([person.email, benPerson.email, benPerson.id])).to.deep.equal([
      person.id,
      benPerson.id,
      benPerson.id,
    ]);
    expect(await refusal(user.fetchUUID('nobody@elsewhere.test'))).to.include({ code: 'ERR_NOT_FOUND' });
    expect(await refusal(user.asUUID('nothing'))).to.include({ code: 'ERR_ARGUMENT' });
    const known = '00000000-0000-4000-8000-0000000000aa';
    await user.recordUUID({ id: known, emailAddress: 'Known@Example.com' });
    expect(await user.getUUID('known@example.com')).to.equal(known);
    await user.update({ displayName: 'Dora Renamed' });
    expect((await dora.people.get('me')).displayName).to.equal('Dora Renamed');

    expect(await user.verify({ email: person.email })).to.include({ hasPassword: false });
    await user.generateOTP({ email: person.email });
    const wrong = user.validateOTP({ email: person.email, oneTimePassword: '000000' });
    expect(await refusal(wrong)).to.have.property('statusCode', 400);
    const oneTimePassword = /\b\d{6,8}\b/.exec(await mailTo(cloud, person.email))?.[0] ?? '';
    const before = dora.credentials.supertoken?.access_token;
    await user.validateOTP({ email: person.email, oneTimePassword });
    expect(dora.credentials.supertoken?.access_token).not.to.equal(before);
    await user.updateName({ givenName: 'Dora', familyName: 'Neu', displayName: 'Dora Neu' });
    await user.setPassword({ password: 'correct horse 99' });
    expect((await dora.people.get('me')).displayName).to.equal('Dora Neu');
    expect((await user.getUserCI(person.email))['hasPassword']).to.be.a('boolean');
    const bare = await someone('ana');
    expect(await refusal(bare.internal.user.generateOTP({ email: person.email }))).to.include({
      code: 'ERR_CONFIG',
    });
  });

  it('search: people by name and by address', async () => {
    const ana = await someone('ana');
    await cloud.person('zoe');
    const { search } = ana.internal;
    expect((await search.people({ query: 'zo' })).map(({ emails }) => emails[0])).to.deep.equal([
      'zoe@example.com',
    ]);
    expect(await search.people({ queryString: 'zoe@example.com' })).to.have.length(1);
  });
});
