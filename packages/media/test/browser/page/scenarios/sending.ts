import { createMedia, removeCodecs, transcodedHandlers } from '../../../../src/index.js';
import {
  canvasTrack,
  connectPair,
  framesDecoded,
  framesIn,
  loudest,
  pixels,
  play,
  until,
  wait,
} from '../peers.js';

/** Camera and microphone, by plain tracks of the app, to a second peer connection. */
export async function sendsPlainTracks(): Promise<object> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: true,
    video: { width: 320, height: 240 },
  });
  const [audio] = stream.getAudioTracks();
  const [video] = stream.getVideoTracks();
  const pair = connectPair();
  await pair.client.setSource('audio', audio);
  await pair.client.setSource('video', video);
  const started = performance.now();
  await pair.client.connect();
  const connectedMs = performance.now() - started;
  const { remote } = pair.service();
  play(remote['audio']);
  await until('sound and picture', () => {
    const stats = pair.service().stats?.inbound ?? [];
    const sound = stats.find(({ slot }) => slot === 'audio');
    const picture = stats.find(({ slot }) => slot === 'video');
    return (sound?.audioLevel ?? 0) > 0 && (picture?.framesDecoded ?? 0) > 5;
  });
  const picture = await pixels(remote['video'] ?? new MediaStream());
  const sdp = pair.client.peerConnection?.localDescription?.sdp ?? '';
  const result = {
    connectedMs,
    state: pair.client.state,
    mids: [...sdp.matchAll(/^a=mid:(.*?)\r?$/gm)].map(([, mid]) => mid),
    log: pair.log,
    stats: pair.client.stats,
    picture,
  };
  pair.close();
  const after = stream.getTracks().map(({ readyState, enabled }) => `${readyState} ${String(enabled)}`);
  for (const track of stream.getTracks()) track.stop();
  return { ...result, after };
}

/** Muted, switched three times, reconnected, unmuted: what the other side receives (M-02, G-02). */
export async function mutesAndSwitches(): Promise<object> {
  const media = createMedia();
  const microphone = media.microphone();
  const camera = media.camera();
  await Promise.all([microphone.start(), camera.start()]);
  const pair = connectPair({
    make: (options) => media.connection(options),
    prepare: (service) => play(service.remote['audio']),
  });
  await pair.client.setSource('audio', microphone);
  await pair.client.setSource('video', camera);
  await pair.client.connect();
  const hear = (ms: number): Promise<number> => loudest(pair.service(), ms);
  await until('sound', async () => (await hear(500)) > 0);
  microphone.setUserMuted(true);
  await wait(1000); // what was on its way
  const microphones = await media.devices.list('audioinput');
  const cameras = await media.devices.list('videoinput');
  const muted: number[] = [];
  const used: string[] = [];
  for (const { deviceId } of microphones.slice(0, 3)) {
    await microphone.setDevice(deviceId);
    used.push(microphone.device?.deviceId ?? '');
    muted.push(await hear(1200));
  }
  for (const { deviceId } of cameras.slice(0, 3)) await camera.setDevice(deviceId);
  const switched = [...pair.log];
  await pair.client.reconnect();
  muted.push(await hear(1500));
  microphone.setUserMuted(false);
  const unmuted = await until('sound again', async () => {
    const level = await hear(500);
    return level > 0.01 ? level : undefined;
  });
  const frames = await framesIn(pair.service(), 'video', 1000);
  const senders = pair.client.peerConnection?.getSenders().length;
  pair.close();
  media.close();
  return {
    muted,
    unmuted,
    frames,
    switched,
    senders,
    used,
    wanted: microphones.slice(0, 3).map(({ deviceId }) => deviceId),
  };
}

