import type { EventFrame } from '@trunkline/wire';
import type { Clock } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/log.js';
import { randomUuid } from '../../kit/uuid.js';
import type { SocketConstructor, SocketLike } from '../../kernel/socket.js';

export interface ConnectionParts {
  readonly WebSocket: SocketConstructor;
  readonly clock: Clock;
  readonly log: Logger;
  readonly url: string;
  readonly token: string;
  readonly session: string;
  readonly timings: {
    readonly pingIntervalMs: number;
    readonly pongTimeoutMs: number;
    readonly openTimeoutMs: number;
  };
  /** whether a jump in the numbers ends the connection */
  readonly checkSequence: boolean;
  /** the frame that says the service took us */
  readonly opened: (first: EventFrame) => void;
  /** Each event frame, the first one too; the connection is where its acknowledgement goes. */
  readonly frame: (frame: EventFrame, connection: Connection) => void;
  /** `reason` as the frame has it, if at all */
  readonly shutdown: (reason: unknown) => void;
  readonly latency: (ms: number) => void;
  /** Runs once after a while, or when the client closes; the answer calls it off. */
  readonly later: (delayMs: number, run: () => void) => () => void;
  /** Once. `own` when this side ended it for a reason of its own. */
  readonly closed: (end: ConnectionEnd) => void;
}
export interface ConnectionEnd {
  readonly code: number;
  readonly reason: string;
  readonly authorized: boolean;
  readonly own: 'pong' | 'sequence' | 'timeout' | undefined;
  /** what the WebSocket said was wrong; browsers do not say */
  readonly cause: unknown;
}
export interface Connection {
  /** epoch ms of the last sign of life */
  readonly aliveMs: number;
  ack(id: string): void;
  /** Says goodbye; resolves when the other side did too, or after a while. `closed` is not called. */
  close(): Promise<void>;
}

// how long the other side may take to say goodbye too
const GOODBYE_MS = 2_000;
// more than any event; a service that sends it is broken or hostile
const MAX_FRAME_CHARS = 16 * 1024 * 1024;

