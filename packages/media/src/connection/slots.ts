import { limitSender } from './bitrate.js';
import type { SlotDefinition, SlotDirection } from './types.js';

/** How one slot is to be on a peer connection. */
export interface SlotWish extends SlotDefinition, SlotDirection {
  readonly track: MediaStreamTrack | undefined;
}

export const directionOf = ({ send, receive }: SlotDirection): RTCRtpTransceiverDirection => {
  if (send) return receive ? 'sendrecv' : 'sendonly';
  return receive ? 'recvonly' : 'inactive';
};

/** The transceivers of one peer connection, by slot. */
export interface Slots {
  /** Makes the transceivers, in the order of the slots; only on the side that offers first. */
  create(): void;
  /** Finds the transceivers that a remote offer made, by kind and order. */
  adopt(): void;
  get(name: string): RTCRtpTransceiver | undefined;
  nameOf(transceiver: RTCRtpTransceiver): string | undefined;
  /** Applies track and direction of a slot. Returns true when the direction changed: that needs a new offer. */
  apply(wish: SlotWish): Promise<boolean>;
}

/**
 * @param pc     the peer connection
 * @param wishes the present wish of each slot, in order
 */
export function createSlots(pc: RTCPeerConnection, wishes: () => readonly SlotWish[]): Slots {
  const transceivers = new Map<string, RTCRtpTransceiver>();
  // replaceTrack calls of one sender run in the order in which they were made
  const tails = new Map<string, Promise<unknown>>();

  const setTrack = (name: string, sender: RTCRtpSender, track: MediaStreamTrack | null): Promise<unknown> => {
    const tail = (tails.get(name) ?? Promise.resolve()).then(() => {
      if (sender.track === track || pc.signalingState === 'closed') return undefined;
      return sender.replaceTrack(track);
    });
    tails.set(
      name,
      tail.catch(() => undefined),
    );
    return tail;
  };

  return {
    create() {
      for (const wish of wishes()) {
        if (transceivers.has(wish.name)) continue;
        const transceiver = pc.addTransceiver(wish.track ?? wish.kind, { direction: directionOf(wish) });
        transceivers.set(wish.name, transceiver);
      }
    },
    adopt() {
      const known = new Set(transceivers.values());
      const free = pc.getTransceivers().filter((transceiver) => !known.has(transceiver));
      for (const { name, kind } of wishes()) {
        if (transceivers.has(name)) continue;
        const at = free.findIndex(({ receiver }) => receiver.track.kind === kind);
        const [found] = at < 0 ? [] : free.splice(at, 1);
        if (found) transceivers.set(name, found);
      }
    },
    get: (name) => transceivers.get(name),
    nameOf: (transceiver) => [...transceivers].find(([, one]) => one === transceiver)?.[0],
    async apply(wish) {
      const transceiver = transceivers.get(wish.name);
      if (transceiver === undefined) return false;
      const direction = directionOf(wish);
      const changes = transceiver.direction !== direction && transceiver.direction !== 'stopped';
      if (changes) transceiver.direction = direction;
      await setTrack(wish.name, transceiver.sender, wish.track ?? null);
      if (wish.name === 'video' && wish.track) await limitSender(transceiver.sender);
      return changes;
    },
  };
}
