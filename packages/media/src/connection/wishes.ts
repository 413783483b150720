import { mediaError } from '../errors.js';
import type { SlotWish } from './slots.js';
import type { SlotDefinition, SlotDirection, TrackSource } from './types.js';

/** What each slot is to do. It outlives every peer connection: a new one is set up from here. */
export interface Wishes {
  all(): readonly SlotWish[];
  /** whether a live track is to be sent somewhere */
  readonly sending: boolean;
  /** Returns a function that takes it back. */
  setSource(slot: string, source: TrackSource | MediaStreamTrack | undefined): () => void;
  /** Returns a function that takes it back. */
  setDirection(slot: string, direction: Partial<SlotDirection>): () => void;
  close(): void;
}

const isSource = (source: TrackSource | MediaStreamTrack): source is TrackSource => 'onTrack' in source;

interface Entry {
  readonly definition: SlotDefinition;
  send: boolean;
  receive: boolean;
  /** it sends exactly while it has a source */
  follows: boolean;
  source: TrackSource | MediaStreamTrack | undefined;
  track: MediaStreamTrack | undefined;
  off: (() => void) | undefined;
}

/**
 * @param changed the track of a slot was replaced by its source
 */
export function createWishes(
  definitions: readonly SlotDefinition[],
  directions: Readonly<Record<string, Partial<SlotDirection>>>,
  changed: (slot: string) => void,
): Wishes {
  const kinds = new Set<string>();
  const entries = new Map(
    definitions.map((definition): [string, Entry] => {
      const { send, receive = true } = directions[definition.name] ?? {};
      // the first of a kind is open both ways from the beginning: a camera that comes later needs no new offer
      const first = !kinds.has(definition.kind);
      kinds.add(definition.kind);
      return [
        definition.name,
        {
          definition,
          send: send ?? first,
          receive,
          follows: send === undefined && !first,
          source: undefined,
          track: undefined,
          off: undefined,
        },
      ];
    }),
  );
  const entryOf = (slot: string): Entry => {
    const entry = entries.get(slot);
    if (entry === undefined)
      throw mediaError(
        'ERR_MEDIA_ENDED',
        'offer',
        `connection: there is no slot '${slot}', expected one of ${[...entries.keys()].join(', ')}.`,
      );
    return entry;
  };

  const put = (slot: string, entry: Entry, source: TrackSource | MediaStreamTrack | undefined): void => {
    entry.off?.();
    entry.off = undefined;
    entry.source = source;
    if (source !== undefined && isSource(source)) {
      entry.track = source.track;
      entry.off = source.onTrack((track) => {
        entry.track = track;
        changed(slot);
      });
    } else entry.track = source;
    if (entry.follows) entry.send = source !== undefined;
  };

  return {
    all: () =>
      [...entries.values()].map(({ definition, send, receive, track }) => ({
        ...definition,
        send,
        receive,
        track,
      })),
    get sending() {
      return [...entries.values()].some(({ send, track }) => send && track?.readyState === 'live');
    },
    setSource(slot, source) {
      const entry = entryOf(slot);
      if (source !== undefined && !isSource(source) && source.readyState === 'ended')
        throw mediaError(
          'ERR_MEDIA_ENDED',
          'device',
          `connection.setSource: the track for ${slot} has ended. Open the device again.`,
        );
      const before = entry.source;
      put(slot, entry, source);
      return () => {
        if (entry.source === source) put(slot, entry, before);
      };
    },
    setDirection(slot, { send, receive }) {
      const entry = entryOf(slot);
      const before = { send: entry.send, receive: entry.receive, follows: entry.follows };
      if (send !== undefined) [entry.send, entry.follows] = [send, false];
      if (receive !== undefined) entry.receive = receive;
      return () => Object.assign(entry, before);
    },
    close() {
      for (const entry of entries.values()) entry.off?.();
    },
  };
}
