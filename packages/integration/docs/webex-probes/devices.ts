import type { Webex } from '@trunkline/webex';
import { expect } from 'chai';
import { collect, refusal } from '../../webex/tools.js';
import type { Context, Probes } from './context.js';

interface Update {
  readonly type: string;
  readonly payload: { readonly statusList?: readonly { readonly subject?: string }[] };
}
/** The same for `webex.presence` and `webex.internal.presence`. */
const presenceOf = (of: (webex: Webex) => Webex['presence'], shown: string): Probes => ({
  setStatus: async ({ ben, benPerson }) =>
    expect(await of(ben).setStatus('dnd', 600)).to.include({ status: 'dnd', subject: benPerson.id }),
  get: async ({ ana, benPerson }) => expect((await of(ana).get(benPerson.id)).status).to.equal('dnd'),
  list: async ({ ana, benPerson, anaPerson }) => {
    const { statusList } = await of(ana).list([benPerson.id, anaPerson.id]);
    expect(statusList).to.have.length(2);
  },
  subscribe: async ({ ana, benPerson }) => {
    const { responses } = await of(ana).subscribe([benPerson.id], 60);
    expect(responses[0]).to.include({ responseCode: 200, subject: benPerson.id });
  },
  unsubscribe: async ({ ana, benPerson }) =>
    expect((await of(ana).unsubscribe(benPerson.id)).statusCode).to.equal(200),
  enable: async ({ ana }) => expect(await of(ana).enable()).to.equal(true),
  isEnabled: async ({ ana }) => expect(await of(ana).isEnabled()).to.equal(true),
  disable: async ({ ana }) => expect(await of(ana).disable()).to.equal(false),
  initializeWorker: ({ ana }) => {
    of(ana).initializeWorker();
  },
  enqueue: async ({ ana, cloud }) => {
    const { id } = await cloud.person(shown);
    const updated = collect<Update>(of(ana), 'updated');
    await of(ana).enqueue(id);
    const { payload } = await updated.next(({ type }) => type === 'presence');
    expect(payload.statusList?.[0]).to.include({ subject: id });
  },
  dequeue: async ({ ana, cloud }) => {
    await of(ana).dequeue((await cloud.person(shown)).id);
    expect(await refusal(of(ana).dequeue(''))).to.include({ code: 'ERR_ARGUMENT' });
  },
  emitEvent: ({ ana }) => {
    const updated = collect<Update>(of(ana), 'updated');
    of(ana).emitEvent('updated', { type: 'mine', payload: {} });
    expect(updated.seen).to.deep.equal([{ type: 'mine', payload: {} }]);
  },
});

interface RoomDevice {
  readonly id: string;
  readonly pin: string;
  readonly ultrasoundToken: string;
}
const made = new Map<string, Promise<RoomDevice>>();
/** A room device for the probes of one section: a PIN is good for one pairing. */
const roomDevice = (context: Context, name = 'Board room'): Promise<RoomDevice> => {
  const key = `${context.cloud.url} ${name}`;
  const known =
    made.get(key) ?? context.cloud.admin<RoomDevice>('POST', 'devices', { displayName: name, pin: '4711' });
  made.set(key, known);
  return known;
};
const bindable = async ({
  ana,
  benPerson,
}: Context): Promise<{ url: string; kmsResourceObjectUrl: string }> => {
  const { url, kmsResourceObjectUrl = '' } = await ana.internal.conversation.create(
    { participants: [benPerson.id], displayName: 'Bound' },
    { forceGrouped: true },
  );
  return { url, kmsResourceObjectUrl };
};

