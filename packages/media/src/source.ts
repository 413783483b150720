import type { Capture } from './capture.js';
import type { Device, Devices } from './devices.js';
import { isMediaError, mediaError, deviceError, type MediaError } from './errors.js';
import { createEmitter, deferred } from './kit.js';
import { isMuted, muteMethods, unmuted, type MuteState } from './mute.js';
import type {
  DeviceReason,
  LocalSource,
  SourceDevice,
  SourceEvents,
  SourceOptions,
  SourceState,
} from './source-types.js';

export interface SourceDependencies {
  readonly capture: Capture;
  readonly devices: Devices;
  /** `denied` when the user or a policy forbids this kind of device; undefined where the browser does not say */
  readonly permission: (
    kind: 'camera' | 'microphone',
  ) => Promise<'denied' | 'granted' | 'prompt' | undefined>;
  readonly report: (error: unknown, context: string) => void;
}

/** Makes a camera or a microphone; nothing is opened before `start`. */
export function createSource(
  kind: 'camera' | 'microphone',
  { capture, devices, permission, report }: SourceDependencies,
  options: SourceOptions = {},
): LocalSource {
  const media = kind === 'camera' ? 'video' : 'audio';
  const deviceKind: MediaDeviceKind = kind === 'camera' ? 'videoinput' : 'audioinput';
  const emitter = createEmitter<SourceEvents>((error, type) => {
    report(error, `a listener of ${kind}.on('${type}')`);
  });
  const closing = new AbortController();

  let wanted = false;
  let state: SourceState = 'off';
  let mute: MuteState = { ...unmuted, userMuted: options.muted === true };
  let choice = options.deviceId;
  let { constraints = {} } = options;
  let track: MediaStreamTrack | undefined;
  let device: SourceDevice | undefined;
  /** why the next device is another one */
  let cause: { readonly reason: DeviceReason; readonly from: SourceDevice | undefined } | undefined;
  /** devices that could not be found though they are listed, until the list changes */
  const vanished = new Set<string>();
  let failure: MediaError | undefined;
  // asked again after each await: the user may have clicked meanwhile
  const isWanted = (): boolean => wanted;
  /** resolves when stop() overtakes those who wait for a device */
  let overtaken = deferred();
  let dirty = false;
  let running: Promise<void> | undefined;

  // ---- events

  const isSending = (): boolean => state === 'live' && !isMuted(mute);
  const emitChange = (): void => {
    emitter.emit('change', { state, muted: isMuted(mute), sending: isSending() });
  };
  const setState = (to: SourceState): void => {
    if (state === to) return;
    state = to;
    emitChange();
  };
  const announce = (to: SourceDevice | undefined, error?: MediaError): void => {
    if (cause === undefined) return;
    const event = { ...cause, to, ...(error && { error }) };
    cause = undefined;
    emitter.emit('device', event);
  };

  // ---- the track

  const setTrack = (next: MediaStreamTrack | undefined, of: SourceDevice | undefined): void => {
    const before = track;
    if (next) next.enabled = !isMuted(mute);
    track = next;
    device = of;
    before?.removeEventListener('ended', onEnded);
    next?.addEventListener('ended', onEnded);
    // who sends it gets the new one before the old one ends
    if (before !== next) emitter.emit('track', { track: next });
    capture.release(before);
  };
  const applyMute = (next: MuteState): void => {
    const before = isMuted(mute);
    const changed = Object.entries(next).some(([key, value]) => mute[key as keyof MuteState] !== value);
    mute = next;
    if (track && isMuted(mute) !== before) track.enabled = !isMuted(mute);
    if (changed) emitChange();
  };

  // ---- devices

  const isListed = (deviceId: string, all: readonly Device[]): boolean =>
    all.some((one) => one.kind === deviceKind && one.deviceId === deviceId);
  /** Before a permission was given, ids are hidden. */
  const idsKnown = (all: readonly Device[]): boolean =>
    all.some((one) => one.kind === deviceKind && one.deviceId !== '');

  /** No listed device can be it; one whose id is hidden could. */
  const isGone = ({ deviceId }: SourceDevice, all: readonly Device[]): boolean =>
    !isListed(deviceId, all) && !isListed('', all);

  /** The device to be used: an id, `undefined` for the browser's choice, or `null` when there is none. */
  const pick = async (): Promise<string | undefined | null> => {
    const all = await devices.list(deviceKind);
    const usable = all.filter(({ deviceId }) => !vanished.has(deviceId));
    if (usable.length === 0) return cause === undefined ? choice : null;
    if (!idsKnown(all)) return choice;
    if (choice !== undefined && isListed(choice, usable)) return choice;
    if (device && isListed(device.deviceId, usable)) return device.deviceId;
    return choice === undefined && cause === undefined ? undefined : usable[0]?.deviceId;
  };
  const fits = (target: string | undefined): boolean =>
    track?.readyState === 'live' && (target === undefined || target === device?.deviceId);

  const stopWith = (error: MediaError, reason: DeviceReason): void => {
    wanted = false;
    failure = error;
    setTrack(undefined, undefined);
    setState('off');
    if (cause) cause = { ...cause, reason };
    announce(undefined, error);
  };
  const onFailure = (error: MediaError, target: string | undefined): void => {
    const isGone = error.code === 'ERR_MEDIA_NO_DEVICE';
    if (track?.readyState === 'live' && cause?.reason === 'chosen') {
      // the old device goes on
      choice = device?.deviceId;
      cause = undefined;
      failure = error;
    } else if (isGone && cause !== undefined) {
      if (target !== undefined) vanished.add(target);
      cause = { ...cause, reason: cause.reason === 'ended' ? 'unplugged' : cause.reason };
      if (target !== undefined) dirty = true;
      else wait();
    } else stopWith(error, error.code === 'ERR_MEDIA_DENIED' ? 'denied' : 'busy');
  };
  const wait = (): void => {
    setTrack(undefined, undefined);
    setState('waiting');
    announce(undefined);
  };

  /** One step towards what is wanted. */
  const step = async (): Promise<void> => {
    if (!wanted) return;
    let target: string | undefined;
    try {
      const picked = await pick();
      if (!isWanted()) return;
      if (picked === null) {
        wait();
        return;
      }
      target = picked;
      if (fits(target)) {
        cause = undefined;
        return;
      }
      if (track === undefined) setState('starting');
      const exact = target === undefined ? {} : { deviceId: { exact: target } };
      const next = await capture.device(media, { ...constraints, ...exact }, closing.signal);
      // stop() may have come while the user was asked
      if (!isWanted()) {
        capture.release(next);
        return;
      }
      const deviceId = next.getSettings().deviceId ?? target ?? '';
      setTrack(next, { deviceId, label: next.label });
      setState('live');
      announce(device);
    } catch (error) {
      if (!isWanted()) return;
      onFailure(isMediaError(error) ? error : deviceError(error, `the ${kind}`), target);
    }
  };
  /** Steps until what is wanted and what is there agree. One loop at a time: the last wish wins. */
  const settle = (): Promise<void> => {
    dirty = true;
    running ??= (async () => {
      try {
        while (dirty) {
          dirty = false;
          await step();
        }
      } finally {
        running = undefined;
      }
    })();
    return running;
  };
  const settleInBackground = (): void => {
    settle().catch((error: unknown) => {
      report(error, kind);
    });
  };

  // ---- what happens to devices

  const onEnded = (): void => {
    const from = device;
    cause ??= { reason: 'ended', from };
    setTrack(undefined, undefined);
    setState('starting');
    const find = async (): Promise<void> => {
      const [allowed, all] = await Promise.all([permission(kind), devices.list()]);
      if (!wanted || track) return;
      if (allowed === 'denied') {
        cause ??= { reason: 'denied', from };
        stopWith(
          deviceError({ name: 'NotAllowedError', message: 'it was revoked' }, `the ${kind}`),
          'denied',
        );
        return;
      }
      if (from && isGone(from, all)) cause = { reason: 'unplugged', from };
      await settle();
    };
    find().catch((error: unknown) => {
      report(error, kind);
    });
  };
  const offDevices = devices.on('change', ({ devices: all }) => {
    vanished.clear();
    if (!wanted) return;
    if (state === 'waiting') {
      if (!all.some((one) => one.kind === deviceKind)) return;
      cause = { reason: 'returned', from: undefined };
      settleInBackground();
    } else if (track && device && isGone(device, all)) {
      cause = { reason: 'unplugged', from: device };
      setTrack(undefined, undefined);
      settleInBackground();
    } else if (track && choice !== undefined && choice !== device?.deviceId && isListed(choice, all)) {
      cause = { reason: 'returned', from: device };
      settleInBackground();
    }
  });

  /** The outcome for one caller: what went wrong, unless something overtook it. */
  const outcome = async (): Promise<void> => {
    await Promise.race([settle(), overtaken.promise]);
    checkOpen();
    if (failure) throw failure;
  };
  const stop = (): void => {
    wanted = false;
    overtaken.resolve(undefined);
    overtaken = deferred();
    failure = cause = undefined;
    setTrack(undefined, undefined);
    setState('off');
  };
  const checkOpen = (): void => {
    if (closing.signal.aborted)
      throw mediaError('ERR_MEDIA_ENDED', 'device', `${kind}: it was closed. Make a new one.`);
  };

  return {
    kind,
    on: emitter.on,
    once: emitter.once,
    onTrack: (listener) =>
      emitter.on('track', (event) => {
        listener(event.track);
      }),
    get state() {
      return state;
    },
    get track() {
      return track;
    },
    get sending() {
      return isSending();
    },
    get device() {
      return device;
    },
    get chosenDeviceId() {
      return choice;
    },
    get mute() {
      return mute;
    },
    get muted() {
      return isMuted(mute);
    },
    ...muteMethods(() => mute, applyMute),
    async start() {
      checkOpen();
      wanted = true;
      failure = undefined;
      await outcome();
    },
    stop,
    async setDevice(deviceId) {
      checkOpen();
      choice = deviceId;
      failure = undefined;
      vanished.clear();
      if (!wanted) return;
      cause = { reason: 'chosen', from: device };
      await outcome();
    },
    async setConstraints(next) {
      checkOpen();
      try {
        await track?.applyConstraints(next);
      } catch (error) {
        throw deviceError(error, `the ${kind}`);
      }
      constraints = next;
    },
    close() {
      if (closing.signal.aborted) return;
      stop();
      closing.abort();
      offDevices();
      emitter.removeAllListeners();
    },
  };
}
