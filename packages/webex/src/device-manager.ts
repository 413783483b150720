import { sdkError } from '@trunkline/core';
import { expectObject, expectText, randomUuid } from '@trunkline/core/kit';
import type { DeviceInfo, DeviceLike, Devices as Engine } from '@trunkline/devices';
import type { AudioState, AuxiliaryDevice, LyraSpace, UltrasoundAdvertisement } from '@trunkline/wire';
import { official } from './http-error.js';
import { WebexPlugin, type PluginDefinition } from './plugin.js';

/** `webex.devicemanager`: devices in meeting rooms. @source protocol/presence-devices-support.md §2 */
export class DeviceManager extends WebexPlugin {
  static override readonly definition: PluginDefinition = { namespace: 'Devicemanager' };
  declare private method: string;

  override initialize(): void {
    Object.defineProperty(this, 'method', { value: 'Manual', writable: true, enumerable: false });
  }
  /** What `refresh` read last: the array itself; `await` gives the same. */
  getAll(): readonly AuxiliaryDevice[] {
    return this.engine.getAll().map(shownDevice);
  }
  async refresh(): Promise<readonly AuxiliaryDevice[]> {
    return (await official(this.engine.refresh())).map(shownDevice);
  }
  /** The service's answer: `items`. */
  async search({ searchQuery }: { readonly searchQuery: string }): Promise<object> {
    const searchId = randomUuid();
    const items = (await official(this.engine.search({ searchQuery }))).map(shownDevice);
    return { searchId, items };
  }
  async upsert(device: DeviceLike): Promise<AuxiliaryDevice> {
    return shownDevice(await official(this.engine.upsert(device)));
  }
  /** @param token what was received by ultrasound */
  override get(token: string): Promise<UltrasoundAdvertisement> {
    return official(this.engine.get(token));
  }
  /** @param deviceId with or without the kind before it: `Room/ID` */
  async remove(deviceId: string): Promise<AuxiliaryDevice> {
    expectText(deviceId, 'devicemanager.remove: deviceId');
    const id = deviceId.replace(/^Room\//, '');
    const removed = this.engine.getAll().find((device) => device.id === id);
    await official(this.engine.remove(id));
    return removed === undefined ? { id } : shownDevice(removed);
  }
  requestPin(device: DeviceLike, options: { readonly data?: string } = {}): Promise<LyraSpace> {
    return official(this.engine.requestPin(device, options));
  }
  /** @param given.pin as shown; a number is taken, too, but cannot begin with 0 */
  async pair(given: { readonly pin: string | number }): Promise<AuxiliaryDevice> {
    expectObject(given, 'devicemanager.pair');
    const pin = typeof given.pin === 'number' ? String(given.pin) : given.pin;
    return shownDevice(await official(this.engine.pair({ pin })));
  }
  /** Resolves with the device that was paired. */
  async unpair(options: { readonly removeAllDevices?: boolean } = {}): Promise<AuxiliaryDevice> {
    return this.withPaired(() => this.engine.unpair(options));
  }
  /** Resolves with the paired device. */
  async bindSpace(conversation: {
    readonly url: string;
    readonly kmsResourceObjectUrl: string;
  }): Promise<AuxiliaryDevice> {
    expectObject(conversation, 'devicemanager.bindSpace');
    return this.withPaired(() => this.engine.bindSpace(conversation));
  }
  /** Resolves with the paired device. */
  async unbindSpace(): Promise<AuxiliaryDevice> {
    return this.withPaired(() => this.engine.unbindSpace());
  }
  getAudioState(): Promise<AudioState> {
    return official(this.engine.getAudioState());
  }
  putAudioState(space: { readonly url?: string }, audioState: Partial<AudioState>): Promise<AudioState> {
    return this.webex.internal.lyra.device.putAudioState(space, audioState);
  }
  mute(): Promise<AudioState> {
    return official(this.engine.mute());
  }
  unmute(): Promise<AudioState> {
    return official(this.engine.unmute());
  }
  increaseVolume(): Promise<AudioState> {
    return official(this.engine.increaseVolume());
  }
  decreaseVolume(): Promise<AudioState> {
    return official(this.engine.decreaseVolume());
  }
  setVolume(level = 0): Promise<AudioState> {
    return official(this.engine.setVolume(level));
  }
  getPairedDevice(): AuxiliaryDevice | undefined {
    const device = this.engine.getPairedDevice();
    return device && shownDevice(device);
  }
  /** How it was paired, for those who report it: `Manual` until something else is said. */
  getPairedMethod(): string {
    return this.method;
  }
  setPairedMethod(method: string): void {
    this.method = method;
  }
  /** Kept devices with their names readable, where the keys can be had. */
  _updateDeviceMetadata(devices: readonly AuxiliaryDevice[] = []): Promise<readonly AuxiliaryDevice[]> {
    return Promise.all(devices.map((device) => this._decryptDeviceName(device)));
  }
  /** The device with `metadata.userAssignedName`; as it was where the name cannot be read. */
  async _decryptDeviceName(device: AuxiliaryDevice): Promise<AuxiliaryDevice> {
    const { encryptedUserAssignedName, encryptionKeyUrl } = device.metadata ?? {};
    if (!encryptedUserAssignedName || !encryptionKeyUrl) return device;
    try {
      const { encryption } = this.webex.internal;
      const userAssignedName = await encryption.decryptText(encryptionKeyUrl, encryptedUserAssignedName);
      return { ...device, metadata: { ...device.metadata, userAssignedName } };
    } catch (error) {
      this.logger.warn('devicemanager: the name of a device could not be decrypted', error);
      return device;
    }
  }
  /** Reads the devices again when one of them changed. The `lyra.space_updated` events of the socket do so by themselves. */
  async _receiveDeviceUpdates(update: { readonly spaceUrl?: string }): Promise<void> {
    const id = update.spaceUrl?.split('/').at(-1);
    if (this.engine.getAll().some((device) => device.id === id)) await this.refresh();
  }
  private async withPaired(work: () => Promise<void>): Promise<AuxiliaryDevice> {
    const paired = this.engine.getPairedDevice();
    await official(work());
    if (paired === undefined)
      throw sdkError('ERR_NOT_PAIRED', 'devicemanager: no device is paired. Call requestPin, then pair.');
    return shownDevice(paired);
  }
  private get engine(): Engine {
    return this.webex.linkage.get().client.devices;
  }
}

/** With its name readable, where it has one. */
const shownDevice = ({ auxiliary, userAssignedName }: DeviceInfo): AuxiliaryDevice =>
  userAssignedName === undefined
    ? auxiliary
    : { ...auxiliary, metadata: { ...auxiliary.metadata, userAssignedName } };
