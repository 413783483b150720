import type { CallInit, Host, RequestOptions } from '@trunkline/core';
import { requireArgument } from '@trunkline/core/kit';
import type { AudioState } from '@trunkline/wire';
import type { Pairing } from './pairing.js';
import { named } from './refusals.js';
import type { Devices } from './types.js';

type Audio = Pick<
  Devices,
  'getAudioState' | 'putAudioState' | 'mute' | 'unmute' | 'increaseVolume' | 'decreaseVolume' | 'setVolume'
>;

/** Volume and microphones of the paired device. @source protocol/presence-devices-support.md §2.1 */
export function createAudio(host: Host, pairing: Pairing): Audio {
  async function ask(
    call: string,
    options: Omit<RequestOptions, 'path'> & { readonly path: string },
    init?: CallInit,
  ): Promise<AudioState> {
    const { id, url } = pairing.needsPaired(`devices.${call}`);
    const { path, ...rest } = options;
    const at =
      url === undefined ? { service: 'lyra', path: `spaces/${id}/${path}` } : { url: `${url}/${path}` };
    try {
      return (await host.request<AudioState>({ ...init, ...rest, ...at })).body;
    } catch (error) {
      const refused = named(error, call);
      // unpaired from elsewhere, and the news of it was lost
      if ((refused as { code?: unknown }).code === 'ERR_NOT_PAIRED' && pairing.isPaired(id))
        pairing.dropPaired();
      throw refused;
    }
  }
  const invoke =
    (call: string, action: string) =>
    (init?: CallInit): Promise<AudioState> =>
      ask(call, { method: 'POST', path: `audio/${action}/invoke` }, init);

  return {
    getAudioState: (init) => ask('getAudioState', { path: 'audio' }, init),
    async putAudioState({ volume, microphones }, init) {
      pairing.needsPaired('devices.putAudioState');
      const { url: deviceUrl } = await host.connect(init);
      const body = { deviceUrl, volume, microphones };
      return ask('putAudioState', { method: 'PUT', path: 'audio', body }, init);
    },
    mute: invoke('mute', 'microphones/actions/mute'),
    unmute: invoke('unmute', 'microphones/actions/un-mute'),
    increaseVolume: invoke('increaseVolume', 'volume/actions/increase'),
    decreaseVolume: invoke('decreaseVolume', 'volume/actions/decrease'),
    async setVolume(level, init) {
      requireArgument(level >= 0 && level <= 100, 'devices.setVolume', 'a level from 0 to 100');
      const path = 'audio/volume/actions/set/invoke';
      return ask('setVolume', { method: 'POST', path, body: { level }, idempotent: true }, init);
    },
  };
}
