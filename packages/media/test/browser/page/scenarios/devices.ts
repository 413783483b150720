import { createMedia, checkMedia } from '../../../../src/index.js';
import { connectPair, framesIn, loudest, play, signal, until, wait, watchCapture } from '../peers.js';

/** What checkMedia says of this browser. */
export const checksMedia = (): Promise<object> => checkMedia();

/** The meter of a preview moves with the fake microphone's beeps, and is 0 while muted. */
export async function measuresLevel(): Promise<object> {
  const media = createMedia();
  const microphone = media.microphone();
  await microphone.start();
  const meter = media.level(microphone.track);
  const levels: number[] = [];
  meter.on('level', ({ level }) => levels.push(level));
  await wait(1500);
  const open = Math.max(...levels);
  microphone.setUserMuted(true);
  levels.length = 0;
  await wait(500);
  const muted = Math.max(...levels);
  media.close();
  return { open, muted, running: meter.running };
}

/** Leaving at every moment: each track the SDK obtained ends (M-04). */
export async function releasesAtEveryMoment(): Promise<object> {
  const watched = watchCapture();
  const outcome: Record<string, readonly string[]> = {};
  const own = await navigator.mediaDevices.getUserMedia({ audio: true });
  const ownTracks = watched.tracks.splice(0);
  const moments: Readonly<Record<string, (media: ReturnType<typeof createMedia>) => Promise<void>>> = {
    'while joined': async (media) => {
      const [camera, microphone] = [media.camera(), media.microphone()];
      await Promise.all([camera.start(), microphone.start()]);
      const pair = connectPair({ make: (options) => media.connection(options) });
      await pair.client.setSource('video', camera);
      await pair.client.setSource('audio', microphone);
      await pair.client.connect();
    },
    'while the user is asked': (media) => {
      watched.delayMs = 800;
      media
        .camera()
        .start()
        .catch(() => undefined);
      return wait(100);
    },
    'while switching': async (media) => {
      const camera = media.camera();
      await camera.start();
      const cameras = await media.devices.list('videoinput');
      watched.delayMs = 800;
      camera.setDevice(cameras.at(-1)?.deviceId).catch(() => undefined);
      await wait(100);
    },
    'during a reconnect': async (media) => {
      const camera = media.camera();
      await camera.start();
      const pair = connectPair({ make: (options) => media.connection(options) });
      await pair.client.setSource('video', camera);
      await pair.client.connect();
      pair.client.reconnect().catch(() => undefined);
    },
    'after a failed join': async (media) => {
      await media.camera().start();
      await media
        .connection({ send: () => Promise.reject(new Error('refused')) })
        .connect()
        .catch(() => undefined);
    },
  };
  for (const [moment, run] of Object.entries(moments)) {
    watched.delayMs = 0;
    watched.tracks.length = 0;
    const media = createMedia();
    await run(media);
    media.close();
    await wait(1000);
    outcome[moment] = watched.tracks.map(({ readyState }) => readyState);
  }
  const app = ownTracks.map(({ readyState, enabled }) => `${readyState} ${String(enabled)}`);
  for (const track of own.getTracks()) track.stop();
  return { outcome, app };
}

/** A camera is unplugged in a call and comes back (M-01), by the page's own functions (recipe P2). */
export async function survivesUnplugging({
  changeFirst,
}: {
  readonly changeFirst: boolean;
}): Promise<object> {
  const { mediaDevices } = navigator;
  const enumerate = mediaDevices.enumerateDevices.bind(mediaDevices);
  const open = mediaDevices.getUserMedia.bind(mediaDevices);
  const gone = new Set<string>();
  mediaDevices.enumerateDevices = async () =>
    (await enumerate()).filter(({ deviceId }) => !gone.has(deviceId));
  mediaDevices.getUserMedia = (constraints) => {
    const { video } = constraints ?? {};
    const exact = (typeof video === 'object' ? video.deviceId : undefined) as { exact?: string } | undefined;
    return exact?.exact !== undefined && gone.has(exact.exact)
      ? Promise.reject(
          Object.assign(new Error('gone'), { name: 'OverconstrainedError', constraint: 'deviceId' }),
        )
      : open(constraints);
  };
  const media = createMedia();
  const camera = media.camera();
  await camera.start();
  const cameras = await media.devices.list('videoinput');
  // not the second one: Chromium's fake gives depth pictures that no encoder takes
  await camera.setDevice(cameras[2]?.deviceId);
  const notified: string[] = [];
  camera.on('device', ({ reason, to }) =>
    notified.push(
      `${reason} ${to === undefined ? 'none' : String(cameras.findIndex(({ deviceId }) => deviceId === to.deviceId))}`,
    ),
  );
  const pair = connectPair({ make: (options) => media.connection(options) });
  await pair.client.setSource('video', camera);
  await pair.client.connect();
  const { track } = camera;
  const chosen = cameras[2]?.deviceId ?? '';
  gone.add(chosen);
  const started = performance.now();
  const steps = [
    () => {
      track?.stop();
      track?.dispatchEvent(new Event('ended'));
    },
    () => mediaDevices.dispatchEvent(new Event('devicechange')),
  ];
  for (const step of changeFirst ? steps.reverse() : steps) step();
  await until('another camera', () => camera.state === 'live' && camera.device?.deviceId !== chosen);
  const frames = await until('frames', async () => {
    const count = await framesIn(pair.service(), 'video', 300);
    return count > 0 ? count : undefined;
  });
  const replacedMs = performance.now() - started;
  gone.clear();
  mediaDevices.dispatchEvent(new Event('devicechange'));
  await until('the chosen camera', () => camera.device?.deviceId === chosen);
  await wait(300);
  const { log } = pair;
  pair.close();
  media.close();
  return { notified, frames, replacedMs, log };
}

/** The permission of the camera is revoked from outside (M-03): the page says when it is ready. */
export async function losesPermission(): Promise<object> {
  const media = createMedia();
  const [camera, microphone] = [media.camera(), media.microphone()];
  await Promise.all([camera.start(), microphone.start()]);
  const pair = connectPair({ make: (options) => media.connection(options) });
  await pair.client.setSource('video', camera);
  await pair.client.setSource('audio', microphone);
  await pair.client.connect();
  play(pair.service().remote['audio']);
  const notified: string[] = [];
  camera.on('device', ({ reason, to, error }) =>
    notified.push(`${reason} ${to?.deviceId ?? 'none'} ${error?.code ?? ''}`),
  );
  signal('ready to revoke');
  await until('the camera is off', () => camera.state === 'off');
  const refused: unknown = await camera.start().catch((error: unknown) => (error as { code?: string }).code);
  const microphoneState = microphone.state;
  const soundLevel = await loudest(pair.service(), 1500);
  signal('ready to grant');
  await until('the camera can be started', () =>
    camera.start().then(
      () => true,
      () => false,
    ),
  );
  await until('frames', async () => (await framesIn(pair.service(), 'video', 300)) > 0);
  const { log } = pair;
  pair.close();
  media.close();
  return { notified, refused, microphoneState, soundLevel, log };
}
