import type { BufferStateData } from '@trunkline/wire';
import { randomUUID } from 'node:crypto';
import type { Writable } from 'node:stream';
import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import type { Counts } from '../../kernel/metrics.js';
import type { Caller } from '../identity/api.js';
import type { FrameText, LogRow } from './frames.js';

/** bytes that may wait in this process for a slow reader; beyond, it is cut and reads the log later */
const maxBuffered = 8 * 1024 * 1024;
/** events sent and not acknowledged, likewise */
const maxInFlight = 50_000;
/** while this many are unacknowledged no more are replayed */
const replayWindow = 2_000;
/** ms between two looks at the time a token ends: timers do not notice that a clock was set */
const longestTimer = 600_000;

export interface ConnectionHooks {
  readonly counts: Counts;
  /** ms from the upgrade to a good authorization frame */
  readonly authorizationMs: number;
  now(): number;
  /** of the clock that lifetimes of tokens are measured by */
  expiryNow(): number;
  /** Authorized or closed; throws a {@link Refusal} to close with its code. */
  authorize(connection: Connection, token: string): Promise<void>;
  /** So many bytes wait in this process for the reader; bounds what all sockets of a user hold. */
  buffered(connection: Connection, bytes: number): void;
  /** Everything up to here is acknowledged. */
  acknowledged(connection: Connection, pos: number): void;
  /** The first frame was acknowledged: what it said about losses is known to the client. */
  bufferStateSeen(connection: Connection): void;
  closed(connection: Connection): void;
}

export interface DeliveryOptions {
  /** tags that this person set for themselves in the event's conversation */
  readonly ownTags: readonly string[];
  readonly nowMs: number;
  readonly redelivered?: boolean;
}

/** Close this socket, with a code that clients know. @source protocol/device-and-mercury.md §5 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly code: number,
    reason: string,
  ) {
    super(reason);
  }
}

/** One socket of one device. @source protocol/device-and-mercury.md §4 */
export class Connection {
  caller: Caller | undefined;
  /** asked to reconnect: it may live until its successor is there */
  draining = false;
  /** the first frame is out; only then may others follow */
  ready = false;
  /** replayed what it missed; gets events as they happen */
  live = false;
  /** the client shares its registration: its first frame says where this cluster is, too */
  wantsRegistrationStatus = false;

  readonly #inFlight = new Map<string, { readonly pos: number; acked: boolean }>();
  #considered = 0;
  #acknowledged = 0;
  #sequence = 0;
  #bufferStateId: string | undefined;
  #timer: NodeJS.Timeout;
  #authorizing = false;
  #wake: (() => void) | undefined;

