import { isSdkError, sdkError, type CallInit, type Host } from '@trunkline/core';
import type { AuxiliaryDevice, EncryptionPeer, LyraSpace } from '@trunkline/wire';
import type { DeviceInfo, DeviceLike } from './types.js';

/** The engine, when `e2ee()` is on the client. */
export const encryptionOf = (host: Host): EncryptionPeer | undefined => host.peer('encryption');

/** @throws {SdkError} `ERR_NO_ENCRYPTION` */
export function needsEncryption(host: Host, call: string): EncryptionPeer {
  const encryption = encryptionOf(host);
  if (encryption === undefined)
    throw sdkError('ERR_NO_ENCRYPTION', `${call} needs keys; add e2ee() of @trunkline/encryption`);
  return encryption;
}

/** Its id, whatever it was given as; undefined when it has none. */
export function idOf(device: DeviceLike): string | undefined {
  const found: { readonly id?: unknown } | string | undefined =
    typeof device === 'string' ? device : 'identity' in device ? device.identity : device;
  const id = typeof found === 'object' ? found.id : found;
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** With its name in clear where that can be had; a name that cannot be read is not a reason to fail. */
export async function readable(host: Host, device: AuxiliaryDevice, init?: CallInit): Promise<DeviceInfo> {
  const { metadata } = device;
  let name = metadata?.userAssignedName;
  const { encryptedUserAssignedName: jwe, encryptionKeyUrl: keyUrl } = metadata ?? {};
  const encryption = encryptionOf(host);
  if (jwe && keyUrl && encryption !== undefined)
    try {
      name = await encryption.decryptText(keyUrl, jwe, init);
    } catch (error) {
      init?.signal?.throwIfAborted();
      if (isSdkError(error) && error.code === 'ERR_CLIENT_CLOSED') throw error;
      host.log.warn({ deviceId: device.id, err: error }, 'the name of a device cannot be read');
    }
  const { productName, url } = device;
  return {
    id: device.id,
    displayName: device.identity?.displayName ?? '',
    ...(name ? { userAssignedName: name } : {}),
    ...(productName === undefined ? {} : { productName }),
    ...(url === undefined ? {} : { url }),
    auxiliary: device,
  };
}

/** What a space says of its device, where nothing else is known of it. */
export function deviceOf(space: LyraSpace, known?: DeviceInfo): DeviceInfo {
  const { id, displayName } = space.identity;
  const productName = space.devices[0]?.productName ?? known?.productName;
  return {
    ...(known ?? { auxiliary: { id, identity: { id, displayName }, url: space.url } }),
    id,
    displayName,
    url: space.url,
    ...(productName === undefined ? {} : { productName }),
  };
}
