import { defineState, of, type State } from '@trunkline/state';
import type { Locus, LocusParticipant } from '@trunkline/wire';

/**
 * - `joined`: in the meeting
 * - `lobby`: waits to be admitted
 * - `ringing`: is being called
 * - `declined`: refused the call
 * - `left`: was there, or was called, and is not any more
 */
export type MemberStatus = 'joined' | 'lobby' | 'ringing' | 'declined' | 'left';

/** What is known of one member. */
export interface MemberValues {
  id: string;
  /** uuid of the person; undefined for phones */
  personId: string | undefined;
  name: string;
  email: string | undefined;
  status: MemberStatus;
  isSelf: boolean;
  isHost: boolean;
  isCoHost: boolean;
  isPresenter: boolean;
  isGuest: boolean;
  /** of another organisation */
  isExternal: boolean;
  /** no sound of them is sent on: muted by themselves, by a host, or without a microphone */
  isAudioMuted: boolean;
  isVideoMuted: boolean;
  /** a host muted them */
  isMutedByHost: boolean;
  isHandRaised: boolean;
  /** shares a screen */
  isSharing: boolean;
  isAway: boolean;
  isSpeaking: boolean;
}

const Model = defineState({
  props: {
    id: { type: 'string', default: '' },
    personId: of<string>(),
    name: { type: 'string', default: '' },
    email: of<string>(),
    status: of<MemberStatus>('left'),
    isSelf: { type: 'boolean', default: false },
    isHost: { type: 'boolean', default: false },
    isCoHost: { type: 'boolean', default: false },
    isPresenter: { type: 'boolean', default: false },
    isGuest: { type: 'boolean', default: false },
    isExternal: { type: 'boolean', default: false },
    isAudioMuted: { type: 'boolean', default: true },
    isVideoMuted: { type: 'boolean', default: true },
    isMutedByHost: { type: 'boolean', default: false },
    isHandRaised: { type: 'boolean', default: false },
    isSharing: { type: 'boolean', default: false },
    isAway: { type: 'boolean', default: false },
    isSpeaking: { type: 'boolean', default: false },
  },
});

/** A user in a meeting. Watch it with `member.on('change:isAudioMuted', …)`. */
export type Member = State<MemberValues>;

export const createMember = (id: string, failed: (error: unknown, event: string) => void): Member =>
  new Model({ id }, { onError: failed });

function statusOf({ state, devices }: LocusParticipant): MemberStatus {
  switch (state) {
    case 'JOINED':
      return 'joined';
    case 'NOTIFIED':
      return 'ringing';
    case 'DECLINED':
      return 'declined';
    case 'IDLE':
      return devices.some(({ intent }) => intent?.type === 'WAIT') ? 'lobby' : 'left';
    default:
      return 'left';
  }
}

const isMuted = (muted: boolean | undefined, status: string): boolean =>
  muted === true || (status !== 'SENDRECV' && status !== 'SENDONLY');

/** What a state of the meeting says of a participant. Pure. */
export function memberValues(
  { self, mediaShares }: Pick<Locus, 'self' | 'mediaShares'>,
  participant: LocusParticipant,
): Omit<MemberValues, 'isSpeaking'> {
  const { id, identity, person, controls, status } = participant;
  const hasRole = (type: string): boolean =>
    controls.role?.roles.some((role) => role.type === type && role.hasRole) ?? false;
  return {
    id,
    personId: identity,
    name: person.primaryDisplayString ?? person.name,
    email: person.email,
    status: statusOf(participant),
    isSelf: id === self?.id,
    isHost: hasRole('MODERATOR'),
    isCoHost: hasRole('COHOST'),
    isPresenter: hasRole('PRESENTER'),
    isGuest: participant.guest ?? false,
    isExternal: person.isExternal ?? false,
    isAudioMuted: isMuted(controls.audio?.muted, status.audioStatus),
    isVideoMuted: isMuted(controls.video?.muted, status.videoStatus),
    isMutedByHost: controls.audio?.muted ?? false,
    isHandRaised: controls.hand?.raised ?? false,
    isSharing: mediaShares.some(
      ({ name, floor }) =>
        name === 'content' && floor?.disposition === 'GRANTED' && floor.beneficiary?.id === id,
    ),
    isAway: controls.brb?.enabled ?? false,
  };
}
