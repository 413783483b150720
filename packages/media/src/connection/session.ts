import { createRoapMachine, type RoapMessage } from '@trunkline/wire';
import { needPeerConnection, type MediaEnvironment } from '../environment.js';
import { mediaError, type MediaError } from '../errors.js';
import type { Clock } from '../kit.js';
import type { CodecMismatch } from '../sdp/check.js';
import type { SdpHandler } from '../sdp/handlers.js';
import type { Report } from '../stats/report.js';
import { createNegotiation } from './negotiation.js';
import { createPath } from './path.js';
import { createSlots, type Slots, type SlotWish } from './slots.js';
import type { ConnectionTimeouts } from './types.js';

export interface SessionOptions {
  readonly environment: MediaEnvironment;
  readonly clock: Clock;
  readonly configuration: RTCConfiguration;
  readonly role: 'client' | 'service';
  /** where the ROAP sequence goes on */
  readonly seq: number;
  readonly wishes: () => readonly SlotWish[];
  readonly send: (message: RoapMessage) => unknown;
  readonly local: readonly SdpHandler[];
  readonly remote: readonly SdpHandler[];
  readonly videoCodecs: readonly string[] | undefined;
  readonly timeouts: Required<ConnectionTimeouts>;
  readonly onAgreed: (slots: Slots) => void;
  readonly onMismatch: (mismatches: readonly CodecMismatch[]) => void;
  readonly onConnected: () => void;
  readonly onInterrupted: () => void;
  readonly onSlow: (error: MediaError) => void;
  /** the end of this session; called once */
  readonly onEnd: (error: MediaError) => void;
}

/** One peer connection with all that belongs to it. */
export interface Session {
  readonly pc: RTCPeerConnection;
  readonly slots: Slots;
  readonly seq: number;
  /** ICE and DTLS are through. */
  readonly connected: boolean;
  negotiate(): Promise<void>;
  receive(message: RoapMessage): void;
  /** Applies the wish of one slot; true when a new offer is needed for it. */
  apply(name: string): Promise<boolean>;
  report(): Promise<Report>;
  close(): void;
}

/** @throws {MediaError} `ERR_ENVIRONMENT` */
export function createSession(options: SessionOptions): Session {
  const { environment, clock, timeouts, wishes } = options;
  const PeerConnection = needPeerConnection(environment, 'connection');
  let pc: RTCPeerConnection;
  try {
    pc = new PeerConnection(options.configuration);
  } catch (error) {
    throw mediaError(
      'ERR_ENVIRONMENT',
      'offer',
      `connection: the browser refuses to make a peer connection: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  const slots = createSlots(pc, wishes);
  const roap = createRoapMachine({ role: options.role, seq: options.seq });
  let over = false;

  const end = (error: MediaError): void => {
    if (over) return;
    close();
    options.onEnd(error);
  };
  const path = createPath({
    pc,
    clock,
    connectMs: timeouts.connectMs,
    noPathMs: timeouts.noPathMs,
    graceMs: timeouts.graceMs,
    onConnected: options.onConnected,
    onInterrupted: options.onInterrupted,
    onSlow: options.onSlow,
    onLost: end,
  });
  const negotiation = createNegotiation({
    pc,
    roap,
    slots,
    clock,
    send: options.send,
    local: options.local,
    remote: options.remote,
    videoCodecs: options.videoCodecs,
    gatheringMs: timeouts.gatheringMs,
    answerMs: timeouts.answerMs,
    applyWishes: () => Promise.all(wishes().map((wish) => slots.apply(wish))),
    onDone: () => {
      path.negotiated();
      options.onAgreed(slots);
    },
    onMismatch: options.onMismatch,
    onUndelivered: (error) => {
      // media that flows goes on without the change; before that there is nothing to go on with
      if (!path.everConnected) end(error);
    },
    onFailure: end,
  });
  const close = (): void => {
    if (over) return;
    over = true;
    path.close();
    negotiation.close(mediaError('ERR_MEDIA_ENDED', 'offer', 'the connection was closed.'));
    pc.close();
  };

  return {
    pc,
    slots,
    get seq() {
      return roap.seq;
    },
    get connected() {
      return path.connected;
    },
    negotiate: () => negotiation.negotiate(),
    receive: (message) => {
      negotiation.receive(message);
    },
    async apply(name) {
      const wish = wishes().find((one) => one.name === name);
      return wish !== undefined && !over && (await slots.apply(wish));
    },
    report: () => pc.getStats(),
    close,
  };
}
