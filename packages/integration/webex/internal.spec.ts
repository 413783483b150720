import { startCloud, type Cloud } from '@trunkline/testing';
import type { Webex } from '@trunkline/webex';
import { encodeId, type EventFrame, type WireActivity } from '@trunkline/wire';
import { expect } from 'chai';
import { devicesOf, runProgram } from '../core/tools.js';
import { until } from '../kit/until.js';
import { collect, refusal, signIn } from './tools.js';

type Frame = EventFrame & { data: { activity: WireActivity; conversationId?: string } };

describe('webex.internal', () => {
  let cloud: Cloud;
  let open: Webex[];
  const someone = async (...given: Parameters<typeof signIn> extends [Cloud, ...infer R] ? R : never) => {
    const webex = await signIn(cloud, ...given);
    open.push(webex);
    return webex;
  };
  before(async () => {
    cloud = await startCloud();
  });
  after(() => cloud.close());
  beforeEach(() => {
    open = [];
  });
  afterEach(() => Promise.all(open.map((webex) => webex.close())));

  it('device: registered without a socket, refreshed, again when it is gone, removed', async () => {
    const ana = await someone('ana');
    const person = await cloud.person('ana');
    const { device, mercury } = ana.internal;
    const registered = collect<unknown>(device, 'change:registered');
    await device.register();
    expect(device.registered).to.equal(true);
    expect(device.userId).to.equal(person.id);
    expect(mercury.connected).to.equal(false);
    const { url = '' } = device;
    expect(await devicesOf(cloud.url, person)).to.deep.equal([url]);
    await device.refresh();
    expect(device.url).to.equal(url);
    await ana.request({ method: 'DELETE', uri: url });
    await device.refresh();
    expect(device.url).not.to.equal(url);
    await device.unregister();
    expect([device.registered, device.url]).to.deep.equal([false, undefined]);
    expect(await devicesOf(cloud.url, person)).to.deep.equal([]);
    expect(registered.seen).to.have.length(2);
  });
  it('mercury: online, offline, and again by itself', async () => {
    const ana = await someone('ana');
    const { mercury } = ana.internal;
    const [online, transient, permanent, connected] = [
      collect(mercury, 'online'),
      collect(mercury, 'offline.transient'),
      collect(mercury, 'offline.permanent'),
      collect(mercury, 'change:connected'),
    ] as const;
    await mercury.connect();
    expect([mercury.connected, mercury.hasEverConnected, online.seen.length]).to.deep.equal([true, true, 1]);
    await cloud.fault({ kind: 'drop-sockets', match: { userId: (await cloud.person('ana')).id } });
    await transient.next();
    await until(
      () => online.seen.length === 2,
      () => 'online',
    );
    await mercury.disconnect();
    await permanent.next();
    expect(mercury.connected).to.equal(false);
    expect(connected.seen).to.have.length(4);
  });
  it('mercury: disconnected, the device stays, and what happened meanwhile comes with the next connect', async () => {
    const [ana, ben] = [await someone('ana'), await someone('ben')];
    const room = await ana.rooms.create({ title: 'Later' });
    await ana.memberships.create({ roomId: room.id, personEmail: 'ben@example.com' });
    await ben.messages.listen();
    const received = collect<{ data: { text: string } }>(ben.messages, 'created');
    const { url } = ben.internal.device;
    await ben.internal.mercury.disconnect();
    expect(ben.internal.device.registered).to.equal(true);
    await ana.messages.create({ roomId: room.id, text: 'while away' });
    expect(received.seen).to.deep.equal([]);
    await ben.internal.mercury.connect();
    expect(ben.internal.device.url).to.equal(url);
    await received.next(({ data }) => data.text === 'while away');
  });
  it('encryption and conversation: posted encrypted, received decrypted, with its frame', async () => {
    const [ana, ben] = [await someone('ana'), await someone('ben')];
    const benId = (await cloud.person('ben')).id;
    await ben.internal.mercury.connect();
    const frames = collect<Frame>(ben.internal.mercury, 'event:conversation.activity');
    const all = collect<Frame>(ben.internal.mercury, 'event');
    const typing = collect<Frame>(ben.internal.mercury, 'event:status');
    const { conversation } = ana.internal;
    const talk = await conversation.create(
      { participants: [benId], displayName: 'Plans', comment: 'first' },
      { forceGrouped: true },
    );
    expect(talk.displayName).to.equal('Plans');
    const post = await conversation.post(talk, { displayName: 'secret', content: '<b>secret</b>' });
    const frame = await frames.next(({ data }) => data.activity.id === post.id);
    expect(frame.data.activity.object).to.include({ displayName: 'secret', content: '<b>secret</b>' });
    expect(frame).to.have.property('sequenceNumber').that.is.a('number');
    expect(all.seen).to.include(frame);
    const raw = await ben.request({ uri: `${talk.url}/activities`, qs: { limit: 10 } });
    expect(JSON.stringify(raw.body)).not.to.contain('secret');
    expect((await ben.messages.get(encodeId('MESSAGE', post.id))).text).to.equal('secret');
    const reply = await ben.internal.conversation.post(talk, 'answer', {
      parentActivityId: post.id,
      activityType: 'reply',
    });
    expect(reply.parent).to.include({ id: post.id, type: 'reply' });
    const listed = await conversation.listActivities({ conversationUrl: talk.url, limit: 20 });
    expect(listed.map(({ object }) => object.displayName)).to.include.members(['first', 'secret', 'answer']);
    await ben.internal.conversation.acknowledge(talk, post);
    await conversation.updateTypingStatus(talk, { typing: true });
    await typing.next(
      ({ data }) => data.eventType === 'status.start_typing' && data.conversationId === talk.id,
    );
    await conversation.lock(talk).catch((error: unknown) => error);
    await conversation.delete(talk, post);
    expect(await refusal(ben.messages.get(encodeId('MESSAGE', post.id)))).to.include({ statusCode: 404 });
    expect((await conversation.list({ conversationsLimit: 10 })).some(({ id }) => id === talk.id)).to.equal(
      true,
    );

    const { encryption } = ana.internal;
    const [key] = await encryption.kms.createUnboundKeys({ count: 1 });
    const uri = key?.uri ?? '';
    expect(await encryption.decryptText(uri, await encryption.encryptText(uri, 'grüße'))).to.equal('grüße');
    const { scr, cdata } = await encryption.encryptBinary(new TextEncoder().encode('a file'));
    expect(new TextDecoder().decode(await encryption.decryptBinary(scr, cdata))).to.equal('a file');
    expect(await refusal(ben.internal.encryption.getKey(uri))).to.include({ code: 'ERR_KEY_DENIED' });
    const kro = await encryption.kms.createResource({ userIds: [benId], keyUris: [uri] });
    expect(await encryption.kms.listAuthorizations({ kro })).to.be.an('array');
  });
  it('a message sent by REST is decrypted on the socket, and a file of it downloaded', async () => {
    const [ana, ben] = [await someone('ana'), await someone('ben')];
    const room = await ana.rooms.create({ title: 'Files' });
    await ana.memberships.create({ roomId: room.id, personEmail: 'ben@example.com' });
    await ben.internal.mercury.connect();
    const frames = collect<Frame>(ben.internal.mercury, 'event:conversation.activity');
    const file = Object.assign(new TextEncoder().encode('bytes'), { name: 'a.txt' });
    const sent = await ana.messages.create({ roomId: room.id, text: 'look', files: [file] });
    const { data } = await frames.next((frame) => frame.data.activity.verb === 'share');
    expect(encodeId('MESSAGE', data.activity.id)).to.equal(sent.id);
    const [shared] = data.activity.object.files?.items ?? [];
    expect(new TextDecoder().decode(await ben.internal.conversation.download(shared ?? {}))).to.equal(
      'bytes',
    );
  });
  it('features: read and set', async () => {
    const { feature } = (await someone('ana')).internal;
    expect(await feature.getFeature('developer', 'none')).to.equal(null);
    expect((await feature.setFeature('developer', 'mine', true)).value).to.equal(true);
    expect(await feature.getFeature('developer', 'mine')).to.equal(true);
  });
  it('logout: the device is gone, and nothing more can be asked for', async () => {
    const ana = await someone('ana');
    const person = await cloud.person('ana');
    await ana.messages.listen();
    expect(await devicesOf(cloud.url, person)).to.have.length(1);
    await ana.logout({ noRedirect: true });
    expect(await devicesOf(cloud.url, person)).to.deep.equal([]);
    expect([ana.canAuthorize, ana.internal.mercury.connected]).to.deep.equal([false, false]);
    expect(await refusal(ana.rooms.list())).to.include({ statusCode: 401 });
    // and someone else signs in
    ana.credentials.set({ access_token: (await cloud.person('ben')).accessToken });
    expect((await ana.people.get('me')).emails).to.deep.equal(['ben@example.com']);
  });
  it('an expired token is refreshed for requests and for the socket', async () => {
    const { id } = await cloud.person('cara');
    const client = { clientId: 'umbrella', clientSecret: 'secret' };
    await cloud.admin('POST', 'clients', { ...client, redirectUris: ['http://127.0.0.1/back'] });
    const { accessToken, refreshToken } = await cloud.admin<{ accessToken: string; refreshToken: string }>(
      'POST',
      'tokens',
      { userId: id, clientId: client.clientId },
    );
    const cara = await someone(
      { ...(await cloud.person('cara')), accessToken },
      { credentials: { client_id: client.clientId, client_secret: client.clientSecret } },
    );
    cara.credentials.set({ supertoken: { access_token: accessToken, refresh_token: refreshToken } });
    await cara.messages.listen();
    const online = collect(cara.internal.mercury, 'online');
    await cloud.fault({ kind: 'expire-tokens', match: { userId: id } });
    const [list] = await Promise.all([cara.rooms.list(), cara.people.get('me')]);
    expect(list.items).to.deep.equal([]);
    expect(cara.credentials.supertoken?.access_token).not.to.equal(accessToken);
    await cloud.fault({ kind: 'expire-tokens', match: { userId: id } });
    await cloud.fault({ kind: 'drop-sockets', match: { userId: id } });
    await online.next(undefined, 20_000);
    const room = await cara.rooms.create({ title: 'Still here' });
    expect(room.title).to.equal('Still here');
  });

  for (const [type, source] of [
    [
      'module',
      "import webex from '@trunkline/webex/env'; webex.once('ready', async () => { console.log((await webex.people.get('me')).displayName, webex.version !== undefined); await webex.close(); });",
    ],
    [
      'commonjs',
      "const webex = require('@trunkline/webex/env'); const { init } = require('@trunkline/webex'); webex.once('ready', async () => { console.log((await webex.people.get('me')).displayName, typeof init === 'function'); await webex.close(); });",
    ],
  ] as const)
    it(`webex/env in a program of its own, ${type}, which ends by itself`, async () => {
      const { accessToken } = await cloud.person('ana');
      const env = {
        WEBEX_ACCESS_TOKEN: accessToken,
        HYDRA_SERVICE_URL: `${cloud.url}/v1`,
        U2C_SERVICE_URL: `${cloud.url}/u2c/api/v1`,
      };
      expect(await runProgram(source, type, env)).to.deep.equal({
        code: 0,
        stdout: 'Ana true\n',
        stderr: '',
      });
    });
});