const devicemanager: Probes = {
  search: async (context) => {
    const { id } = await roomDevice(context);
    const found = (await context.ana.devicemanager.search({ searchQuery: 'boa' })) as {
      items: { id: string }[];
    };
    expect(found.items.map((device) => device.id)).to.deep.equal([id]);
  },
  get: async (context) => {
    const { ultrasoundToken } = await roomDevice(context);
    const { advertiser } = await context.ana.devicemanager.get(ultrasoundToken);
    expect(advertiser.displayName).to.equal('Board room');
  },
  requestPin: async (context) => {
    const { id } = await roomDevice(context);
    expect((await context.ana.devicemanager.requestPin({ id })).identity.id).to.equal(id);
  },
  pair: async (context) => {
    const { id, pin } = await roomDevice(context);
    // a number, as the API text has it
    expect((await context.ana.devicemanager.pair({ pin: Number(pin) })).id).to.equal(id);
  },
  getPairedDevice: async (context) => {
    const { id } = await roomDevice(context);
    expect(context.ana.devicemanager.getPairedDevice()?.id).to.equal(id);
  },
  refresh: async ({ ana }) => expect(await ana.devicemanager.refresh()).to.have.length(1),
  getAll: async ({ ana }) => {
    expect(ana.devicemanager.getAll()).to.have.length(1);
    expect(await Promise.resolve(ana.devicemanager.getAll())).to.have.length(1);
  },
  _updateDeviceMetadata: async ({ ana }) => {
    const [key] = await ana.internal.encryption.kms.createUnboundKeys({ count: 1 });
    const encryptionKeyUrl = key?.uri ?? '';
    const encryptedUserAssignedName = await ana.internal.encryption.encryptText(encryptionKeyUrl, 'Mine');
    const device = { id: 'd', metadata: { encryptedUserAssignedName, encryptionKeyUrl } };
    const [seen] = await ana.devicemanager._updateDeviceMetadata([device]);
    expect(seen?.metadata?.userAssignedName).to.equal('Mine');
  },
  _decryptDeviceName: async ({ ana }) =>
    expect(await ana.devicemanager._decryptDeviceName({ id: 'd' })).to.deep.equal({ id: 'd' }),
  _receiveDeviceUpdates: async (context) => {
    const { id } = await roomDevice(context);
    await context.ana.devicemanager._receiveDeviceUpdates({ spaceUrl: `x/spaces/${id}` });
    expect(context.ana.devicemanager.getAll().map((device) => device.id)).to.deep.equal([id]);
  },
  setVolume: async ({ ana }) => expect((await ana.devicemanager.setVolume(30)).volume.level).to.equal(30),
  increaseVolume: async ({ ana }) =>
    expect((await ana.devicemanager.increaseVolume()).volume.level).to.be.greaterThan(30),
  decreaseVolume: async ({ ana }) =>
    expect((await ana.devicemanager.decreaseVolume()).volume.level).to.equal(30),
  mute: async ({ ana }) => expect((await ana.devicemanager.mute()).microphones.muted).to.equal(true),
  unmute: async ({ ana }) => expect((await ana.devicemanager.unmute()).microphones.muted).to.equal(false),
  putAudioState: async (context) => {
    const { id } = await roomDevice(context);
    const { ana } = context;
    const space = await ana.internal.lyra.space.get({ id });
    await ana.devicemanager.putAudioState(space, {
      deviceUrl: ana.internal.device.url ?? '',
      volume: { level: 20, min: 0, max: 100 },
      microphones: { muted: false },
    });
  },
  getAudioState: async ({ ana }) =>
    expect((await ana.devicemanager.getAudioState()).volume.level).to.equal(20),
  bindSpace: async (context) => {
    const { id } = await roomDevice(context);
    const bound = await context.ana.devicemanager.bindSpace(await bindable(context));
    expect(bound.id).to.equal(id);
  },
  unbindSpace: async (context) => {
    const { id } = await roomDevice(context);
    expect((await context.ana.devicemanager.unbindSpace()).id).to.equal(id);
  },
  getPairedMethod: ({ ana }) => expect(ana.devicemanager.getPairedMethod()).to.equal('Manual'),
  setPairedMethod: ({ ana }) => {
    ana.devicemanager.setPairedMethod('Ultrasonic');
    expect(ana.devicemanager.getPairedMethod()).to.equal('Ultrasonic');
  },
  unpair: async (context) => {
    const { id } = await roomDevice(context);
    expect((await context.ana.devicemanager.unpair()).id).to.equal(id);
    expect(context.ana.devicemanager.getPairedDevice()).to.equal(undefined);
  },
  upsert: async (context) => {
    const { id } = await roomDevice(context);
    expect((await context.ana.devicemanager.upsert({ id })).id).to.equal(id);
  },
  remove: async (context) => {
    const { id } = await roomDevice(context);
    expect((await context.ana.devicemanager.remove(`Room/${id}`)).id).to.equal(id);
    expect(await context.ana.devicemanager.refresh()).to.deep.equal([]);
  },
};

