import { createMedia } from '../../../../src/index.js';
import { connectPair, framesIn, loudest, onClick, pixels, play, signal, until, wait } from '../peers.js';

/** A tab is shared, ends from outside, and is shared again (M-06, M-07). Each start waits for a click. */
export async function sharesATab(): Promise<object> {
  const media = createMedia();
  const [camera, microphone, screen] = [media.camera(), media.microphone({ muted: true }), media.screen()];
  await Promise.all([camera.start(), microphone.start()]);
  const calls: unknown[] = [];
  const { mediaDevices } = navigator;
  const original = mediaDevices.getDisplayMedia.bind(mediaDevices);
  mediaDevices.getDisplayMedia = (options) => {
    calls.push(options);
    return original(options);
  };
  const notified: string[] = [];
  screen.on('ended', ({ by }) => notified.push(by));
  const pair = connectPair({
    make: (options) => media.connection(options),
    prepare: (service) => play(service.remote['audio']),
  });
  await pair.client.setSource('audio', media.mix([microphone, screen.audio]));
  await pair.client.setSource('video', camera);
  await pair.client.connect();
  screen.on('tracks', ({ video }) => {
    void pair.client.setSource('slides', video === undefined ? undefined : screen.video);
  });
  const options = { video: true, audio: true, selfBrowserSurface: 'exclude' } as DisplayMediaStreamOptions;
  const share = () => onClick(() => Promise.all([screen.start(options), screen.start(options)]));
  await share();
  const hasSound = screen.audio.track !== undefined;
  const { remote } = pair.service();
  await until('slides', async () => (await framesIn(pair.service(), 'slides', 300)) > 0);
  const picture = await pixels(remote['slides'] ?? new MediaStream());
  const soundLevel = await until('the sound of the tab', async () => {
    const level = await loudest(pair.service(), 500);
    return level > 0.01 ? level : undefined;
  });
  const { muted } = microphone;
  const sharing = pair.client.peerConnection?.getTransceivers()[2]?.currentDirection;
  signal('ready to end');
  await until('the end', () => screen.state === 'off');
  await until(
    'the slides are closed',
    () => pair.client.peerConnection?.getTransceivers()[2]?.currentDirection === 'inactive',
  );
  await wait(1000);
  const heardAfter = await loudest(pair.service(), 700);
  const tracksAfter = [screen.video.track, screen.audio.track].map((track) => track === undefined);
  camera.stop();
  await camera.start();
  await share();
  await until('slides again', async () => (await framesIn(pair.service(), 'slides', 300)) > 0);
  const cameraFrames = await framesIn(pair.service(), 'video', 1000);
  const ends = [...notified];
  screen.stop();
  const { log } = pair;
  pair.close();
  media.close();
  return {
    hasSound,
    soundLevel,
    heardAfter,
    muted,
    picture,
    sharing,
    notified: ends,
    tracksAfter,
    pickers: calls.length,
    options: calls[0],
    cameraFrames,
    log,
  };
}
