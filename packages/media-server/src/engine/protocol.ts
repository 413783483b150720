import {
  flag,
  id,
  integer,
  list,
  numeric,
  object,
  oneOf,
  optional,
  payload,
  samples,
  text,
  type Reader,
} from './shape.js';

// What the service and its engine say to each other. Both sides read each message with these.

const ssrc = integer(1, 2 ** 32 - 1);
const kind = oneOf('audio', 'video');
const slot = object({ slot: id, mid: id, kind, ssrc, rtxSsrc: optional(ssrc) });

/** Commands by name: how their parameters are read in the engine. */
export const commands = {
  openTransport: object({ transport: id }),
  closeTransport: object({ transport: id }),
  accept: object({
    transport: id,
    offer: text(),
    slots: list(slot),
    videoCodecs: optional(list(id, 20)),
    announceSources: optional(flag),
    originName: optional(id),
  }),
  openSlot: object({ transport: id, slot }),
  closeSlot: object({ transport: id, slot: id }),
  /** `track` left out: nothing */
  route: object({ transport: id, slot: id, track: optional(id), maxLayer: optional(integer(0, 99)) }),
  requestKeyframe: object({ track: id }),
  sendDtmf: object({
    transport: id,
    slot: id,
    digits: text(255),
    durationMs: optional(numeric),
    gapMs: optional(numeric),
  }),
  sendMessage: object({ transport: id, label: id, data: payload }),
  openMix: object({ mix: id }),
  closeMix: object({ mix: id }),
  joinMix: object({
    mix: id,
    participant: id,
    track: optional(id),
    transport: optional(id),
    slot: optional(id),
  }),
  leaveMix: object({ mix: id, participant: id }),
  muteInMix: object({ mix: id, participant: id, muted: flag }),
  openRecorder: object({
    recorder: id,
    path: text(4096),
    tracks: list(object({ name: id, kind, track: optional(id) }), 100),
  }),
  routeRecorder: object({ recorder: id, name: id, track: optional(id) }),
  stopRecorder: object({ recorder: id }),
  openPlayer: object({
    player: id,
    file: optional(text(4096)),
    samples: optional(samples),
    loop: optional(flag),
  }),
  closePlayer: object({ player: id }),
  openTap: object({ tap: id, track: id }),
  closeTap: object({ tap: id }),
  stats: object({}),
  close: object({}),
} as const;

type ReadBy<R> = R extends Reader<infer T> ? T : never;
export type CommandName = keyof typeof commands;
export type CommandParams<Name extends CommandName> = ReadBy<(typeof commands)[Name]>;

const state = oneOf('new', 'connecting', 'open', 'disconnected', 'failed', 'closed');
export const phase = oneOf(
  'setup',
  'offer',
  'ice',
  'dtls',
  'first-packet',
  'media',
  'record',
  'play',
  'close',
);

/** Events by name: how they are read in the service. */
export const events = {
  transportState: object({ transport: id, state, phase: optional(phase) }),
  transportDtmf: object({ transport: id, mid: id, digit: id }),
  transportChannel: object({ transport: id, label: text(1000) }),
  transportMessage: object({ transport: id, label: text(1000), data: payload }),
  slotLayer: object({ transport: id, slot: id, track: id, layer: integer(0, 99) }),
  speakers: object({ mix: id, speaking: list(id), dominant: optional(id) }),
  recorderEnded: object({ recorder: id, message: text() }),
  playerEnded: object({ player: id }),
  tapAudio: object({ tap: id, samples, atMs: numeric }),
  /** an exception that was caught */
  trouble: object({ message: text() }),
} as const;
export type EventName = keyof typeof events;
export type EventParams<Name extends EventName> = ReadBy<(typeof events)[Name]>;
/** Gives an event to the other side. */
export type EmitEvent = <Name extends EventName>(name: Name, params: EventParams<Name>) => void;
