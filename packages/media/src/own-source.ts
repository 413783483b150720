import { createEmitter } from './kit.js';
import { isMuted, muteMethods, unmuted, type MuteState } from './mute.js';
import type { OwnSource, SourceEvents } from './source-types.js';

/**
 * Makes a source of a track that the app obtained itself. The track is never stopped, and its `enabled` is what it was when
 * the source is closed.
 */
export function createOwnSource(
  track: MediaStreamTrack,
  report: (error: unknown, context: string) => void,
): OwnSource {
  const emitter = createEmitter<Pick<SourceEvents, 'change'>>((error) => {
    report(error, "a listener of source.on('change')");
  });
  const { enabled } = track;
  let mute: MuteState = unmuted;
  let closed = false;

  const isSending = (): boolean => !closed && track.readyState === 'live' && !isMuted(mute);
  const change = (): void => {
    const state = track.readyState === 'live' && !closed ? 'live' : 'off';
    emitter.emit('change', { state, muted: isMuted(mute), sending: isSending() });
  };
  const apply = (next: MuteState): void => {
    if (closed) return;
    mute = next;
    track.enabled = enabled && !isMuted(mute);
    change();
  };
  track.addEventListener('ended', change);

  return {
    kind: 'own',
    track,
    on: emitter.on,
    once: emitter.once,
    onTrack: () => () => undefined, // it is always the same
    get sending() {
      return isSending();
    },
    get mute() {
      return mute;
    },
    get muted() {
      return isMuted(mute);
    },
    ...muteMethods(() => mute, apply),
    close() {
      if (closed) return;
      closed = true;
      track.removeEventListener('ended', change);
      track.enabled = enabled;
      emitter.removeAllListeners();
    },
  };
}
