import type { WdmDevice } from '@trunkline/wire';
import type { Late } from '../kit/late.js';
import type { GapListener, Realtime, RealtimeParts } from '../realtime/index.js';
import type { SdkError } from './errors.js';
import type { CallInit } from './host.js';
import type { Socket } from './socket.js';

/** The module of the real-time part. */
export interface RealtimeModule {
  readonly createRealtime: (parts: RealtimeParts) => Realtime;
}

/** The connection of a client as the kernel sees it: loaded on first use, and silent until then. */
export interface RealtimeHandle {
  readonly socket: Socket;
  readonly device: WdmDevice | undefined;
  connect(init?: CallInit): Promise<WdmDevice>;
  disconnect(): Promise<void>;
  register(): Promise<WdmDevice>;
  unregister(): Promise<void>;
  readonly onGap: (listener: GapListener) => () => void;
  /** A usable token has appeared. */
  wake(): void;
  /** Forgets the device and closes the socket. Resolves with the device, if there was one. */
  close(error: SdkError, withinMs: number): Promise<WdmDevice | undefined>;
}

export function createRealtimeHandle(
  late: Late<RealtimeModule>,
  parts: Omit<RealtimeParts, 'gapListeners'>,
): RealtimeHandle {
  const { events } = parts;
  const gapListeners = new Set<GapListener>();
  let realtime: Realtime | undefined;
  let closedBy: SdkError | undefined;
  /** counts disconnects: a connect that still loads is overtaken by a later disconnect */
  let disconnects = 0;

  const load = async (): Promise<Realtime> => {
    const { createRealtime } = late.loaded ?? (await late());
    if (closedBy) throw closedBy;
    return (realtime ??= createRealtime({ ...parts, gapListeners }));
  };
  const now = (): Realtime | undefined => {
    // loaded by a preload: no need to wait for it
    if (realtime === undefined && late.loaded && !closedBy)
      realtime = late.loaded.createRealtime({ ...parts, gapListeners });
    return realtime;
  };

  return {
    socket: {
      on: events.on,
      once: events.once,
      get state() {
        return realtime?.mercury.state ?? (closedBy ? 'closed' : 'idle');
      },
    },
    get device() {
      return realtime?.devices.current;
    },
    connect: async (init) => {
      const ready = now();
      if (ready) return ready.mercury.connect(init);
      const before = disconnects;
      const { mercury } = await load();
      const device = mercury.connect(init);
      if (before !== disconnects) void mercury.disconnect();
      return device;
    },
    disconnect: async () => {
      disconnects += 1;
      await realtime?.mercury.disconnect();
    },
    register: async () => (now() ?? (await load())).devices.refresh(),
    unregister: async () => {
      disconnects += 1;
      await realtime?.mercury.disconnect();
      await realtime?.devices.remove();
    },
    onGap: (listener) => {
      // a function of its own: the same one added twice is called twice
      const own: GapListener = async (gap) => listener(gap);
      gapListeners.add(own);
      return () => {
        gapListeners.delete(own);
      };
    },
    wake: () => realtime?.mercury.wake(),
    close: async (error, withinMs) => {
      closedBy = error;
      const released = realtime?.devices.release(withinMs);
      await realtime?.mercury.close(error);
      events.removeAllListeners();
      return released;
    },
  };
}