const lyra: Probes = {
  space: async ({ ana }) => expect(await ana.internal.lyra.space.list()).to.be.an('array'),
  device: ({ ana }) => expect(ana.internal.lyra.device).to.have.property('mute'),
  getAdvertisedEndpoint: async (context) => {
    const { ultrasoundToken, id } = await roomDevice(context, 'Loud room');
    expect(await context.ana.internal.lyra.getAdvertisedEndpoint(ultrasoundToken)).to.have.nested.property(
      'advertiser.id',
      id,
    );
  },
};
const inRoom = async (context: Context, name = 'Lyra room') => {
  const { id } = await roomDevice(context, name);
  const { space, device } = context.ana.internal.lyra;
  return { id, space, device, at: await space.get({ id }) };
};
let bound: { url: string; kmsResourceObjectUrl: string };
const spaces: Probes = {
  get: async (context) => {
    const { at, id } = await inRoom(context);
    expect(at.identity.id).to.equal(id);
  },
  join: async (context) => {
    const { at, space } = await inRoom(context);
    const { pin } = await roomDevice(context, 'Lyra room');
    await space.join(at, { passType: 'MANUAL', verificationInitiation: 'PIN' });
    const { statusCode } = await space.join(at, { passType: 'PIN_ANSWER', data: pin });
    expect(statusCode).to.be.lessThan(300);
  },
  list: async (context) => {
    const { space, id } = await inRoom(context);
    expect((await space.list()).map(({ identity }) => identity.id)).to.deep.equal([id]);
  },
  verifyOccupant: async (context) => {
    const { at, space } = await inRoom(context);
    expect(await refusal(space.verifyOccupant(at, context.benPerson.id))).to.have.property('statusCode');
  },
  bindConversation: async (context) => {
    const { at, space } = await inRoom(context);
    bound = await bindable(context);
    expect((await space.bindConversation(at, bound)).statusCode).to.be.lessThan(300);
  },
  getCurrentBindings: async (context) => {
    const { at, space } = await inRoom(context);
    expect((await space.getCurrentBindings(at)).items.at(-1)?.conversationUrl).to.equal(bound.url);
  },
  unbindConversation: async (context) => {
    const { at, space } = await inRoom(context);
    await space.unbindConversation(at, bound);
    expect((await space.getCurrentBindings(at)).items).to.deep.equal([]);
  },
  deleteBinding: async (context) => {
    const { at, space } = await inRoom(context);
    await space.bindConversation(at, bound);
    const [binding] = (await space.getCurrentBindings(at)).items;
    const bindingId = binding?.bindingUrl.split('/').at(-1) ?? '';
    await space.deleteBinding(at, { bindingId, kmsResourceObjectUrl: bound.kmsResourceObjectUrl });
    expect((await space.getCurrentBindings(at)).items).to.deep.equal([]);
  },
  leave: async (context) => {
    const { at, space } = await inRoom(context);
    expect((await space.leave(at)).statusCode).to.be.lessThan(300);
  },
};
const audioRoom = 'Audio room';
const again = async (context: Context) => {
  const room = await inRoom(context, audioRoom);
  const { pin } = await roomDevice(context, audioRoom);
  if (room.at.occupants.self?.verified !== true) {
    await room.space.join(room.at, { passType: 'MANUAL', verificationInitiation: 'PIN' });
    await room.space.join(room.at, { passType: 'PIN_ANSWER', data: pin });
  }
  return room;
};
const lyraDevices: Probes = {
  setVolume: async (context) => {
    const { at, device } = await again(context);
    await device.setVolume(at, 40);
    expect((await device.getAudioState(at)).volume.level).to.equal(40);
  },
  getAudioState: async (context) => {
    const { at, device } = await inRoom(context, audioRoom);
    expect((await device.getAudioState(at)).volume.level).to.equal(40);
  },
  increaseVolume: async (context) => {
    const { at, device } = await inRoom(context, audioRoom);
    await device.increaseVolume(at);
    expect((await device.getAudioState(at)).volume.level).to.be.greaterThan(40);
  },
  decreaseVolume: async (context) => {
    const { at, device } = await inRoom(context, audioRoom);
    await device.decreaseVolume(at);
    expect((await device.getAudioState(at)).volume.level).to.equal(40);
  },
  mute: async (context) => {
    const { at, device } = await inRoom(context, audioRoom);
    await device.mute(at);
    expect((await device.getAudioState(at)).microphones.muted).to.equal(true);
  },
  unmute: async (context) => {
    const { at, device } = await inRoom(context, audioRoom);
    await device.unmute(at);
    expect((await device.getAudioState(at)).microphones.muted).to.equal(false);
  },
  putAudioState: async (context) => {
    const { at, device } = await inRoom(context, audioRoom);
    const state = { volume: { level: 10, min: 0, max: 100 }, microphones: { muted: true } };
    await device.putAudioState(at, { deviceUrl: context.ana.internal.device.url ?? '', ...state });
    expect((await device.getAudioState(at)).volume.level).to.equal(10);
  },
};

export const devices: Readonly<Record<string, Probes>> = {
  'webex.presence': presenceOf((webex) => webex.presence, 'pat'),
  'webex.internal.presence': presenceOf((webex) => webex.internal.presence, 'pam'),
  'webex.devicemanager': devicemanager,
  'webex.internal.lyra': lyra,
  'webex.internal.lyra.space': spaces,
  'webex.internal.lyra.device': lyraDevices,
};
