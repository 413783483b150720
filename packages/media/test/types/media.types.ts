// compiled, never run
import type { CreateClient, Host } from '@trunkline/core';
import { createMedia, media } from '../../src/index.js';
import type { Media, MediaConnection } from '../../src/index.js';
import '../../src/register.js';

declare const createClient: CreateClient;
declare const host: Host;
declare const stream: MediaStream;
declare const element: HTMLVideoElement;

// every way to have it
export const given: Media = createClient({ token: 't', plugins: [media()] }).media;
export const registered: Pick<Media, keyof Media> = createClient({ token: 't' }).media;
export const alone: Media = createMedia();
export const peer: Media | undefined = host.peer('media');

const camera = given.camera({ constraints: { width: 640 }, muted: true });
camera.on('device', ({ reason, to }) => {
  if (reason === 'unplugged') to?.label.trim();
});
export const detach: () => void = given.attach(stream, element);
export const connection: MediaConnection = given.connection({ send: (message) => message.seq });
connection.on('networkQuality', ({ score, reasons }) => {
  export_(score satisfies 0 | 1, reasons.length);
});
connection.on('state', ({ error }) => error?.phase satisfies string | undefined);
void connection.setSource('video', camera);
void connection.setSource('slides', given.screen().video);
declare const export_: (...values: readonly unknown[]) => void;

// @ts-expect-error plugins were given, this one was not among them
createClient({ token: 't', plugins: [] }).media;
// @ts-expect-error a message is needed somewhere to go
given.connection({});
// @ts-expect-error nothing of that name is emitted
camera.on('exploded', () => undefined);
// @ts-expect-error tracks are changed by the source alone
camera.track = undefined;
