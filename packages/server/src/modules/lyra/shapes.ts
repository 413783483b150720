import type { AudioState, AuxiliaryDevice, LyraSpace } from '@trunkline/wire';
import { deviceUrl, type Urls } from '../../kernel/http/urls.js';
import type { User } from '../identity/api.js';
import type { Auxiliary, Binding, Occupant, RoomDevice } from './store.js';

export const spaceUrl = (urls: Urls, id: string): string => `${urls.service('lyra')}/spaces/${id}`;

/**
 * As `userId` may see it: who is in it, only those learn who are in it too.
 *
 * @param wdmId of the client that asks, where it said so: each client of a person is paired by itself
 */
export function lyraSpace(
  urls: Urls,
  device: RoomDevice,
  present: readonly Occupant[],
  users: ReadonlyMap<string, User>,
  asking: { readonly userId: string; readonly wdmId: string | undefined },
): LyraSpace {
  const { userId, wdmId } = asking;
  const mine = present.filter((row) => row.user_id === userId);
  const self = wdmId === undefined ? mine : mine.filter((row) => row.wdm_id === wdmId);
  const verified = self.some((row) => row.verified === 1);
  const inside = userId === device.id || mine.some((row) => row.verified === 1);
  const people = new Map<string, boolean>();
  for (const row of present) people.set(row.user_id, row.verified === 1 || people.get(row.user_id) === true);
  const url = spaceUrl(urls, device.id);
  return {
    url,
    identity: { id: device.id, displayName: device.display_name },
    occupants: {
      items: inside
        ? [...people].map(([id, isVerified]) => ({
            url: `${url}/occupants/${id}`,
            identity: { id, displayName: users.get(id)?.display_name ?? '' },
            verified: isVerified,
          }))
        : [],
      ...(verified ? {} : { pinChallenge: true }),
      ...(self.length > 0 ? { self: { verified } } : {}),
    },
    devices: [
      {
        productName: device.product_name,
        identity: { id: device.id, displayName: device.display_name },
      },
    ],
    deviceInfo: { id: device.id, machineType: 'LYRA_SPACE' },
  };
}

export const auxiliaryDevice = (
  urls: Urls,
  device: RoomDevice,
  kept?: Pick<Auxiliary, 'name' | 'key_url'>,
): AuxiliaryDevice => ({
  id: device.id,
  url: spaceUrl(urls, device.id),
  deviceClass: 'room',
  deviceInfo: { id: device.id, machineType: 'LYRA_SPACE' },
  identity: { id: device.id, displayName: device.display_name },
  productName: device.product_name,
  ...(kept?.name != null && kept.key_url !== null
    ? { metadata: { encryptedUserAssignedName: kept.name, encryptionKeyUrl: kept.key_url } }
    : {}),
});

export const audioState = (urls: Urls, device: RoomDevice, wdmId: string | undefined): AudioState => ({
  ...(wdmId === undefined ? {} : { deviceUrl: deviceUrl(urls, wdmId) }),
  volume: { level: device.volume, min: 0, max: 100 },
  microphones: { muted: device.muted === 1 },
});

export const bindingShape = (urls: Urls, binding: Binding) => ({
  id: binding.id,
  bindingUrl: `${spaceUrl(urls, binding.device_id)}/bindings/${binding.id}`,
  conversationUrl: urls.conversation(binding.conversation_id),
});
