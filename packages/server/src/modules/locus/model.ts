// A meeting or call as the service keeps it: one immutable value. Times are epoch ms, ids bare uuids, URLs are never kept.
import type { LocusState, LocusType, MediaDirection, ParticipantState, RoleType } from '@trunkline/wire';

/** What a device sends and receives, as agreed in its last offer and answer. */
export interface DeviceMedia {
  readonly mediaId: string;
  readonly audio: MediaDirection;
  readonly video: MediaDirection;
  readonly slides: MediaDirection;
  /** ICE and DTLS are through */
  readonly connected: boolean;
  readonly multistream: boolean;
}

/** With what a user takes part: a registered device of theirs, or a phone. */
export interface Device {
  /** id of the registered device; for a phone its own URL, such as `dialin:///…` */
  readonly key: string;
  readonly deviceType: string;
  readonly state: ParticipantState;
  readonly reason?: string;
  readonly correlationId: string;
  /** in the lobby */
  readonly isWaiting: boolean;
  /** joined before and was sent back */
  readonly isOnHold?: boolean;
  readonly joinedMs: number;
  readonly csis: readonly number[];
  readonly media?: DeviceMedia;
  readonly phone?: {
    readonly kind: 'dial-in' | 'dial-out';
    readonly address?: string;
    readonly status: string;
  };
}

/** Two mutes that are kept apart: the user's own, and what was decided about them. */
export interface MuteState {
  readonly localMuted: boolean;
  readonly remoteMuted: boolean;
  /** who decided it, and when */
  readonly modifiedBy?: string;
  readonly modifiedMs?: number;
  /** a moderator asked them to unmute */
  readonly requestedMs?: number;
}

export interface Participant {
  readonly id: string;
  /** undefined for a user of whom only an address is known, such as an invited phone number */
  readonly userId?: string;
  readonly name: string;
  readonly email?: string;
  readonly orgId?: string;
  readonly address?: string;
  readonly state: ParticipantState;
  readonly reason?: string;
  readonly isGuest: boolean;
  readonly isCreator: boolean;
  readonly roles: readonly RoleType[];
  readonly devices: readonly Device[];
  readonly audio: MuteState;
  readonly video: MuteState;
  readonly handRaised: boolean;
  readonly brb: boolean;
  readonly layout?: { readonly type: string; readonly deviceKey: string };
}

export interface Floor {
  readonly participantId: string;
  readonly deviceKey: string;
  readonly shareInstanceId: string;
  readonly grantedMs: number;
  readonly releasedMs?: number;
  /** of a whiteboard: where it is kept */
  readonly resourceUrl?: string;
}

export interface Controls {
  readonly muteOnEntry: boolean;
  readonly disallowUnmute: boolean;
  readonly raiseHand: boolean;
  readonly videoAllowed: boolean;
  readonly reactions: boolean;
  readonly reactionNames: boolean;
  readonly shareControl: 'ANYONE' | 'MODERATOR_PRESENTER';
  readonly rosterVisible: boolean;
}

export interface Recording {
  readonly isOn: boolean;
  readonly isPaused: boolean;
  readonly modifiedBy: string;
  readonly modifiedMs: number;
}

export interface Meeting {
  readonly id: string;
  readonly type: Extract<LocusType, 'CALL' | 'MEETING'>;
  readonly state: LocusState;
  readonly sequence: number;
  readonly sessionId: string;
  readonly createdMs: number;
  readonly activeMs: number;
  readonly orgId: string;
  /** the scheduled meeting or personal room that it is held in */
  readonly scheduledId?: string;
  readonly conversationId?: string;
  readonly hostUserId?: string;
  readonly title: string;
  readonly number?: string;
  readonly sipAddress?: string;
  readonly isPersonalRoom: boolean;
  readonly isLocked: boolean;
  readonly controls: Controls;
  readonly participants: readonly Participant[];
  readonly content?: Floor;
  readonly whiteboard?: Floor;
  readonly recording?: Recording;
}

export const defaultControls: Controls = {
  muteOnEntry: false,
  disallowUnmute: false,
  raiseHand: true,
  videoAllowed: true,
  reactions: true,
  reactionNames: true,
  shareControl: 'ANYONE',
  rosterVisible: true,
};

export const unmuted: MuteState = { localMuted: false, remoteMuted: false };

/** People that one meeting takes. */
export const mostParticipants = 200;

// ---- reading

export const isIn = (participant: Participant): boolean => participant.state === 'JOINED';
export const isWaiting = (participant: Participant): boolean =>
  participant.state === 'IDLE' && participant.devices.some((device) => device.isWaiting);
/** Joined, waiting or ringing: takes part in what is notified. */
export const isPresent = (participant: Participant): boolean =>
  isIn(participant) || isWaiting(participant) || participant.state === 'NOTIFIED';
export const hasRole = (participant: Participant, ...roles: readonly RoleType[]): boolean =>
  roles.some((role) => participant.roles.includes(role));
export const isModerator = (participant: Participant): boolean => hasRole(participant, 'MODERATOR', 'COHOST');
export const participantOf = (meeting: Meeting, userId: string): Participant | undefined =>
  meeting.participants.find((participant) => participant.userId === userId);
export const participantById = (meeting: Meeting, id: string): Participant | undefined =>
  meeting.participants.find((participant) => participant.id === id);
export const liveDevices = (participant: Participant): readonly Device[] =>
  participant.devices.filter((device) => device.state === 'JOINED' || device.isWaiting);
export const hasEnded = (meeting: Meeting): boolean => meeting.state === 'INACTIVE';

// ---- changing: each answers a new value

/** A copy without some fields. */
export function without<T extends object, const Key extends keyof T>(
  value: T,
  ...keys: readonly Key[]
): Omit<T, Key> {
  const left: ReadonlySet<PropertyKey> = new Set(keys);
  return Object.fromEntries(Object.entries(value).filter(([key]) => !left.has(key))) as Omit<T, Key>;
}

export function withParticipant(
  meeting: Meeting,
  id: string,
  change: (participant: Participant) => Participant,
): Meeting {
  return {
    ...meeting,
    participants: meeting.participants.map((participant) =>
      participant.id === id ? change(participant) : participant,
    ),
  };
}

export const withDevice = (
  participant: Participant,
  key: string,
  change: (device: Device) => Device,
): Participant => ({
  ...participant,
  devices: participant.devices.map((device) => (device.key === key ? change(device) : device)),
});
