import { createMedia } from '../../../../src/index.js';
import { connectPair, onClick, until, wait } from '../peers.js';

/** A tone without microphone and AudioContext, which would both change what may play. */
function toneTrack(): MediaStreamTrack {
  const generator = new (
    globalThis as unknown as {
      MediaStreamTrackGenerator: new (init: object) => MediaStreamTrack & { writable: WritableStream };
    }
  ).MediaStreamTrackGenerator({ kind: 'audio' });
  const writer = generator.writable.getWriter();
  const sampleRate = 48_000;
  let frame = 0;
  setInterval(() => {
    const data = new Float32Array(480);
    for (let at = 0; at < data.length; at += 1)
      data[at] = 0.5 * Math.sin(((frame * 480 + at) * 440 * 2 * Math.PI) / sampleRate);
    void writer.write(
      new AudioData({
        format: 'f32',
        sampleRate,
        numberOfFrames: 480,
        numberOfChannels: 1,
        timestamp: frame * 10_000,
        data,
      }),
    );
    frame += 1;
  }, 10);
  return generator;
}

/** The page joins without a click: sound is blocked, reported once, and one click starts all of it (M-05). */
export async function waitsForAClick(): Promise<object> {
  const media = createMedia();
  const notified: string[] = [];
  media.player.on('blocked', () => notified.push('blocked'));
  media.player.on('resumed', () => notified.push('resumed'));
  const tone = toneTrack();
  const pairs = [0, 1, 2].map(() =>
    connectPair({
      prepare: (service) => {
        service.setSource('audio', tone).catch(() => undefined);
      },
    }),
  );
  const elements = pairs.map(() => document.body.appendChild(document.createElement('audio')));
  const attach = (at: number): void => {
    const [pair, element] = [pairs[at], elements[at]];
    if (pair && element) media.attach(pair.client.remote['audio'] ?? new MediaStream(), element);
  };
  await Promise.all(pairs.map(({ client }) => client.connect()));
  attach(0);
  attach(1);
  await until('blocked', () => media.player.blocked);
  await wait(300);
  const before = {
    notified: [...notified],
    blocked: media.player.blocked,
    paused: elements.map(({ paused }) => paused),
  };
  const resumed = await onClick(() => media.player.resume());
  attach(2);
  await wait(500);
  const started = elements.map(({ currentTime }) => currentTime);
  await wait(500);
  const result = {
    before,
    resumed,
    notified,
    plays: elements.map(({ currentTime, paused }, at) => !paused && currentTime > (started[at] ?? 0)),
  };
  for (const pair of pairs) pair.close();
  media.close();
  return result;
}

/** Speaking and muting in mid-word (M-12). */
export async function tellsWhoSpeaks(): Promise<object> {
  const media = createMedia();
  const microphone = media.microphone();
  await microphone.start();
  const element = document.body.appendChild(document.createElement('audio'));
  const pair = connectPair({
    make: (options) => media.connection(options),
    // before packets arrive: what waits in a jitter buffer would play for seconds
    prepare: (service) => media.attach(service.remote['audio'] ?? new MediaStream(), element),
  });
  await pair.client.setSource('audio', microphone);
  await pair.client.connect();
  const localSpeaks = (): boolean => pair.client.speaking.local;
  const remoteSpeaks = (): boolean => pair.service().speaking.remote;
  await until('both know', () => localSpeaks() && remoteSpeaks());
  microphone.setUserMuted(true);
  const muted = performance.now();
  await until('no local speech', () => !localSpeaks());
  const localMs = performance.now() - muted;
  await until('no remote speech', () => !remoteSpeaks());
  const remoteMs = performance.now() - muted;
  await wait(1500);
  const quiet = !localSpeaks() && !remoteSpeaks();
  pair.close();
  media.close();
  return { localMs, remoteMs, quiet };
}
