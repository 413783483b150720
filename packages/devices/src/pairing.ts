// What this client knows of rooms: the devices it met, the one whose PIN was asked for, the one it is paired with.
import { isSdkError, sdkError, type Host } from '@trunkline/core';
import { createEventSource, createKeyedQueue } from '@trunkline/core/kit';
import type { EventOutlet } from '@trunkline/core/kit';
import type { LyraSpace, LyraSpaceEventData } from '@trunkline/wire';
import { deviceOf } from './names.js';
import type { DeviceEvents, DeviceInfo } from './types.js';

declare module '@trunkline/core' {
  interface WireEvents {
    'lyra.space_updated': LyraSpaceEventData;
  }
}

export type Pairing = ReturnType<typeof createPairing>;

export function createPairing(host: Host) {
  const known = new Map<string, DeviceInfo>();
  const queue = createKeyedQueue();
  let pendingId: string | undefined;
  let pairedId: string | undefined;
  let boundUrl: { readonly url: string; readonly kro: string } | undefined;
  let outlet: EventOutlet<DeviceEvents> | undefined;
  let off: (() => void) | undefined;

  const paired = (): DeviceInfo | undefined => (pairedId === undefined ? undefined : known.get(pairedId));

  function setPaired(device: DeviceInfo): void {
    known.set(device.id, device);
    if (pendingId === device.id) pendingId = undefined;
    if (pairedId === device.id) return;
    dropPaired();
    pairedId = device.id;
    outlet?.emit('paired', { device });
  }
  function dropPaired(): void {
    const device = paired();
    pairedId = undefined;
    boundUrl = undefined;
    if (device !== undefined) outlet?.emit('unpaired', { device });
  }

  const space = async (id: string, init?: object): Promise<LyraSpace> =>
    (
      await host.request<LyraSpace>({
        ...init,
        service: 'lyra',
        path: `spaces/${encodeURIComponent(id)}`,
      })
    ).body;

  /** What the room says now: who this client is in it follows from that. */
  function see(now: LyraSpace): DeviceInfo {
    const device = deviceOf(now, known.get(now.identity.id));
    known.set(device.id, device);
    if (now.occupants.self?.verified === true) setPaired(device);
    else if (pairedId === device.id) dropPaired();
    return device;
  }

  async function updated(id: string): Promise<void> {
    if (!known.has(id)) return;
    try {
      const now = await space(id);
      const device = see(now);
      outlet?.emit('updated', { device, space: now });
    } catch (error) {
      if (isSdkError(error) && error.code === 'ERR_CLIENT_CLOSED') return;
      if (isSdkError(error) && error.code === 'ERR_NOT_FOUND') {
        if (pairedId === id) dropPaired();
        if (pendingId === id) pendingId = undefined;
        known.delete(id);
      } else host.report(error, 'a room device changed, and could not be read again');
    }
  }

  /** From the first device that matters to someone until the client closes: being unpaired is not to be missed. */
  function watch(): void {
    off ??= host.onWire('lyra.space_updated', ({ spaceUrl }) => {
      const id = spaceUrl.split('/').at(-1) ?? '';
      return queue.run(id, () => updated(id));
    });
  }
  host.onClose(() => {
    off?.();
  });

  return {
    ...{ watch, see, space, setPaired, dropPaired },
    events: createEventSource<DeviceEvents>(host, 'devices', (to) => {
      outlet = to;
      watch();
      return () => {
        outlet = undefined;
      };
    }),
    all: (): readonly DeviceInfo[] => [...known.values()],
    get: (id: string): DeviceInfo | undefined => known.get(id),
    remember: (device: DeviceInfo): DeviceInfo => {
      known.set(device.id, device);
      return device;
    },
    /** Those that are kept now; the paired and the pending stay. */
    replace: (devices: readonly DeviceInfo[]): void => {
      for (const id of [...known.keys()]) if (id !== pairedId && id !== pendingId) known.delete(id);
      for (const device of devices) known.set(device.id, device);
    },
    forget: (id: string): void => {
      if (id !== pairedId && id !== pendingId) known.delete(id);
    },
    paired,
    isPaired: (id: string): boolean => pairedId === id,
    /** @throws {SdkError} `ERR_NOT_PAIRED` */
    needsPaired(call: string): DeviceInfo {
      const device = paired();
      if (device === undefined)
        throw sdkError('ERR_NOT_PAIRED', `${call} needs a paired device; call requestPin, then pair`);
      return device;
    },
    get pendingId() {
      return pendingId;
    },
    set pendingId(id: string | undefined) {
      pendingId = id;
    },
    get bound() {
      return boundUrl;
    },
    set bound(to: typeof boundUrl) {
      boundUrl = to;
    },
  };
}
