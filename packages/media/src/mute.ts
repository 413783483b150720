import { mediaError } from './errors.js';

/** Why a source is silent, or that it is not. */
export interface MuteState {
  /** what the user wants */
  readonly userMuted: boolean;
  /** a host has muted this user */
  readonly remoteMuted: boolean;
  /**
   * A host muted this user, and the user has not unmuted since. It keeps the microphone closed when the host takes the mute
   * back: no message of a service opens a microphone.
   */
  readonly awaitsUser: boolean;
  /** false: the host does not allow this user to unmute (hard mute) */
  readonly unmuteAllowed: boolean;
}

export const unmuted: MuteState = {
  userMuted: false,
  remoteMuted: false,
  awaitsUser: false,
  unmuteAllowed: true,
};

/** Whether nothing may be sent. */
export const isMuted = ({ userMuted, remoteMuted, awaitsUser }: MuteState): boolean =>
  userMuted || remoteMuted || awaitsUser;

/** The user's own click. @throws {MediaError} `ERR_MEDIA_UNMUTE_REFUSED` under hard mute */
export function withUserMuted(state: MuteState, muted: boolean): MuteState {
  if (muted) return { ...state, userMuted: true };
  if (!state.unmuteAllowed && isMuted(state))
    throw mediaError(
      'ERR_MEDIA_UNMUTE_REFUSED',
      'device',
      'unmute was refused: the host does not allow you to unmute. Raise a hand.',
    );
  return { ...state, userMuted: false, awaitsUser: false };
}

/** A message of the service. Taking a mute back opens nothing by itself. */
export const withRemoteMuted = (state: MuteState, muted: boolean): MuteState =>
  muted ? { ...state, remoteMuted: true, awaitsUser: true } : { ...state, remoteMuted: false };

export const withUnmuteAllowed = (state: MuteState, unmuteAllowed: boolean): MuteState => ({
  ...state,
  unmuteAllowed,
});

/** The methods of every source that can be muted. */
export const muteMethods = (current: () => MuteState, apply: (next: MuteState) => void) => ({
  setUserMuted(muted: boolean): void {
    apply(withUserMuted(current(), muted));
  },
  setRemoteMuted(muted: boolean): void {
    apply(withRemoteMuted(current(), muted));
  },
  setUnmuteAllowed(allowed: boolean): void {
    apply(withUnmuteAllowed(current(), allowed));
  },
});