  constructor(
    private readonly socket: WebSocket,
    /** what the socket writes to: it does so at once and in order (nothing is compressed), so whole frames may go there */
    private readonly stream: Writable,
    readonly deviceId: string,
    /** what URLs begin with for this client */
    private readonly base: string,
    readonly multiple: boolean,
    private readonly log: Logger,
    private readonly hooks: ConnectionHooks,
  ) {
    const { authorizationMs } = hooks;
    this.#timer = setTimeout(() => {
      this.close(1008, `authorization did not come within ${String(authorizationMs)} ms`);
    }, authorizationMs);
    socket.on('message', (data, isBinary) => {
      this.#guard(() => {
        this.#read(data, isBinary);
      });
    });
    socket.on('close', () => {
      clearTimeout(this.#timer);
      this.live = false;
      this.ready = false;
      this.#wake?.();
      hooks.closed(this);
    });
  }

  isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** bytes that wait in this process for the reader */
  bufferedBytes(): number {
    return this.socket.bufferedAmount;
  }

  get webSocket(): WebSocket {
    return this.socket;
  }

  close(code: number, reason: string): void {
    this.live = false;
    this.ready = false;
    this.socket.close(code, reason);
  }

  /**
   * Closes an authorized socket so that its client connects again, and shows a token then. Once authorized, 4401 and 1013
   * make the official client stay away permanently. @source protocol/device-and-mercury.md §5
   */
  comeBack(reason: string): void {
    this.close(1001, reason);
  }

  /** @param expired closes it, at the moment the token ends */
  authorized(caller: Caller): void {
    this.caller = caller;
    clearTimeout(this.#timer);
    const watch = (): void => {
      const leftMs = caller.expiresMs - this.hooks.expiryNow();
      if (leftMs <= 0) this.comeBack('the access token expired');
      else this.#timer = setTimeout(watch, Math.min(leftMs, longestTimer));
    };
    watch();
  }

  /** The first frame. @param after position from which on this device has not acknowledged */
  begin(state: Pick<BufferStateData, 'replayed' | 'lost'>, after: number): void {
    this.#considered = after;
    this.#acknowledged = after;
    const bufferState = (state.replayed ?? 0) + (state.lost ?? 0) > 0 ? 'REPLAYED' : 'NEW';
    this.#bufferStateId = this.#sendData({
      eventType: this.wantsRegistrationStatus ? 'mercury.registration_status' : 'mercury.buffer_state',
      bufferState,
      ...state,
      ...(this.wantsRegistrationStatus && {
        localClusterServiceUrls: {
          mercuryApiServiceClusterUrl: `${this.base}/v1`,
          mercuryConnectionServiceClusterUrl: `${this.base.replace(/^http/, 'ws')}/v1`,
        },
      }),
    });
    this.ready = true;
  }

  /** An event of the log, in order. Those that this socket had are left out. */
  deliver(
    text: FrameText,
    row: Pick<LogRow, 'id' | 'pos'>,
    { ownTags, nowMs, redelivered = false }: DeliveryOptions,
  ): void {
    if (!this.isOpen() || row.pos <= this.#considered) return;
    this.#considered = row.pos;
    this.hooks.counts.framesSent += 1;
    if (redelivered) this.hooks.counts.framesReplayed += 1;
    this.#inFlight.set(row.id, { pos: row.pos, acked: false });
    this.#sequence += 1;
    const { base } = this;
    this.stream.write(text.bytes({ base, ownTags, sequenceNumber: this.#sequence, nowMs, redelivered }));
    this.#cutWhenSlow();
    if (this.#inFlight.size > maxInFlight) this.comeBack('too many events are not acknowledged');
  }

  /** Everything up to here was looked at, and was not for this person or is on its way. */
  considered(pos: number): void {
    if (pos > this.#considered) this.#considered = pos;
  }

  /** Not kept and not counted: gone if it does not arrive. */
  sendTransient(text: (base: string, sequence: number) => string): void {
    if (!this.ready || !this.isOpen()) return;
    this.#sequence += 1;
    this.#write(text(this.base, this.#sequence));
  }

  sendShutdown(): void {
    this.draining = true;
    if (this.ready) this.#write(JSON.stringify({ id: randomUUID(), type: 'shutdown' }));
  }

  /** Resolves when the reader has kept up with the replay; false when it is gone. */
  async room(): Promise<boolean> {
    while (
      this.isOpen() &&
      (this.#inFlight.size > replayWindow || this.socket.bufferedAmount > maxBuffered / 8)
    ) {
      await new Promise<void>((resolve) => {
        // acknowledgements wake us; a drained buffer does not say so
        const timer = setTimeout(resolve, 50);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    return this.isOpen();
  }

  /** Position up to which this device needs nothing again. */
  position(): number {
    for (const [id, entry] of this.#inFlight) {
      if (!entry.acked) {
        this.#acknowledged = Math.max(this.#acknowledged, entry.pos - 1);
        return this.#acknowledged;
      }
      this.#inFlight.delete(id);
    }
    this.#acknowledged = Math.max(this.#acknowledged, this.#considered);
    return this.#acknowledged;
  }

  #sendData(data: object): string {
    const id = randomUUID();
    const now = this.hooks.now();
    this.#sequence += 1;
    this.#write(
      JSON.stringify({
        id,
        data,
        timestamp: now,
        trackingId: `TRUNKLINE_${id}`,
        alertType: 'none',
        headers: {},
        filterMessage: false,
        sequenceNumber: this.#sequence,
        wsWriteTimestamp: now,
      }),
    );
    return id;
  }

  #write(text: string): void {
    this.socket.send(text, (error) => {
      // the close event follows, and says the rest
      if (error) this.log.debug({ err: error }, 'a frame could not be sent');
    });
    this.#cutWhenSlow();
  }

  #cutWhenSlow(): void {
    const { bufferedAmount } = this.socket;
    if (bufferedAmount > maxBuffered) this.comeBack('too slow: the rest follows after reconnecting');
    this.hooks.buffered(this, bufferedAmount);
  }

  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.log.error({ err: error, deviceId: this.deviceId }, 'a frame could not be handled');
      this.close(1011, 'internal error');
    }
  }

  #read(data: RawData, isBinary: boolean): void {
    // what a socket sends after we said goodbye comes too late to count
    if (isBinary || !this.isOpen()) return;
    let frame: unknown;
    try {
      frame = JSON.parse((data as Buffer).toString());
    } catch {
      return;
    }
    if (typeof frame !== 'object' || frame === null || !('type' in frame)) return;
    if (frame.type === 'ack') {
      if ('messageId' in frame && typeof frame.messageId === 'string') this.#acked(frame.messageId);
    } else if (frame.type === 'ping') {
      if ('id' in frame && typeof frame.id === 'string' && frame.id.length <= 200) this.#pong(frame.id);
    } else if (frame.type === 'authorization') {
      this.#authorize('data' in frame ? frame.data : undefined);
    }
  }

  #acked(id: string): void {
    if (id === this.#bufferStateId) {
      this.#bufferStateId = undefined;
      this.hooks.bufferStateSeen(this);
      return;
    }
    const entry = this.#inFlight.get(id);
    if (entry === undefined) return;
    entry.acked = true;
    this.hooks.counts.framesAcked += 1;
    const before = this.#acknowledged;
    if (this.position() > before) this.hooks.acknowledged(this, this.#acknowledged);
    this.#wake?.();
  }

  #pong(id: string): void {
    if (this.caller === undefined) return;
    this.#sequence += 1;
    const now = String(this.hooks.now());
    this.#write(
      `{"id":${JSON.stringify(id)},"type":"pong","sequenceNumber":${String(this.#sequence)},"wsWriteTimestamp":${now}}`,
    );
  }

  #authorize(data: unknown): void {
    if (this.#authorizing) return;
    const text = typeof data === 'object' && data !== null && 'token' in data ? data.token : undefined;
    const token = /^(?:Bearer +)?(\S{1,4096})$/i.exec(typeof text === 'string' ? text : '')?.[1];
    if (token === undefined) {
      this.close(4401, 'authentication failed');
      return;
    }
    this.#authorizing = true;
    this.hooks
      .authorize(this, token)
      .catch((error: unknown) => {
        if (error instanceof Refusal) this.close(error.code, error.message);
        else {
          this.log.error({ err: error, deviceId: this.deviceId }, 'a socket could not be authorized');
          this.close(1011, 'internal error');
        }
      })
      .finally(() => {
        this.#authorizing = false;
      });
  }
}
