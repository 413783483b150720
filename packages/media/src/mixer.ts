import type { TrackSource } from './connection/types.js';
import type { MediaEnvironment } from './environment.js';

/** Several sounds on one slot. */
export interface Mixer extends TrackSource {
  /** Ends the mix; the sources go on. */
  close(): void;
}

/**
 * Mixes audio sources into one track, because transcoded meetings have one m-line for sound: a microphone and the sound of
 * a shared tab. Muting one does not mute the other. With a single track there is nothing to mix: it is passed on as it is.
 */
export function createMixer(
  { AudioContext: Context, MediaStream: Stream }: MediaEnvironment,
  sources: readonly TrackSource[],
): Mixer {
  const listeners = new Set<(track: MediaStreamTrack | undefined) => void>();
  let context: AudioContext | undefined;
  let destination: MediaStreamAudioDestinationNode | undefined;
  const nodes = new Map<MediaStreamTrack, MediaStreamAudioSourceNode>();
  let track: MediaStreamTrack | undefined;
  let closed = false;

  const unmix = (): void => {
    for (const node of nodes.values()) node.disconnect();
    nodes.clear();
    for (const made of destination?.stream.getTracks() ?? []) made.stop();
    destination = undefined;
    context?.close().catch(() => undefined);
    context = undefined;
  };
  const mix = (tracks: readonly MediaStreamTrack[]): MediaStreamTrack | undefined => {
    // without Web Audio the first one has to do
    if (Context === undefined || Stream === undefined) return tracks[0];
    context ??= new Context();
    destination ??= context.createMediaStreamDestination();
    for (const [old, node] of nodes)
      if (!tracks.includes(old)) {
        node.disconnect();
        nodes.delete(old);
      }
    for (const one of tracks) {
      if (nodes.has(one)) continue;
      const node = context.createMediaStreamSource(new Stream([one]));
      node.connect(destination);
      nodes.set(one, node);
    }
    // a click has come before: the picker was opened by one
    context.resume().catch(() => undefined);
    return destination.stream.getAudioTracks()[0];
  };
  const update = (): void => {
    if (closed) return;
    const tracks = sources.flatMap((source) => source.track ?? []);
    const before = track;
    track = tracks.length > 1 ? mix(tracks) : tracks[0];
    if (track !== before) for (const listener of [...listeners]) listener(track);
    if (tracks.length <= 1) unmix();
  };
  const offs = sources.map((source) => source.onTrack(update));
  update();

  return {
    get track() {
      return track;
    },
    onTrack(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    close() {
      if (closed) return;
      closed = true;
      for (const off of offs) off();
      unmix();
      listeners.clear();
      track = undefined;
    },
  };
}
