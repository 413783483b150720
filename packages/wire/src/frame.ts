// Frames of the mercury socket: all JSON text. @source protocol/device-and-mercury.md §4

/** Client → service, first frame after the socket opens. */
export interface AuthorizationFrame {
  readonly id: string;
  readonly type: 'authorization';
  readonly data: { readonly token: string };
  readonly trackingId: string;
}
/** Client → service, for every frame that has an id, pongs too. */
export interface AckFrame {
  readonly messageId: string;
  readonly type: 'ack';
}
export interface PingFrame {
  readonly id: string;
  readonly type: 'ping';
}
export interface PongFrame {
  readonly id: string;
  readonly type: 'pong';
  readonly wsWriteTimestamp?: number;
  readonly sequenceNumber?: number;
}
/** Service → client: open a second socket, this one closes soon (4001). @source §4.8 */
export interface ShutdownFrame {
  readonly id?: string;
  readonly type: 'shutdown';
}
/** Service → client: something happened. */
export interface EventFrame<Data extends EventData = EventData> {
  readonly id: string;
  readonly type?: undefined;
  readonly data: Data;
  /** epoch ms */
  readonly timestamp?: number;
  readonly trackingId?: string;
  readonly sequenceNumber?: number;
  readonly filterMessage?: boolean;
  readonly headers?: Readonly<Record<string, unknown>>;
  /** epoch ms */
  readonly wsWriteTimestamp?: number;
  /** Ours: this frame was sent before and not acknowledged. Other services leave it out. */
  readonly redelivered?: boolean;
}
export type ServerFrame = EventFrame | PongFrame | ShutdownFrame;
export type ClientFrame = AuthorizationFrame | AckFrame | PingFrame;

/** `data` of an event frame: `<namespace>.<name>` and what belongs to it. */
export interface EventData {
  readonly eventType: string;
  /** dotted path → value, written into `data` before anybody reads it. @source §4.6 */
  readonly headers?: Readonly<Record<string, unknown>>;
}

/**
 * `mercury.buffer_state`: the first frame after authorization.
 * `replayed` and `lost` are ours (design: redelivery); a service that does not redeliver leaves them out.
 */
export interface BufferStateData extends EventData {
  readonly eventType: 'mercury.buffer_state';
  readonly bufferState: 'NEW' | 'REPLAYED' | (string & {});
  /** frames that follow because this device has not acknowledged them */
  readonly replayed?: number;
  /** frames that this device has not acknowledged and that are past the retention */
  readonly lost?: number;
}

/** What a socket's end means for the client. @source protocol/device-and-mercury.md §5 */
export type CloseMeaning =
  /** connect again, with backoff */
  | 'transient'
  /** the token was refused: refresh it, then connect again */
  | 'unauthorized'
  /** the device is unknown: register it again, then connect */
  | 'unknown-device'
  /** another socket took over: stay closed */
  | 'replaced'
  /** never connect again by itself */
  | 'permanent';

type Meanings = Readonly<Record<number, CloseMeaning>>;
// 4404 after the first frame is ours: someone removed the device, perhaps only to make room for another
const always: Meanings = {
  1008: 'unauthorized',
  4000: 'replaced',
  4401: 'unauthorized',
  4404: 'unknown-device',
};
const beforeFirstFrame: Meanings = { 1005: 'unknown-device', 4400: 'permanent', 4403: 'permanent' };
const transientCodes = [1001, 1005, 1006, 1011, 1012, 1013];
// 1000 and 3050 say in words what they mean
const transientWords = ['idle', 'done (forced)', 'pong not received', 'pong mismatch'];

/**
 * What to do after a close.
 *
 * @param authorized whether the first event frame had arrived
 * @source protocol/device-and-mercury.md §5
 */
export function meaningOfClose(code: number, reason: string, authorized: boolean): CloseMeaning {
  const text = reason.toLowerCase();
  let effective = code;
  if (code === 1005 && text === 'replaced') effective = 4000;
  if (code === 1005 && text.startsWith('authentication')) effective = 1008;
  const known = always[effective];
  if (known !== undefined) return known;
  if (!authorized) return beforeFirstFrame[effective] ?? 'transient';
  const isTransient =
    effective === 1000 || effective === 3050
      ? transientWords.includes(text)
      : transientCodes.includes(effective);
  return isTransient ? 'transient' : 'permanent';
}

/**
 * Writes `data.headers` into `data`: each key is a dotted path. Changes `data` in place, which has just been parsed.
 * A path through `__proto__`, `constructor` or `prototype` is ignored.
 *
 * @source protocol/device-and-mercury.md §4.6
 */
export function applyHeaders(data: EventData): void {
  if (data.headers === undefined) return;
  for (const [path, value] of Object.entries(data.headers)) {
    const keys = path.split('.');
    if (keys.some((key) => key === '__proto__' || key === 'constructor' || key === 'prototype')) continue;
    const last = keys.pop();
    if (last === undefined) continue;
    let at: Record<string, unknown> = data as unknown as Record<string, unknown>;
    for (const key of keys) {
      const next = at[key];
      at = (typeof next === 'object' && next !== null ? next : (at[key] = {})) as Record<string, unknown>;
    }
    at[last] = value;
  }
}
