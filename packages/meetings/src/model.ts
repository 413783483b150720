import { defineState, of, type State } from '@trunkline/state';
import type { Locus } from '@trunkline/wire';
import type { CallState } from './call-state.js';
import type { Captcha, PasswordStatus } from './info.js';

/** Who shares a screen now. */
export type ShareState = 'none' | 'local' | 'remote';
export type RecordingState = 'off' | 'on' | 'paused';
/**
 * Why a meeting is over for you.
 *
 * - `left`: you left
 * - `removed`: a host removed you
 * - `ended`: a host ended it, or everybody left
 * - `declined`, `unanswered`, `partnerLeft`: of a call
 * - `inactive`: the service took you for gone, because neither socket nor media was there
 * - `lost`: the service cannot be reached any more, or does not know the meeting
 */
export type EndReason =
  'left' | 'removed' | 'ended' | 'declined' | 'unanswered' | 'partnerLeft' | 'inactive' | 'lost';

/** What is known of a meeting; each is there from the start, and `change:NAME` says when it is another. */
export interface MeetingValues {
  callState: CallState;
  /** `call`: two people, with ringing */
  kind: 'meeting' | 'call';
  /** another user started it and invites you */
  isIncoming: boolean;
  title: string;
  number: string | undefined;
  joinUrl: string | undefined;
  sipAddress: string | undefined;
  locusUrl: string | undefined;
  conversationUrl: string | undefined;
  isActive: boolean;
  isLocked: boolean;
  /** you wait to be admitted */
  isInLobby: boolean;
  isHost: boolean;
  isCoHost: boolean;
  /** a host muted your microphone: it opens when you and the host agree */
  isMutedByHost: boolean;
  /** a host asks you to unmute */
  isUnmuteRequested: boolean;
  /** you may not unmute yourself */
  isUnmuteForbidden: boolean;
  recording: RecordingState;
  share: ShareState;
  /** member who shares */
  sharerId: string | undefined;
  /** member who speaks, or spoke last: whose picture is shown */
  activeSpeakerId: string | undefined;
  /** what you may do, by the names of the service */
  displayHints: readonly string[];
  passwordStatus: PasswordStatus;
  requiredCaptcha: Captcha | undefined;
  endReason: EndReason | undefined;
}

export const Model = defineState({
  props: {
    callState: of<CallState>('idle'),
    kind: of<'meeting' | 'call'>('meeting'),
    isIncoming: { type: 'boolean', default: false },
    title: { type: 'string', default: '' },
    number: of<string>(),
    joinUrl: of<string>(),
    sipAddress: of<string>(),
    locusUrl: of<string>(),
    conversationUrl: of<string>(),
    isActive: { type: 'boolean', default: false },
    isLocked: { type: 'boolean', default: false },
    isInLobby: { type: 'boolean', default: false },
    isHost: { type: 'boolean', default: false },
    isCoHost: { type: 'boolean', default: false },
    isMutedByHost: { type: 'boolean', default: false },
    isUnmuteRequested: { type: 'boolean', default: false },
    isUnmuteForbidden: { type: 'boolean', default: false },
    recording: of<RecordingState>('off'),
    share: of<ShareState>('none'),
    sharerId: of<string>(),
    activeSpeakerId: of<string>(),
    displayHints: of<readonly string[]>(() => []),
    passwordStatus: of<PasswordStatus>('unknown'),
    requiredCaptcha: of<Captcha>(),
    endReason: of<EndReason>(),
  },
});

/** The watched part of a meeting. */
export type MeetingModel = State<MeetingValues>;

/** What a state of the meeting says. Pure. @param deviceUrl the own device */
export function meetingValues(locus: Locus, deviceUrl: string | undefined): Partial<MeetingValues> {
  const { self, info, controls, fullState, mediaShares } = locus;
  const hasRole = (type: string): boolean =>
    self?.controls.role?.roles.some((role) => role.type === type && role.hasRole) ?? false;
  const floor = mediaShares.find(({ name }) => name === 'content')?.floor;
  const isGranted = floor?.disposition === 'GRANTED';
  const isOwn =
    floor?.beneficiary?.id === self?.id &&
    (floor?.beneficiary?.deviceUrl === undefined || floor.beneficiary.deviceUrl === deviceUrl);
  const { record } = controls;
  const audio = self?.controls.audio;
  const isIn = self?.state === 'JOINED';
  return {
    kind: fullState.type === 'CALL' ? 'call' : 'meeting',
    locusUrl: locus.url,
    isActive: fullState.active,
    isLocked: fullState.locked,
    isInLobby:
      self?.state === 'IDLE' &&
      self.devices.some(({ url, intent }) => url === deviceUrl && intent?.type === 'WAIT'),
    isHost: hasRole('MODERATOR'),
    isCoHost: hasRole('COHOST'),
    isMutedByHost: audio?.muted ?? false,
    isUnmuteRequested: audio?.requestedToUnmute ?? false,
    isUnmuteForbidden: audio?.disallowUnmute ?? false,
    recording: record?.recording === true ? (record.paused ? 'paused' : 'on') : 'off',
    share: isGranted ? (isOwn ? 'local' : 'remote') : 'none',
    sharerId: isGranted ? floor.beneficiary?.id : undefined,
    displayHints: isIn
      ? [
          ...info.displayHints.joined,
          ...(hasRole('MODERATOR') ? info.displayHints.moderator : []),
          ...(hasRole('COHOST') ? info.displayHints.coHost : []),
        ]
      : [],
    ...(info.topic !== undefined && { title: info.topic }),
    ...(info.webExMeetingId !== undefined && { number: info.webExMeetingId }),
    ...(info.sipUri !== undefined && { sipAddress: info.sipUri }),
    ...(locus.conversationUrl !== undefined && { conversationUrl: locus.conversationUrl }),
  };
}

/** Why the meeting is over for the one who reads; undefined while it is not. Pure. */
export function endReasonOf(locus: Locus, wasJoined: boolean): EndReason | undefined {
  const { fullState, self, participants } = locus;
  const partner = participants.find(({ id }) => id !== self?.id);
  const selfGone = self?.state === 'LEFT';
  if (self?.state === 'DECLINED') return 'declined';
  if (selfGone && self.reason === 'FORCED') return 'removed';
  if (selfGone && self.reason === 'INACTIVE') return 'inactive';
  if (selfGone && self.reason === 'NO_ANSWER') return 'unanswered';
  if (fullState.type === 'CALL') {
    if (partner?.state === 'DECLINED') return 'declined';
    if (partner?.state === 'LEFT' && partner.reason === 'NO_ANSWER') return 'unanswered';
    if (partner?.state === 'LEFT')
      return selfGone && self.reason !== 'MEETING_ENDED' ? 'left' : 'partnerLeft';
  }
  if (fullState.state === 'INACTIVE' || fullState.state === 'TERMINATING')
    return selfGone && self.reason !== 'MEETING_ENDED' && wasJoined ? 'left' : 'ended';
  return selfGone ? 'left' : undefined;
}
