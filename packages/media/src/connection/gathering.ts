import type { Clock } from '../kit.js';

/** The part of a peer connection that gathers. */
export type Gathering = Pick<
  RTCPeerConnection,
  'iceGatheringState' | 'addEventListener' | 'removeEventListener'
>;

/**
 * Resolves when all ICE candidates are in the local description, or when the time is over.
 *
 * @returns whether gathering was complete
 */
export function completeGathering(
  pc: Gathering,
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (pc.iceGatheringState === 'complete') return Promise.resolve(true);
  return new Promise((resolve) => {
    const end = (complete: boolean) => (): void => {
      cancel();
      pc.removeEventListener('icegatheringstatechange', changed);
      signal.removeEventListener('abort', stopped);
      resolve(complete);
    };
    const changed = (): void => {
      if (pc.iceGatheringState === 'complete') end(true)();
    };
    const stopped = end(false);
    const cancel = clock.after(timeoutMs, stopped);
    pc.addEventListener('icegatheringstatechange', changed);
    signal.addEventListener('abort', stopped, { once: true });
    if (signal.aborted) stopped();
  });
}
