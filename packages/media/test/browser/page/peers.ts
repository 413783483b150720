// Two connections in one page, joined by ROAP messages as JSON: the client's side, and one that plays the service.
import { systemClock } from '@trunkline/core';
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

/**
 * @param prepare called with each new service side
 */
export function connectPair(
  options: Partial<MediaConnectionOptions> = {},
  serviceOptions: Partial<MediaConnectionOptions> = {},
  prepare: (service: MediaConnection) => void = () => undefined,
): Pair {
  const log: string[] = [];
  let service: MediaConnection | undefined;
  let seenPc: RTCPeerConnection | undefined;
  const newService = (): MediaConnection => {
    service?.close();
    service = createConnection(dependencies, {
      role: 'service',
      send: (message) => {
        log.push(`service ${message.messageType} ${String(message.seq)}`);
        const sent = clone(message);
        queueMicrotask(() => {
          client.receive(sent);
        });
      },
      ...serviceOptions,
    });
    prepare(service);
    return service;
  };
  const client = createConnection(dependencies, {
    send: (message) => {
      log.push(`client ${message.messageType} ${String(message.seq)}`);
      // a new peer connection of the client meets a new one of the service, as a real service has it
      if (message.messageType === 'OFFER' && client.peerConnection !== seenPc) {
        seenPc = client.peerConnection;
        newService();
      }
      const sent = clone(message);
      queueMicrotask(() => {
        service?.receive(sent);
      });
    },
    ...options,
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
