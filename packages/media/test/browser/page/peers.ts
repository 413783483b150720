// Two connections in one page, joined by ROAP messages as JSON: the client's side, and one that plays the service.
import { systemClock } from '@trunkline/core';
import type { RoapMessage } from '@trunkline/wire';
import { browserEnvironment } from '../../../src/environment.js';
import {
  createConnection,
  type MediaConnection,
  type MediaConnectionOptions,
} from '../../../src/connection/index.js';

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves when `check` gives something other than undefined or false; rejects after `timeoutMs`. */
export async function until<T>(
  what: string,
  check: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 15_000,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const found = await check();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`${what}: not within ${String(timeoutMs)} ms`);
    await wait(50);
  }
}

export const dependencies = {
  environment: browserEnvironment(),
  clock: systemClock,
  report: (error: unknown, context: string) => {
    console.error(context, error);
  },
};

export interface Pair {
  readonly client: MediaConnection;
  /** the present service side: a new one for each new peer connection of the client */
  readonly service: () => MediaConnection;
  readonly close: () => void;
  /** messages in order, as `who TYPE seq` */
  readonly log: string[];
}

const clone = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

export interface PairOptions {
  readonly client?: Partial<MediaConnectionOptions>;
  readonly service?: Partial<MediaConnectionOptions>;
  /** called with each new service side */
  readonly prepare?: (service: MediaConnection) => unknown;
  /** changes the SDP of a message on its way */
  readonly rewrite?: (sdp: string, from: 'client' | 'service') => string;
  /** a connection made elsewhere, such as by `createMedia` */
  readonly make?: (options: MediaConnectionOptions) => MediaConnection;
}

export function connectPair({
  client: clientOptions,
  service: serviceOptions,
  prepare,
  rewrite = (sdp) => sdp,
  make = (options) => createConnection(dependencies, options),
}: PairOptions = {}): Pair {
  const log: string[] = [];
  let service: MediaConnection | undefined;
  let seenPc: RTCPeerConnection | undefined;
  const carry = (
    from: 'client' | 'service',
    message: RoapMessage,
    to: () => MediaConnection | undefined,
  ): void => {
    log.push(`${from} ${message.messageType} ${String(message.seq)}`);
    const sent = clone({
      ...message,
      ...(message.sdps && { sdps: message.sdps.map((sdp) => rewrite(sdp, from)) }),
    });
    queueMicrotask(() => {
      to()?.receive(sent);
    });
  };
  const newService = (): void => {
    service?.close();
    service = createConnection(dependencies, {
      role: 'service',
      send: (message) => {
        carry('service', message, () => client);
      },
      ...serviceOptions,
    });
    prepare?.(service);
  };
  const client = make({
    send: (message) => {
      // a new peer connection of the client meets a new one of the service, as a real service has it
      if (message.messageType === 'OFFER' && client.peerConnection !== seenPc) {
        seenPc = client.peerConnection;
        newService();
      }
      carry('client', message, () => service);
    },
    ...clientOptions,
  });
  return {
    client,
    service: () => {
      if (service === undefined) throw new Error('there is no service side yet');
      return service;
    },
    log,
    close: () => {
      client.close();
      service?.close();
    },
  };
}

/** The sum of the pixels of a video's present frame: 0 for none or black, and another for another picture. */
export async function pixels(stream: MediaStream): Promise<{ readonly width: number; readonly sum: number }> {
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.srcObject = stream;
  await video.play();
  await until('a frame', () => video.videoWidth > 0 && video.readyState >= 2);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const context = canvas.getContext('2d');
  context?.drawImage(video, 0, 0);
  const { data } = context?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
  let sum = 0;
  for (let at = 0; at < data.length; at += 4)
    sum += (data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0);
  video.srcObject = null;
  return { width: canvas.width, sum };
}

/** Plays a stream. Chromium decodes audio, and measures its level, only while something plays it. */
export function play(stream: MediaStream | undefined): HTMLAudioElement {
  const element = new Audio();
  element.srcObject = stream ?? null;
  element.play().catch(() => undefined);
  return element;
}

/** Wraps getUserMedia: collects every track, and delays answers. */
export function watchCapture(): { readonly tracks: MediaStreamTrack[]; delayMs: number } {
  const { mediaDevices } = navigator;
  const original = mediaDevices.getUserMedia.bind(mediaDevices);
  const watched = { tracks: [] as MediaStreamTrack[], delayMs: 0 };
  mediaDevices.getUserMedia = async (constraints) => {
    const stream = await original(constraints);
    watched.tracks.push(...stream.getTracks());
    await wait(watched.delayMs);
    return stream;
  };
  return watched;
}

/** The audio level that a connection receives; the loudest within a time, because the fake microphone beeps. */
export async function loudest(connection: MediaConnection, ms: number): Promise<number> {
  let level = 0;
  const end = performance.now() + ms;
  while (performance.now() < end) {
    const pc = connection.peerConnection;
    for (const { receiver } of pc?.getTransceivers() ?? []) {
      if (receiver.track.kind !== 'audio') continue;
      const report = await receiver.getStats();
      report.forEach((entry: { type: string; audioLevel?: number }) => {
        if (entry.type === 'inbound-rtp') level = Math.max(level, entry.audioLevel ?? 0);
      });
    }
    await wait(40);
  }
  return level;
}

/** Frames decoded on a slot of the present peer connection. */
export async function framesDecoded(connection: MediaConnection, slot: string): Promise<number> {
  let frames = 0;
  const stream = connection.remote[slot];
  for (const { receiver } of connection.peerConnection?.getTransceivers() ?? []) {
    if (stream?.getTracks().includes(receiver.track) !== true) continue;
    const report = await receiver.getStats();
    report.forEach((entry: { type: string; framesDecoded?: number }) => {
      if (entry.type === 'inbound-rtp') frames += entry.framesDecoded ?? 0;
    });
  }
  return frames;
}

/** Frames decoded on a slot within a time. */
export async function framesIn(connection: MediaConnection, slot: string, ms: number): Promise<number> {
  const before = await framesDecoded(connection, slot);
  await wait(ms);
  return (await framesDecoded(connection, slot)) - before;
}

/** A video that moves, without a camera: an app's own track. */
export function canvasTrack(): MediaStreamTrack {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [320, 240];
  const context = canvas.getContext('2d');
  let n = 0;
  setInterval(() => {
    if (!context) return;
    n += 7;
    context.fillStyle = `hsl(${String(n % 360)} 90% 50%)`;
    context.fillRect(0, 0, 320, 240);
  }, 50);
  const [track] = canvas.captureStream(20).getTracks();
  if (track === undefined) throw new Error('no track of a canvas');
  return track;
}

/** Notifies the test how far this page is; the test cannot look by itself, because that would count as a user's gesture. */
export function signal(name: string): void {
  const run = new URLSearchParams(location.search).get('run') ?? '';
  void fetch(`/signal?run=${run}&name=${encodeURIComponent(name)}`);
}

/** Resolves with the next click on the page; inside it `run` is called, so that it counts as a user's gesture. */
export const onClick = <T>(run: () => Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    document.addEventListener(
      'click',
      () => {
        run().then(resolve, reject);
      },
      { once: true },
    );
    document.body.style.minHeight = '100vh';
    signal('click');
  });
