import { randomUuid } from '@trunkline/core';
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
  /** @param token what was heard by ultrasound */
  override get(token: string): Promise<UltrasoundAdvertisement> {
    return official(this.engine.get(token));
  }
  /** @param deviceId with or without the kind before it: `Room/ID` */
  remove(deviceId: string): Promise<void> {
    return official(this.engine.remove(deviceId.replace(/^Room\//, '')));
  }
  requestPin(device: DeviceLike, options: { readonly data?: string } = {}): Promise<LyraSpace> {
    return official(this.engine.requestPin(device, options));
  }
  async pair({ pin }: { readonly pin: string }): Promise<AuxiliaryDevice> {
    return shownDevice(await official(this.engine.pair({ pin })));
  }
  unpair(options: { readonly removeAllDevices?: boolean } = {}): Promise<void> {
    return official(this.engine.unpair(options));
  }
  bindSpace(conversation: { readonly url: string; readonly kmsResourceObjectUrl: string }): Promise<void> {
    return official(this.engine.bindSpace(conversation));
  }
  unbindSpace(): Promise<void> {
    return official(this.engine.unbindSpace());
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
  private get engine(): Engine {
    return this.webex.linkage.get().client.devices;
  }
}

/** With its name readable, where it has one. */
const shownDevice = ({ auxiliary, userAssignedName }: DeviceInfo): AuxiliaryDevice =>
  userAssignedName === undefined
    ? auxiliary
    : { ...auxiliary, metadata: { ...auxiliary.metadata, userAssignedName } };
