import { sdkError, type CallInit, type Host, type RequestOptions } from '@trunkline/core';
import {
  checkArguments,
  expectText,
  type ParameterRules,
  requireArgument,
  randomUuid,
} from '@trunkline/core/kit';
import {
  encodeBase64Url,
  type AuxiliaryDevice,
  type LyraSpace,
  type UltrasoundAdvertisement,
} from '@trunkline/wire';
import { createAudio } from './audio.js';
import { createBinding } from './binding.js';
import { idOf, needsEncryption, readable } from './names.js';
import { createPairing } from './pairing.js';
import { named } from './refusals.js';
import type { DeviceInfo, DeviceLike, Devices } from './types.js';

/** What each call takes before `init`. */
const rules: ParameterRules<Devices> = {
  refresh: '',
  search: 'query:object(searchQuery:text)',
  upsert: 'device:holder',
  get: 'token:text',
  remove: 'device:holder',
  requestPin: 'device:holder options?:object',
  pair: 'answer:object(pin:string)',
  unpair: 'options?:object',
  bindSpace: 'target:object(url?:text kmsResourceObjectUrl?:text conversationId?:text)',
  unbindSpace: '',
  getAudioState: '',
  putAudioState: 'state:object',
  mute: '',
  unmute: '',
  increaseVolume: '',
  decreaseVolume: '',
  setVolume: 'level:number',
};

