import { sdkError, type RequestOptions } from '@trunkline/core';
import { fakeHost, type FakeHost } from '@trunkline/testing/fakes';
import { encodeBase64Url, lyraRefusals, type AuxiliaryDevice, type LyraSpace } from '@trunkline/wire';
import { expect } from 'chai';
import sinon from 'sinon';
import { createDevices } from './devices.js';
import './pairing.js';

const id = '11111111-1111-4111-8111-111111111111';
const url = `https://cloud.test/lyra/spaces/${id}`;
const auxiliary: AuxiliaryDevice = {
  id,
  url,
  identity: { id, displayName: 'Blue' },
  deviceInfo: { id, machineType: 'LYRA_SPACE' },
  metadata: { encryptedUserAssignedName: 'a.b.c.d.e', encryptionKeyUrl: 'kms://k/keys/1' },
};
const space = (verified?: boolean): LyraSpace => ({
  url,
  identity: { id, displayName: 'Blue' },
  occupants: {
    items: [],
    ...(verified === true ? {} : { pinChallenge: true }),
    ...(verified === undefined ? {} : { self: { verified } }),
  },
  devices: [{ productName: 'Board' }],
});
const nameOf = ({ method = 'GET', service, path, url: at }: RequestOptions): string =>
  `${method} ${at ?? `${service ?? ''}/${path ?? ''}`}`;

