import { mediaError, type MediaError, type MediaPhase } from '../errors.js';
import type { Clock } from '../kit.js';

/** The part of a peer connection that says how far its path is. */
export type PathStates = Pick<
  RTCPeerConnection,
  'connectionState' | 'iceConnectionState' | 'addEventListener' | 'removeEventListener'
>;

export interface PathOptions {
  readonly pc: PathStates;
  readonly clock: Clock;
  readonly connectMs: number;
  readonly noPathMs: number;
  readonly graceMs: number;
  /** ICE and DTLS are through: for the first time, or again after `onInterrupted` */
  readonly onConnected: () => void;
  /** the path was lost, and may come back */
  readonly onInterrupted: () => void;
  /** no path yet, and it takes longer than it should */
  readonly onSlow: (error: MediaError) => void;
  /** the end of this peer connection; called once */
  readonly onLost: (error: MediaError) => void;
}

/** Watches the path of one peer connection. */
export interface Path {
  readonly connected: boolean;
  readonly everConnected: boolean;
  /** Both descriptions are set: from now on it has to connect. */
  negotiated(): void;
  close(): void;
}

const isThrough = ({ connectionState, iceConnectionState }: PathStates): boolean =>
  connectionState === 'connected' && ['connected', 'completed'].includes(iceConnectionState);

export function createPath(options: PathOptions): Path {
  const { pc, clock } = options;
  let connected = false;
  let ever = false;
  let over = false;
  let cancelConnect: (() => void) | undefined;
  let cancelSlow: (() => void) | undefined;
  let cancelGrace: (() => void) | undefined;

  const phase = (): MediaPhase =>
    ['connected', 'completed'].includes(pc.iceConnectionState) ? 'dtls' : 'ice';
  const reason = (what: string): MediaError => {
    const at = phase();
    const why =
      at === 'ice'
        ? 'no network path to the media service works. A firewall may block UDP; try another network, or a TURN server'
        : 'the encrypted session (DTLS) could not be set up';
    return mediaError('ERR_MEDIA_PATH', at, `${what}: ${why}.`, { retryable: true });
  };
  const stopTimers = (): void => {
    for (const cancel of [cancelConnect, cancelSlow, cancelGrace]) cancel?.();
    cancelConnect = cancelSlow = cancelGrace = undefined;
  };
  const close = (): void => {
    over = true;
    stopTimers();
    pc.removeEventListener('connectionstatechange', changed);
    pc.removeEventListener('iceconnectionstatechange', changed);
  };
  const lost = (error: MediaError): void => {
    if (over) return;
    close();
    options.onLost(error);
  };
  const changed = (): void => {
    if (over) return;
    if (isThrough(pc)) {
      if (connected) return;
      connected = ever = true;
      stopTimers();
      options.onConnected();
    } else if (pc.connectionState === 'failed' || pc.iceConnectionState === 'failed') {
      connected = false;
      lost(reason(ever ? 'the media path was lost' : 'media cannot get through'));
    } else if (connected && [pc.connectionState, pc.iceConnectionState].includes('disconnected')) {
      connected = false;
      options.onInterrupted();
      cancelGrace = clock.after(options.graceMs, () => {
        lost(reason(`the media path did not come back within ${String(options.graceMs)} ms`));
      });
    }
  };
  pc.addEventListener('connectionstatechange', changed);
  pc.addEventListener('iceconnectionstatechange', changed);

  return {
    get connected() {
      return connected;
    },
    get everConnected() {
      return ever;
    },
    negotiated() {
      if (over || ever || cancelConnect !== undefined) return;
      cancelConnect = clock.after(options.connectMs, () => {
        lost(reason(`media did not connect within ${String(options.connectMs)} ms`));
      });
      cancelSlow = clock.after(options.noPathMs, () => {
        options.onSlow(reason(`media is not connected after ${String(options.noPathMs)} ms`));
      });
    },
    close,
  };
}