/** Twenty quick clicks on the camera button (M-08). */
export async function clicksTwentyTimes({ last }: { readonly last: 'on' | 'off' }): Promise<object> {
  const media = createMedia();
  const camera = media.camera();
  await camera.start();
  const pair = connectPair({ make: (options) => media.connection(options) });
  await pair.client.setSource('video', camera);
  await pair.client.connect();
  await until('frames', async () => (await framesIn(pair.service(), 'video', 300)) > 0);
  const count = () => {
    const pc = pair.client.peerConnection;
    return [pc?.getSenders().length, pc?.getTransceivers().length];
  };
  const before = count();
  for (let n = 0; n < 20; n += 1) {
    const on = (n % 2 === 1) === (last === 'on');
    if (on) camera.start().catch(() => undefined);
    else camera.stop();
    await wait(50);
  }
  const started = performance.now();
  if (last === 'on')
    await until('frames again', async () => (await framesIn(pair.service(), 'video', 200)) > 0);
  const framesAfterMs = performance.now() - started;
  await wait(1500); // what was on its way
  const frames = await framesIn(pair.service(), 'video', 1000);
  const result = {
    state: camera.state,
    sending: camera.sending,
    frames,
    framesAfterMs,
    before,
    after: count(),
    log: [...pair.log],
  };
  pair.close();
  media.close();
  return result;
}

/** A new peer connection in the middle: one remains, streams stay, numbers go on (G-01). */
export async function reconnects(): Promise<object> {
  const media = createMedia();
  const microphone = media.microphone();
  const camera = media.camera();
  await Promise.all([microphone.start(), camera.start()]);
  const back = canvasTrack();
  const pair = connectPair({
    make: (options) => media.connection(options),
    prepare: (service) => {
      service.setSource('video', back).catch(() => undefined);
    },
  });
  const { client } = pair;
  const states: string[] = [];
  const negative: string[] = [];
  const bytes: number[] = [];
  client.on('state', ({ to }) => states.push(to));
  client.on('stats', (stats) => {
    const check = (value: unknown, path: string): void => {
      if (typeof value === 'number' && !(value >= 0)) negative.push(`${path} ${String(value)}`);
      if (typeof value === 'object' && value !== null)
        for (const [key, inner] of Object.entries(value)) check(inner, `${path}.${key}`);
    };
    check(stats, '');
    bytes.push(stats.outbound.find(({ slot }) => slot === 'video')?.bytesSent ?? 0);
  });
  await client.setSource('audio', microphone);
  await client.setSource('video', camera);
  await client.connect();
  const streams = { ...client.remote };
  const first = client.peerConnection;
  await wait(2500);
  const started = performance.now();
  await client.reconnect();
  const reconnectMs = performance.now() - started;
  await wait(2500);
  const result = {
    states: [...states],
    negative,
    monotonic: bytes.every((value, at) => at === 0 || value >= (bytes[at - 1] ?? 0)),
    bytes,
    firstState: first?.connectionState,
    sameStreams: Object.entries(client.remote).every(([name, stream]) => streams[name] === stream),
    tracks: Object.values(client.remote).map((stream) => stream.getTracks().length),
    frames: await framesIn(client, 'video', 1000),
    framesThere: await framesIn(pair.service(), 'video', 1000),
    reconnectMs,
    log: pair.log,
  };
  pair.close();
  media.close();
  return result;
}

/** One side has VP8 only, the other answers with H.264 only (M-10). */
export async function findsNoCommonCodec(): Promise<object> {
  const media = createMedia();
  const microphone = media.microphone();
  await microphone.start();
  const { local, remote } = transcodedHandlers();
  const pair = connectPair({
    make: (options) => media.connection(options),
    client: { handlers: { local: [removeCodecs('H264', 'VP9', 'AV1', 'H265'), ...local], remote } },
    rewrite: (sdp, from) => (from === 'service' ? sdp.replaceAll(' VP8/90000', ' H264/90000') : sdp),
  });
  const problems: string[] = [];
  pair.client.on('problem', ({ slot, error }) =>
    problems.push(`${slot ?? ''} ${error.code}: ${error.message}`),
  );
  await pair.client.setSource('audio', microphone);
  await pair.client.setSource('video', canvasTrack());
  await pair.client.connect();
  play(pair.service().remote['audio']);
  const level = await until('sound', async () => {
    const level = await loudest(pair.service(), 500);
    return level > 0 ? level : undefined;
  });
  const { state } = pair.client;
  pair.close();
  media.close();
  return { problems, level, state };
}