/** One WebSocket, from its opening to its end: authorization, acknowledgements, ping, order. @source protocol/device-and-mercury.md §4 */
export function openConnection(parts: ConnectionParts): Connection {
  const { clock, log, timings } = parts;
  let authorized = false;
  let ended = false;
  let expected: number | undefined;
  let aliveMs = clock.now();
  let cause: unknown;
  let pingId: string | undefined;
  let pingedMs = 0;
  let cancelTimer: (() => void) | undefined;
  let farewell: (() => void) | undefined;

  // may throw: a URL that is none
  const socket: SocketLike & { terminate?: () => void; binaryType?: string } = new parts.WebSocket(parts.url);
  if ('binaryType' in socket) socket.binaryType = 'arraybuffer';

  const send = (text: string): void => {
    try {
      socket.send(text);
    } catch (error) {
      log.debug({ error }, 'a frame could not be sent: the socket is closing');
    }
  };
  const timer = (delayMs: number, run: () => void): void => {
    cancelTimer?.();
    cancelTimer = clock.after(delayMs, run, { unref: true });
  };
  const end = (code: number, reason: string, own: ConnectionEnd['own']): void => {
    if (ended) return;
    ended = true;
    cancelTimer?.();
    parts.closed({ code, reason, authorized, own, cause });
  };
  /** This side gives up on it. No waiting for the other's farewell: the line may be dead. */
  const abandon = (reason: string, own: ConnectionEnd['own']): void => {
    if (ended) return;
    closeSocket(reason);
    end(1000, reason, own);
    // lets the close frame out, then makes sure nothing is left of it
    farewell = parts.later(GOODBYE_MS, () => {
      socket.terminate?.();
    });
  };
  const closeSocket = (reason: string): void => {
    try {
      socket.close(1000, reason);
    } catch (error) {
      log.debug({ error }, 'closing the socket failed');
    }
  };
  const ping = (): void => {
    pingId = randomUuid();
    pingedMs = clock.now();
    send(`{"id":"${pingId}","type":"ping"}`);
    timer(timings.pongTimeoutMs, () => {
      abandon('Pong not received', 'pong');
    });
  };
  const ack = (id: string): void => {
    if (!ended) send(`{"messageId":${id.length === 36 ? `"${id}"` : JSON.stringify(id)},"type":"ack"}`);
  };
  const pong = (id: string): void => {
    if (pingId === undefined) return;
    if (id !== pingId) {
      abandon('Pong mismatch', 'pong');
      return;
    }
    pingId = undefined;
    aliveMs = clock.now();
    parts.latency(aliveMs - pingedMs);
    timer(timings.pingIntervalMs, ping);
  };
  /** False when frames before this one are missing. */
  const inSequence = (number: number | undefined): boolean => {
    if (typeof number !== 'number') {
      expected = undefined;
      return true;
    }
    if (expected !== undefined && number > expected && parts.checkSequence) {
      log.warn({ expected, number }, 'frames are missing');
      abandon('sequence gap', 'sequence');
      return false;
    }
    if (expected === undefined || number >= expected) expected = number + 1;
    return true;
  };
  const ignored = (why: string, fields: object = {}): void => {
    log.warn(fields, `a frame was ignored: ${why}`);
  };
  const unreadable = (text: string, why: string): void => {
    ignored(why, { chars: text.length });
    expected = undefined;
    const id = /^\s*\{\s*"id"\s*:\s*"([^"\\]{1,200})"/.exec(text.slice(0, 300))?.[1];
    if (id !== undefined) ack(id); // else it would come again and again
  };
  type Frame = Partial<Omit<EventFrame, 'type'>> & { readonly type?: unknown; readonly reason?: unknown };
  const received = (text: string): void => {
    if (text.length > MAX_FRAME_CHARS) {
      unreadable(text, 'it is too large');
      return;
    }
    let frame: Frame | null | undefined;
    try {
      frame = JSON.parse(text) as Frame | null;
    } catch {
      // reported below
    }
    if (typeof frame !== 'object' || frame === null) {
      unreadable(text, 'it is not a JSON object');
      return;
    }
    if (!inSequence(frame.sequenceNumber)) return;
    const { type, data, id } = frame;
    if (
      type === undefined &&
      typeof data === 'object' &&
      (data as unknown) !== null &&
      typeof data.eventType === 'string'
    ) {
      const event = frame as EventFrame;
      if (
        !authorized &&
        (data.eventType === 'mercury.buffer_state' || data.eventType === 'mercury.registration_status')
      ) {
        authorized = true;
        aliveMs = clock.now();
        parts.opened(event);
        if (typeof id === 'string') parts.frame(event, connection);
        if (!ended) ping();
        return;
      }
      if (typeof id === 'string') parts.frame(event, connection);
      else ignored('it has no id', { eventType: data.eventType });
      return;
    }
    if (typeof id === 'string') ack(id);
    if (type === 'pong') pong(id ?? '');
    else if (type === 'shutdown') parts.shutdown(frame.reason);
    else ignored('its type is unknown', { type });
  };

  socket.onopen = () => {
    if (ended) return;
    const authorization = {
      id: randomUuid(),
      type: 'authorization',
      data: { token: `Bearer ${parts.token}` },
      trackingId: `${parts.session}_${String(clock.now())}`,
    };
    send(JSON.stringify(authorization));
  };
  socket.onmessage = (event: { readonly data?: unknown }) => {
    if (ended) return;
    const { data } = event;
    if (typeof data === 'string') received(data);
    else if (data instanceof ArrayBuffer) received(new TextDecoder().decode(data));
    else ignored('it is not text');
  };
  // browsers say nothing here, and a close follows
  socket.onerror = (event: { readonly error?: unknown }) => {
    cause = event.error;
    log.debug({ error: cause }, 'the socket had an error');
  };
  socket.onclose = (event: { readonly code?: number; readonly reason?: string }) => {
    farewell?.();
    end(event.code ?? 1006, event.reason ?? '', undefined);
  };
  timer(timings.openTimeoutMs, () => {
    abandon('no first frame in time', 'timeout');
  });

  const connection: Connection = {
    get aliveMs() {
      return aliveMs;
    },
    ack,
    close: () => {
      if (ended) return Promise.resolve();
      ended = true;
      cancelTimer?.();
      return new Promise((resolve) => {
        const cancel = clock.after(GOODBYE_MS, () => {
          socket.terminate?.();
          resolve();
        });
        farewell = () => {
          cancel();
          resolve();
        };
        closeSocket('Done');
      });
    },
  };
  return connection;
}