/** What callers see as `client.devices`. */
export function createDevices(host: Host): Devices {
  const pairing = createPairing(host);

  const send = async <T>(options: RequestOptions, init?: CallInit): Promise<T> =>
    (await host.request<T>({ ...init, ...options })).body;
  const needsId = (device: DeviceLike, call: string): string => {
    const id = idOf(device);
    expectText(id, `devices.${call}: id of the device`);
    return id;
  };
  const keptPath = (id: string): string => `devices/auxiliary/Room/${encodeURIComponent(id)}`;

  /** A name that only its giver can read: its key is bound to nothing. */
  async function sealed(name: string, init?: CallInit): Promise<object> {
    const encryption = needsEncryption(host, 'devices.upsert with a name');
    const [key] = await encryption.createKeys(1, init);
    if (key === undefined) throw sdkError('ERR_BAD_RESPONSE', 'the key service made no key; try again');
    const encryptedUserAssignedName = await encryption.encryptText(key.uri, name, init);
    return { metadata: { encryptedUserAssignedName, encryptionKeyUrl: key.uri } };
  }

  async function keep(id: string, name: string | undefined, init?: CallInit): Promise<DeviceInfo> {
    const body = name === undefined ? undefined : await sealed(name, init);
    const kept = await send<AuxiliaryDevice>(
      { method: 'PUT', service: 'wdm', path: keptPath(id), ...(body && { body }) },
      init,
    );
    return pairing.remember(await readable(host, kept, init));
  }

  /** Puts this client into the room, and checks the result. */
  async function enter(
    id: string,
    pass: object,
    call: 'requestPin' | 'pair',
    init?: CallInit,
  ): Promise<LyraSpace> {
    const { url: deviceUrl } = await host.connect(init);
    const path = `spaces/${encodeURIComponent(id)}/occupants/@me`;
    const verification = call === 'requestPin' ? { verificationInitiation: 'PIN' } : {};
    try {
      return await send(
        { method: 'PUT', service: 'lyra', path, body: { pass, deviceUrl, ...verification } },
        init,
      );
    } catch (error) {
      throw named(error, call, call === 'pair');
    }
  }

  return checkArguments('devices', rules, {
    ...pairing.events,
    ...createAudio(host, pairing),
    ...createBinding(host, pairing),

    async refresh(init) {
      // the service knows by it which of a person's clients is asking
      await host.connect(init);
      pairing.watch();
      const { items } = await send<{ items: readonly AuxiliaryDevice[] }>(
        { service: 'wdm', path: 'devices/auxiliary' },
        init,
      );
      const devices = await Promise.all(items.map((item) => readable(host, item, init)));
      pairing.replace(devices);
      await Promise.all(
        devices.map(async ({ id, auxiliary }) => {
          if (auxiliary.deviceInfo?.machineType !== 'LYRA_SPACE') return;
          try {
            pairing.see(await pairing.space(auxiliary.deviceInfo.id, init));
          } catch (error) {
            init?.signal?.throwIfAborted();
            host.log.warn({ deviceId: id, err: error }, 'a room could not be read');
          }
        }),
      );
      return pairing.all();
    },
    getAll: () => pairing.all(),

    async search({ searchQuery: queryString }, init) {
      requireArgument(queryString.trim(), 'devices.search', 'a text to search for');
      const body = {
        searchId: randomUuid(),
        searchType: 'DEVICE_SEARCH',
        searchEntity: 'device',
        includePeople: false,
        includeRooms: true,
        queryString,
      };
      const { items } = await send<{ items: readonly AuxiliaryDevice[] }>(
        { method: 'POST', service: 'argonaut', path: 'directory', body, idempotent: true },
        init,
      );
      return Promise.all(items.map((item) => readable(host, item, init)));
    },

    async upsert(device, init) {
      const id = needsId(device, 'upsert');
      const name = typeof device === 'string' ? undefined : device.userAssignedName;
      // a device that was read already has its name: it is not sealed again
      return keep(id, name === pairing.get(id)?.userAssignedName ? undefined : name, init);
    },
    get: async (token, init) => {
      requireArgument(token, 'devices.get', 'the token that was received');
      const advertisement = await send<UltrasoundAdvertisement>(
        { service: 'proximity', path: 'ultrasound/advertisements', query: { token } },
        init,
      );
      const { identity } = await pairing.space(advertisement.advertiser.id, init);
      return {
        ...advertisement,
        advertiser: { ...advertisement.advertiser, displayName: identity.displayName },
      };
    },
    async remove(device, init) {
      const id = needsId(device, 'remove');
      await send(
        { method: 'DELETE', service: 'wdm', path: `devices/auxiliary/${encodeURIComponent(id)}` },
        init,
      );
      pairing.forget(id);
    },

    async requestPin(device, options = {}, init) {
      const id = needsId(device, 'requestPin');
      await host.connect(init);
      pairing.watch();
      const before = await pairing.space(id, init);
      if (!before.occupants.pinChallenge) {
        pairing.see(before);
        return before;
      }
      const pass = { type: 'MANUAL', ...(options.data === undefined ? {} : { data: options.data }) };
      const space = await enter(id, pass, 'requestPin', init);
      pairing.pendingId = id;
      pairing.see(before);
      return { ...before, ...space };
    },
    async pair({ pin }, init) {
      const id = pairing.pendingId;
      if (id === undefined)
        throw sdkError('ERR_NOT_PAIRED', 'devices.pair: no PIN was asked for; call requestPin first');
      requireArgument(pin, 'devices.pair', 'the PIN on the screen');
      try {
        await enter(id, { type: 'PIN_ANSWER', data: pin }, 'pair', init);
      } catch (error) {
        if ((error as { code?: unknown }).code === 'ERR_PIN_EXPIRED' && pairing.pendingId === id)
          pairing.pendingId = undefined;
        throw error;
      }
      const known = pairing.get(id);
      if (known !== undefined) pairing.setPaired(known);
      const device = await keep(id, undefined, init);
      pairing.setPaired(device);
      return device;
    },
    async unpair(options = {}, init) {
      const { id } = pairing.needsPaired('devices.unpair');
      const { url } = await host.connect(init);
      const query = options.removeAllDevices === true ? {} : { deviceUrl: encodeBase64Url(url) };
      const path = `spaces/${encodeURIComponent(id)}/occupants/@me`;
      await send({ method: 'DELETE', service: 'lyra', path, query }, init);
      if (pairing.isPaired(id)) pairing.dropPaired();
    },
    getPairedDevice: () => pairing.paired(),
  });
}