/** Both sides offer in the same moment, many times. */
export async function meetsGlare(): Promise<object> {
  const pair = connectPair();
  await pair.client.setSource('video', canvasTrack());
  await pair.client.connect();
  for (let n = 0; n < 10; n += 1)
    await Promise.all([
      pair.client.setDirection('audio', { receive: n % 2 === 0 }),
      pair.service().setDirection('slides', { send: n % 2 === 0 }),
      pair.service().negotiate(),
      pair.client.negotiate(),
    ]);
  const frames = await framesIn(pair.service(), 'video', 1000);
  const result = {
    frames,
    states: [pair.client.state, pair.service().state],
    signalling: [pair.client, pair.service()].map(({ peerConnection }) => peerConnection?.signalingState),
    conflicts: pair.log.filter((line) => line.includes('ERROR')).length,
  };
  pair.close();
  return result;
}

/** Connect and close again and again: nothing is left (M-13). */
export async function comesAndGoes({ rounds }: { readonly rounds: number }): Promise<object> {
  const media = createMedia();
  const Original = RTCPeerConnection;
  const made: WeakRef<RTCPeerConnection>[] = [];
  let [opened, closed] = [0, 0];
  globalThis.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      opened += 1;
      made.push(new WeakRef(this));
    }
    override close(): void {
      if (this.signalingState !== 'closed') closed += 1;
      super.close();
    }
  };
  const collect = async (): Promise<void> => {
    for (let n = 0; n < 3; n += 1) {
      (globalThis as { gc?: () => void }).gc?.();
      await wait(100);
    }
  };
  const heap = (): number =>
    (performance as { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize ?? 0;
  const track = canvasTrack();
  const round = async (cut: boolean): Promise<void> => {
    const pair = connectPair({ make: (options) => media.connection(options) });
    await pair.client.setSource('video', track);
    const connected = pair.client.connect();
    connected.catch(() => undefined);
    if (cut) await wait(5);
    else await connected;
    pair.close();
  };
  for (let n = 0; n < 8; n += 1) await round(false);
  await collect();
  const before = heap();
  for (let n = 0; n < rounds; n += 1) await round(n % 15 === 14);
  await collect();
  const alive = made.filter((ref) => ref.deref() !== undefined).length;
  media.close();
  return {
    opened,
    closed,
    alive,
    before,
    after: heap(),
    slopeBytes: (heap() - before) / rounds,
    track: track.readyState,
  };
}

/** Digits asked for faster than they can be played, before and after a muted microphone (C-05). */
export async function playsTones(): Promise<object> {
  const media = createMedia();
  const microphone = media.microphone({ muted: true });
  await microphone.start();
  const pair = connectPair({ make: (options) => media.connection(options) });
  await pair.client.setSource('audio', microphone);
  await pair.client.connect();
  const played: string[] = [];
  const started = performance.now();
  const tones: string[] = [];
  const dtmf = pair.client.peerConnection?.getSenders()[0]?.dtmf;
  dtmf?.addEventListener('tonechange', ({ tone }) => tones.push(tone));
  await Promise.all(
    ['1', '23', '*'].map(async (digits) => {
      await pair.client.sendTones(digits);
      played.push(digits);
    }),
  );
  const tookMs = performance.now() - started;
  const refused: unknown = await pair.client
    .sendTones('x')
    .catch((error: unknown) => (error as { code?: string }).code);
  pair.close();
  media.close();
  return { played, tones: tones.filter((tone) => tone !== ''), tookMs, refused };
}

/** Milliseconds from connect() to media that flows, and to the first decoded frame, several times. */
export async function measuresConnecting({ rounds }: { readonly rounds: number }): Promise<object> {
  const track = canvasTrack();
  const connectedMs: number[] = [];
  const frameMs: number[] = [];
  for (let n = 0; n < rounds; n += 1) {
    const pair = connectPair();
    await pair.client.setSource('video', track);
    const started = performance.now();
    await pair.client.connect();
    connectedMs.push(Math.round(performance.now() - started));
    await until('a frame', async () => (await framesDecoded(pair.service(), 'video')) > 0);
    frameMs.push(Math.round(performance.now() - started));
    pair.close();
  }
  return { connectedMs: connectedMs.sort((a, b) => a - b), frameMs: frameMs.sort((a, b) => a - b) };
}
