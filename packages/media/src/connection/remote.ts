import { mediaError } from '../errors.js';
import type { MediaEnvironment } from '../environment.js';
import type { Slots } from './slots.js';
import type { SlotDefinition } from './types.js';

/** The other side's media: one stream per slot, for as long as the connection lives. */
export interface Remote {
  readonly streams: Readonly<Record<string, MediaStream>>;
  /** Puts the tracks of a peer connection into the streams; call it after each agreement. */
  show(slots: Slots): void;
  clear(): void;
}

/**
 * @param changed called when a slot begins or stops to bring media
 */
export function createRemote(
  { MediaStream: Stream }: MediaEnvironment,
  definitions: readonly SlotDefinition[],
  changed: (slot: string, stream: MediaStream, live: boolean) => void,
): Remote {
  if (Stream === undefined)
    throw mediaError('ERR_ENVIRONMENT', 'offer', 'connection: this runtime has no MediaStream.');
  const streams = Object.fromEntries(definitions.map(({ name }) => [name, new Stream()]));
  const live = new Map<string, boolean>();
  const watched = new Map<string, { readonly track: MediaStreamTrack; readonly off: () => void }>();

  const tell = (name: string, now: boolean): void => {
    const stream = streams[name];
    if (stream === undefined || (live.get(name) ?? false) === now) return;
    live.set(name, now);
    changed(name, stream, now);
  };
  const watch = (name: string, track: MediaStreamTrack | undefined): void => {
    const before = watched.get(name);
    if (before?.track === track) return;
    before?.off();
    watched.delete(name);
    const stream = streams[name];
    for (const old of stream?.getTracks() ?? []) stream?.removeTrack(old);
    if (track === undefined) {
      tell(name, false);
      return;
    }
    stream?.addTrack(track);
    const update = (): void => {
      tell(name, !track.muted && track.readyState === 'live');
    };
    const events = ['mute', 'unmute', 'ended'] as const;
    for (const event of events) track.addEventListener(event, update);
    watched.set(name, {
      track,
      off: () => {
        for (const event of events) track.removeEventListener(event, update);
      },
    });
    update();
  };

  return {
    streams,
    show(slots) {
      for (const { name } of definitions) {
        const transceiver = slots.get(name);
        const receives = ['sendrecv', 'recvonly'].includes(transceiver?.currentDirection ?? '');
        watch(name, receives ? transceiver?.receiver.track : undefined);
      }
    },
    clear() {
      for (const { name } of definitions) watch(name, undefined);
    },
  };
}
