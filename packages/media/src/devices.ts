import { needDevices, type MediaEnvironment } from './environment.js';
import { createEmitter, type Listenable } from './kit.js';

export type DeviceKind = 'audioinput' | 'audiooutput' | 'videoinput';

/** A camera, microphone or loudspeaker. */
export interface Device {
  /** empty before the user has allowed a device of this kind */
  readonly deviceId: string;
  readonly kind: DeviceKind;
  /** empty before the user has allowed a device of this kind */
  readonly label: string;
  /** the same for devices that are one thing, such as the microphone and loudspeaker of a headset */
  readonly groupId: string;
}

export interface DeviceEvents {
  /** Devices were plugged in or unplugged, or their names became known. */
  change: {
    readonly devices: readonly Device[];
    readonly added: readonly Device[];
    readonly removed: readonly Device[];
  };
}

/** The devices of this computer. */
export interface Devices extends Listenable<DeviceEvents> {
  /** As of the latest `list` or change; empty before. */
  readonly current: readonly Device[];
  /**
   * Asks the browser. Names and ids are empty until the user has allowed a device of that kind.
   *
   * @param kind default: all
   * @throws {MediaError} `ERR_ENVIRONMENT`
   */
  list(kind?: DeviceKind): Promise<readonly Device[]>;
  /** Stops watching for changes and removes all listeners. */
  close(): void;
}

const keyOf = ({ kind, deviceId, label }: Device): string => `${kind} ${deviceId} ${label}`;

/** @param report gets errors of listeners */
export function createDevices(
  environment: MediaEnvironment,
  report: (error: unknown, context: string) => void,
): Devices {
  const emitter = createEmitter<DeviceEvents>((error) => {
    report(error, "a listener of devices.on('change')");
  });
  let current: readonly Device[] = [];
  let watched: MediaDevices | undefined;
  let known = false;
  let closed = false;
  let asked = 0;

  const refresh = async (): Promise<readonly Device[]> => {
    const devices = needDevices(environment, 'devices.list');
    watch(devices);
    const mine = (asked += 1);
    const found = (await devices.enumerateDevices()).map(({ deviceId, kind, label, groupId }) => ({
      deviceId,
      kind,
      label,
      groupId,
    }));
    // two answers may overtake each other: the later question counts
    if (mine !== asked || closed) return found;
    const before = new Set(current.map(keyOf));
    const after = new Set(found.map(keyOf));
    const added = found.filter((device) => !before.has(keyOf(device)));
    const removed = current.filter((device) => !after.has(keyOf(device)));
    current = found;
    if (known && added.length + removed.length > 0)
      emitter.emit('change', { devices: found, added, removed });
    known = true;
    return found;
  };
  const changed = (): void => {
    refresh().catch((error: unknown) => {
      report(error, 'devices: listing after a change');
    });
  };
  const watch = (devices: MediaDevices): void => {
    if (watched !== undefined || closed) return;
    watched = devices;
    devices.addEventListener('devicechange', changed);
  };

  return {
    on: (type, listener, options) => {
      if (environment.mediaDevices) watch(environment.mediaDevices);
      return emitter.on(type, listener, options);
    },
    once: emitter.once,
    get current() {
      return current;
    },
    list: async (kind) => {
      const all = await refresh();
      return kind === undefined ? all : all.filter((device) => device.kind === kind);
    },
    close() {
      closed = true;
      watched?.removeEventListener('devicechange', changed);
      emitter.removeAllListeners();
    },
  };
}
