import type { CallInit } from '@trunkline/core';
import type { EventSource } from '@trunkline/core/kit';
import type { AudioState, AuxiliaryDevice, LyraSpace, UltrasoundAdvertisement } from '@trunkline/wire';

/** A room device, as far as it is known here. */
export interface DeviceInfo {
  /** uuid */
  readonly id: string;
  readonly displayName: string;
  /** what you call it, readable; left out when it has no such name or it cannot be read */
  readonly userAssignedName?: string;
  readonly productName?: string;
  /** its room's URL */
  readonly url?: string;
  /** as the service has it; a name in it is ciphertext */
  readonly auxiliary: AuxiliaryDevice;
}

/** A device's id, or anything that has one: a {@link DeviceInfo}, a space, an auxiliary device. */
export type DeviceLike = string | { readonly id: string } | { readonly identity: { readonly id: string } };

/** A conversation to bind: its uuid or public room id, or what one has of it. */
export type BindTarget =
  { readonly conversationId: string } | { readonly url: string; readonly kmsResourceObjectUrl: string };

export interface DeviceEvents {
  /** Something changed in the room: who is in it, its volume, what it is bound to. */
  updated: { readonly device: DeviceInfo; readonly space: LyraSpace };
  /** This client is paired with a device now, by its PIN or because someone in the room let you in. */
  paired: { readonly device: DeviceInfo };
  /** This client is no longer paired, here or from elsewhere. */
  unpaired: { readonly device: DeviceInfo };
}

/**
 * What callers see as `client.devices`: devices in meeting rooms, and being paired with one of them. Every call may reject
 * with what requests reject with (`ERR_NETWORK`, `ERR_FORBIDDEN`, …), `ERR_CLIENT_CLOSED`, or the signal's reason; a
 * device that is not of your organisation does not exist (`ERR_NOT_FOUND`).
 *
 * @source protocol/presence-devices-support.md §2
 */
export interface Devices extends EventSource<DeviceEvents> {
  /**
   * Reads the devices that you keep, and which of them this client is paired with; answers {@link getAll}. A name that
   * you gave one is readable when `e2ee()` is on the client and its key can be had.
   */
  refresh(init?: CallInit): Promise<readonly DeviceInfo[]>;
  /** What was read last, or met since. */
  getAll(): readonly DeviceInfo[];
  /**
   * Devices of your organisation, by the beginning of any word of their names; at most 50.
   *
   * @throws {SdkError} `ERR_ARGUMENT` without a text
   */
  search(query: { readonly searchQuery: string }, init?: CallInit): Promise<readonly DeviceInfo[]>;
  /**
   * Keeps a device, so that {@link refresh} finds it. With `userAssignedName` it gets a name that only you can read.
   *
   * @throws {SdkError} `ERR_NO_ENCRYPTION` for a name without `e2ee()`
   */
  upsert(
    device: string | (DeviceLike & { readonly userAssignedName?: string | undefined }),
    init?: CallInit,
  ): Promise<DeviceInfo>;
  /** The device whose ultrasound token was received. @throws {SdkError} `ERR_NOT_FOUND` when no device sends this token (any more) */
  get(token: string, init?: CallInit): Promise<UltrasoundAdvertisement>;
  /** Keeps a device no longer. @throws {SdkError} `ERR_NOT_FOUND` when it was not kept */
  remove(device: DeviceLike, init?: CallInit): Promise<void>;

  /**
   * Has the device show a PIN, good for 5 minutes; then {@link pair}. When you are in the room already, it answers the
   * space without `occupants.pinChallenge`, and this client is paired.
   *
   * @param options.data for the device, where it wants something
   * @throws {SdkError} `ERR_PIN_EXPIRED` after too many wrong PINs: the message says when it can be asked again
   */
  requestPin(device: DeviceLike, options?: { readonly data?: string }, init?: CallInit): Promise<LyraSpace>;
  /**
   * Sends the PIN that is shown on the screen. The device is kept, too.
   *
   * @throws {SdkError} `ERR_NOT_PAIRED` when no PIN was asked for, `ERR_WRONG_PIN`, `ERR_PIN_EXPIRED` when it is no longer
   * shown or there were too many wrong ones (then ask for another)
   */
  pair(answer: { readonly pin: string }, init?: CallInit): Promise<DeviceInfo>;
  /**
   * Leaves the room; what you bound its device to is unbound.
   *
   * @param options.removeAllDevices also for your other clients
   * @throws {SdkError} `ERR_NOT_PAIRED`
   */
  unpair(options?: { readonly removeAllDevices?: boolean }, init?: CallInit): Promise<void>;
  /** Undefined when this client is not paired. */
  getPairedDevice(): DeviceInfo | undefined;

  /**
   * Lets the paired device into a conversation: it becomes a member, under its name, with the keys of the conversation.
   *
   * @throws {SdkError} `ERR_NOT_PAIRED`, `ERR_NO_ENCRYPTION` without `e2ee()`, `ERR_NOT_FOUND` unless you are a member,
   * `ERR_FORBIDDEN` when only moderators may add someone
   */
  bindSpace(target: BindTarget, init?: CallInit): Promise<void>;
  /**
   * Sends the paired device out of the conversation that was bound last.
   *
   * @throws {SdkError} `ERR_NOT_PAIRED` when nothing is paired, `ERR_ARGUMENT` when nothing was bound
   */
  unbindSpace(init?: CallInit): Promise<void>;

  /** Of the paired device. Levels are 0 to 100. @throws {SdkError} `ERR_NOT_PAIRED`, as the following */
  getAudioState(init?: CallInit): Promise<AudioState>;
  /** Sets what is given, and leaves the rest. */
  putAudioState(state: AudioChange, init?: CallInit): Promise<AudioState>;
  /** Mutes the microphone of the device. */
  mute(init?: CallInit): Promise<AudioState>;
  /** Unmutes the microphone of the device. */
  unmute(init?: CallInit): Promise<AudioState>;
  /** Makes the device louder by one step. */
  increaseVolume(init?: CallInit): Promise<AudioState>;
  /** Makes the device quieter by one step. */
  decreaseVolume(init?: CallInit): Promise<AudioState>;
  /** Sets the volume of the device. @param level 0 to 100 @throws {SdkError} `ERR_ARGUMENT` for another number */
  setVolume(level: number, init?: CallInit): Promise<AudioState>;
}

export interface AudioChange {
  readonly volume?: { readonly level: number };
  readonly microphones?: { readonly muted: boolean };
}