/** A service that answers by name; what is not named fails the test. */
function scene(answers: Record<string, unknown> = {}, peers: Record<string, unknown> = {}) {
  const all: Record<string, unknown> = {
    [`GET lyra/spaces/${id}`]: space(),
    [`PUT lyra/spaces/${id}/occupants/@me`]: space(false),
    [`PUT wdm/devices/auxiliary/Room/${id}`]: auxiliary,
    'GET wdm/devices/auxiliary': { items: [auxiliary] },
    ...answers,
  };
  const request = sinon.spy((options: RequestOptions): unknown => {
    const answer = all[nameOf(options)];
    if (answer === undefined) throw new Error(`no one answers ${nameOf(options)}`);
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const host = fakeHost({ request, peers });
  return { host, request, all, devices: createDevices(host) };
}
const refused = (errorCode?: number): Error =>
  sdkError('ERR_FORBIDDEN', 'PUT … answered 403: no', { status: 403, errorCode });
const failure = async (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);
const encryption = () => ({
  decryptText: sinon.stub().resolves('mine'),
  encryptText: sinon.stub().resolves('v.w.x.y.z'),
  createKeys: sinon.stub().resolves([{ uri: 'kms://k/keys/2' }]),
  wrap: sinon.stub().resolves('JWE'),
});
async function paired(answers: Record<string, unknown> = {}, peers: Record<string, unknown> = {}) {
  const all = scene(answers, peers);
  await all.devices.requestPin(id);
  await all.devices.pair({ pin: '123456' });
  return all;
}

describe('Devices', () => {
  describe('refresh', () => {
    it('keeps the names it deciphered, and leaves the ciphertext as it came', async () => {
      const { devices } = scene({}, { encryption: encryption() });
      const [device] = await devices.refresh();
      expect(device).to.deep.include({ id, displayName: 'Blue', userAssignedName: 'mine', auxiliary });
      expect(devices.getAll()).to.deep.equal([{ ...device, productName: 'Board' }]);
    });
    it('leaves a name out that cannot be read: no engine, or no key', async () => {
      const peer = { ...encryption(), decryptText: sinon.stub().rejects(sdkError('ERR_KEY_DENIED', 'no')) };
      for (const { devices } of [scene(), scene({}, { encryption: peer })])
        expect((await devices.refresh())[0])
          .to.include({ displayName: 'Blue' })
          .and.not.have.property('userAssignedName');
    });
    it('knows what this client is paired with, as after a page was loaded again', async () => {
      const { devices } = scene({ [`GET lyra/spaces/${id}`]: space(true) });
      await devices.refresh();
      expect(devices.getPairedDevice()?.id).to.equal(id);
    });
    it('manages without a room that cannot be read', async () => {
      const { devices } = scene({ [`GET lyra/spaces/${id}`]: sdkError('ERR_SERVER', 'out') });
      expect(await devices.refresh()).to.have.length(1);
    });
  });

  describe('search', () => {
    it('asks for rooms, not people', async () => {
      const { devices, request } = scene({ 'POST argonaut/directory': { items: [auxiliary] } });
      expect(await devices.search({ searchQuery: 'bl' })).to.have.length(1);
      sinon.assert.calledOnceWithMatch(request, {
        body: {
          searchType: 'DEVICE_SEARCH',
          searchEntity: 'device',
          includePeople: false,
          includeRooms: true,
          queryString: 'bl',
        },
      });
    });
    it('says that a text is needed, and sends nothing', async () => {
      const { devices, request } = scene();
      expect(await failure(devices.search({ searchQuery: ' ' }))).to.include({ code: 'ERR_ARGUMENT' });
      sinon.assert.notCalled(request);
    });
  });

  describe('upsert', () => {
    it('sends a name as ciphertext under a new key', async () => {
      const { devices, request } = scene({}, { encryption: encryption() });
      await devices.upsert({ id, userAssignedName: 'mine' });
      const metadata = { encryptedUserAssignedName: 'v.w.x.y.z', encryptionKeyUrl: 'kms://k/keys/2' };
      sinon.assert.calledOnceWithMatch(request, { method: 'PUT', body: { metadata } });
    });
    it('sends no name in clear: without the engine it refuses', async () => {
      const { devices, request } = scene();
      const failed = await failure(devices.upsert({ id, userAssignedName: 'mine' }));
      expect(failed).to.include({ code: 'ERR_NO_ENCRYPTION' });
      sinon.assert.notCalled(request);
    });
    it('takes an id, a device or a space, and sends no body when there is no name', async () => {
      const { devices, request } = scene();
      for (const given of [id, { id }, space()]) await devices.upsert(given);
      sinon.assert.calledThrice(request);
      for (const [options] of request.args) expect(options).not.to.have.property('body');
      expect(await failure(devices.upsert(''))).to.include({ code: 'ERR_ARGUMENT' });
    });
  });

  describe('pair', () => {
    it('requests the PIN, sends it, keeps the device', async () => {
      const { request, devices } = await paired();
      expect(request.args.map(([options]) => nameOf(options))).to.deep.equal([
        `GET lyra/spaces/${id}`,
        `PUT lyra/spaces/${id}/occupants/@me`,
        `PUT lyra/spaces/${id}/occupants/@me`,
        `PUT wdm/devices/auxiliary/Room/${id}`,
      ]);
      expect(request.args[1]?.[0].body).to.deep.include({
        pass: { type: 'MANUAL' },
        verificationInitiation: 'PIN',
      });
      expect(request.args[2]?.[0].body).to.deep.include({ pass: { type: 'PIN_ANSWER', data: '123456' } });
      expect(devices.getPairedDevice()).to.include({ id, displayName: 'Blue' });
    });
    it('says which PIN was wrong, and accepts another attempt', async () => {
      const { devices, all } = scene();
      await devices.requestPin(id);
      all[`PUT lyra/spaces/${id}/occupants/@me`] = refused(lyraRefusals.wrongPin);
      expect(await failure(devices.pair({ pin: '1' }))).to.include({ code: 'ERR_WRONG_PIN', status: 403 });
      // another cloud does not number its refusals
      all[`PUT lyra/spaces/${id}/occupants/@me`] = refused();
      expect(await failure(devices.pair({ pin: '1' }))).to.include({ code: 'ERR_WRONG_PIN' });
      all[`PUT lyra/spaces/${id}/occupants/@me`] = refused(lyraRefusals.pinOver);
      expect(await failure(devices.pair({ pin: '1' }))).to.include({ code: 'ERR_PIN_EXPIRED' });
      expect(await failure(devices.pair({ pin: '1' }))).to.include({ code: 'ERR_NOT_PAIRED' });
      expect(devices.getPairedDevice()).to.equal(undefined);
    });
    it('needs no PIN for who is in the room already', async () => {
      const { devices, request } = scene({ [`GET lyra/spaces/${id}`]: space(true) });
      await devices.requestPin(id);
      sinon.assert.calledOnce(request);
      expect(devices.getPairedDevice()?.id).to.equal(id);
      expect(await failure(devices.pair({ pin: '1' }))).to.include({ code: 'ERR_NOT_PAIRED' });
    });
  });

  describe('unpair', () => {
    const gone = `DELETE lyra/spaces/${id}/occupants/@me`;
    it('leaves with this client, or with all of them, and is unpaired here, too', async () => {
      for (const removeAllDevices of [false, true]) {
        const { devices, request, host } = await paired({ [gone]: {} });
        const heard = sinon.spy();
        devices.on('unpaired', heard);
        await devices.unpair({ removeAllDevices });
        const { url: own } = await host.connect();
        expect(request.lastCall.args[0].query).to.deep.equal(
          removeAllDevices ? {} : { deviceUrl: encodeBase64Url(own) },
        );
        expect(devices.getPairedDevice()).to.equal(undefined);
        sinon.assert.calledOnce(heard);
        await host.close();
      }
    });
    it('is refused when nothing is paired', async () => {
      expect(await failure(scene().devices.unpair())).to.include({ code: 'ERR_NOT_PAIRED' });
    });
  });

  describe('audio', () => {
    it('goes to the URL of the room', async () => {
      const state = { volume: { level: 1, min: 0, max: 100 }, microphones: { muted: true } };
      const { devices, request } = await paired({
        [`POST ${url}/audio/microphones/actions/un-mute/invoke`]: state,
        [`POST ${url}/audio/volume/actions/set/invoke`]: state,
        [`PUT ${url}/audio`]: state,
      });
      expect(await devices.unmute()).to.deep.equal(state);
      await devices.setVolume(7);
      expect(request.lastCall.args[0].body).to.deep.equal({ level: 7 });
      await devices.putAudioState({ microphones: { muted: true } });
      expect(request.lastCall.args[0].body).to.have.property('deviceUrl');
      for (const level of [-1, 101, Number.NaN])
        expect(await failure(devices.setVolume(level))).to.include({ code: 'ERR_ARGUMENT' });
    });
    it('notices that it was unpaired from elsewhere', async () => {
      const { devices } = await paired({ [`GET ${url}/audio`]: refused(lyraRefusals.notPaired) });
      expect(await failure(devices.getAudioState())).to.include({ code: 'ERR_NOT_PAIRED' });
      expect(devices.getPairedDevice()).to.equal(undefined);
    });
  });

  describe('bindSpace', () => {
    const bindings = `lyra/spaces/${id}/bindings`;
    const conversationUrl =
      'https://cloud.test/conversation/conversations/22222222-2222-4222-8222-222222222222';
    const kro = 'kms://k/resources/1';
    it('hands the keys over in a message to the key service, and takes them back', async () => {
      const peer = encryption();
      const { devices, request } = await paired(
        { [`POST ${bindings}`]: {}, [`DELETE ${bindings}`]: {} },
        { encryption: peer },
      );
      await devices.bindSpace({ url: conversationUrl, kmsResourceObjectUrl: kro });
      sinon.assert.calledWithMatch(peer.wrap, {
        method: 'create',
        uri: '/authorizations',
        resourceUri: kro,
        userIds: [id],
      });
      expect(request.lastCall.args[0].body).to.deep.equal({ conversationUrl, kmsMessage: 'JWE' });
      await devices.unbindSpace();
      sinon.assert.calledWithMatch(peer.wrap, {
        method: 'delete',
        uri: `${kro}/authorizations?authId=${id}`,
      });
      expect(request.lastCall.args[0].query).to.deep.equal({
        kmsMessage: 'JWE',
        conversationUrl: encodeBase64Url(conversationUrl),
      });
    });
    it('looks up a conversation, also the one that was bound before', async () => {
      const { devices, request } = await paired(
        {
          [`GET conversation/${conversationUrl.split('/conversation/')[1] ?? ''}`]: {
            url: conversationUrl,
            kmsResourceObjectUrl: kro,
          },
          [`GET ${bindings}`]: { items: [{ bindingUrl: '', conversationUrl }] },
          [`DELETE ${bindings}`]: {},
        },
        { encryption: encryption() },
      );
      await devices.unbindSpace();
      expect(nameOf(request.lastCall.args[0])).to.equal(`DELETE ${bindings}`);
    });
    it('is refused without the engine, and without a device', async () => {
      const target = { url: conversationUrl, kmsResourceObjectUrl: kro };
      expect(await failure(scene().devices.bindSpace(target))).to.include({ code: 'ERR_NOT_PAIRED' });
      const { devices } = await paired();
      expect(await failure(devices.bindSpace(target))).to.include({ code: 'ERR_NO_ENCRYPTION' });
      expect(await failure(devices.bindSpace({ conversationId: 'x' }))).to.include({
        code: 'ERR_NO_ENCRYPTION',
      });
    });
  });

  describe('events', () => {
    /** The room changed, and everybody here has seen to it. */
    const fire = async (host: FakeHost): Promise<void> => {
      for (const done of host.fire('lyra.space_updated', { eventType: 'lyra.space_updated', spaceUrl: url }))
        await done;
    };
    it('say that a room changed, that the client was admitted and that it was removed', async () => {
      const { devices, host, all } = scene();
      const heard: string[] = [];
      for (const type of ['updated', 'paired', 'unpaired'] as const)
        devices.on(type, ({ device }) => heard.push(`${type} ${device.displayName}`));
      await devices.requestPin(id);
      all[`GET lyra/spaces/${id}`] = space(true);
      await fire(host);
      expect(heard).to.deep.equal(['paired Blue', 'updated Blue']);
      all[`GET lyra/spaces/${id}`] = space(false);
      await fire(host);
      expect(heard.slice(2)).to.deep.equal(['unpaired Blue', 'updated Blue']);
      await host.close();
      expect(host.wireListeners).to.equal(0);
    });
    it('ask nothing about rooms that no one here knows', async () => {
      const { devices, host, request } = scene();
      await devices.listen();
      await fire(host);
      sinon.assert.notCalled(request);
    });
    it('report a room that cannot be read, and throw at no one', async () => {
      const { host, all } = await paired();
      all[`GET lyra/spaces/${id}`] = sdkError('ERR_SERVER', 'out');
      await fire(host);
      expect(host.reports).to.have.length(1);
    });
    it('take a device that is gone for one that is not paired', async () => {
      const { devices, host, all } = await paired();
      all[`GET lyra/spaces/${id}`] = sdkError('ERR_NOT_FOUND', 'gone', { status: 404 });
      await fire(host);
      expect(devices.getPairedDevice()).to.equal(undefined);
      expect(devices.getAll()).to.deep.equal([]);
    });
  });
});
