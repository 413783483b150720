// A meeting or call as it travels. Only fields that clients are known to read. @source protocol/meetings-signalling.md §5
import type { LocusSequence } from './sequence.js';

/** State of the whole meeting. */
export type LocusState = 'INITIALIZING' | 'ACTIVE' | 'TERMINATING' | 'INACTIVE' | 'UNKNOWN' | (string & {});
/** `CALL`: two people. `MEETING`: with a host, a lobby and controls. */
export type LocusType = 'CALL' | 'MEETING' | 'SIP_BRIDGE' | 'SPACE_SHARE' | 'UNKNOWN' | (string & {});
export type ParticipantState = 'IDLE' | 'NOTIFIED' | 'JOINED' | 'LEFT' | 'DECLINED' | (string & {});
/** What a participant sends and receives of one kind of media; `RECVONLY` means muted. */
export type MediaStatus = 'SENDRECV' | 'RECVONLY' | 'SENDONLY' | 'INACTIVE' | 'UNKNOWN' | (string & {});
export type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
export type RoleType = 'MODERATOR' | 'COHOST' | 'PRESENTER' | 'ATTENDEE' | 'PANELIST' | (string & {});

export interface LocusPerson {
  readonly id: string;
  readonly name: string;
  readonly email?: string;
  readonly orgId?: string;
  readonly isExternal?: boolean;
  readonly primaryDisplayString?: string;
  readonly sipUrl?: string;
}

/** One media stream of a device, as the service sees it. */
export interface MediaSession {
  readonly mediaType: 'audio' | 'video';
  readonly mediaContent: 'main' | 'slides';
  readonly direction: MediaDirection;
  readonly state: 'active' | 'inactive';
  readonly csi?: number;
}

/** A device or phone with which a user takes part. */
export interface LocusDevice {
  readonly url: string;
  readonly deviceType: string;
  readonly state: ParticipantState;
  readonly reason?: string;
  readonly correlationId?: string;
  /** `WAIT`: in the lobby. `OBSERVE`: paired with another participant. */
  readonly intent?: {
    readonly type: 'WAIT' | 'OBSERVE' | 'MOVE_MEDIA' | (string & {});
    readonly id?: string;
    readonly associatedWith?: string;
    readonly reason?: string;
  } | null;
  readonly intents?: readonly unknown[];
  readonly csis?: readonly number[];
  readonly mediaSessions?: readonly MediaSession[];
  readonly mediaConnections?: readonly { readonly mediaId: string; readonly type: string }[];
  /** to be fetched while waiting in the lobby, else the service takes the device for gone */
  readonly keepAliveUrl?: string;
  readonly keepAliveSecs?: number;
  readonly dialingStatus?: string;
  readonly attendeeId?: string;
}

interface Muting {
  readonly muted: boolean;
  readonly meta?: { readonly modifiedBy?: string; readonly lastModified?: string };
}

/** What was decided about one participant. */
export interface ParticipantControls {
  readonly audio?: Muting & {
    readonly disallowUnmute?: boolean;
    readonly requestedToUnmute?: boolean;
    readonly lastModifiedRequestedToUnmute?: string;
    readonly localAudioUnmuteRequired?: boolean;
  };
  readonly video?: Muting;
  readonly hand?: { readonly raised: boolean };
  readonly localRecord?: { readonly recording: boolean };
  readonly brb?: { readonly enabled: boolean };
  readonly role?: { readonly roles: readonly { readonly type: RoleType; readonly hasRole: boolean }[] };
  readonly layouts?: readonly { readonly type: string; readonly deviceUrl: string }[];
}

export interface LocusParticipant {
  readonly id: string;
  readonly url: string;
  /** id of the person, when there is one */
  readonly identity?: string;
  readonly type: 'USER' | 'RESOURCE_ROOM' | (string & {});
  readonly state: ParticipantState;
  readonly reason?: string;
  readonly removed?: boolean;
  readonly person: LocusPerson;
  readonly deviceUrl?: string;
  readonly devices: readonly LocusDevice[];
  readonly status: {
    readonly audioStatus: MediaStatus;
    readonly videoStatus: MediaStatus;
    readonly csis?: readonly number[];
  };
  readonly controls: ParticipantControls;
  readonly moderator?: boolean;
  readonly guest?: boolean;
  readonly isCreator?: boolean;
  readonly hideInRoster?: boolean;
  readonly moderatorAssignmentNotAllowed?: boolean;
  readonly presenterAssignmentNotAllowed?: boolean;
  readonly canReclaimHostRole?: boolean;
}

/** The participant who reads, with what only they see. */
export interface LocusSelf extends LocusParticipant {
  readonly enableDTMF?: boolean;
  readonly isSharingBlocked?: boolean;
  readonly canNotViewTheParticipantList?: boolean;
}

/** Who may show a screen or a whiteboard now. */
export interface LocusFloor {
  readonly beneficiary?: {
    /** participant id */
    readonly id?: string;
    readonly url: string;
    readonly deviceUrl?: string;
    readonly devices?: readonly { readonly url: string; readonly deviceType?: string }[];
  };
  readonly disposition: 'GRANTED' | 'RELEASED' | 'ACCEPTED' | (string & {});
  readonly granted?: string;
  readonly released?: string;
  readonly requester?: { readonly url: string };
  readonly shareInstanceId?: string;
}

export interface LocusMediaShare {
  readonly name: 'content' | 'whiteboard' | (string & {});
  readonly url: string;
  readonly resourceUrl?: string;
  readonly floor?: LocusFloor;
  readonly annotation?: Readonly<Record<string, unknown>>;
}

/** What was decided about the whole meeting. */
export interface LocusControls {
  readonly lock?: { readonly locked: boolean };
  readonly record?: {
    readonly recording: boolean;
    readonly paused: boolean;
    readonly meta: { readonly modifiedBy?: string; readonly lastModified?: string };
  };
  readonly muteOnEntry?: { readonly enabled: boolean };
  readonly disallowUnmute?: { readonly enabled: boolean };
  readonly raiseHand?: { readonly enabled: boolean };
  readonly video?: { readonly enabled: boolean };
  readonly shareControl?: { readonly control: 'ANYONE' | 'MODERATOR_PRESENTER' | (string & {}) };
  readonly viewTheParticipantList?: {
    readonly enabled: boolean;
    readonly panelistEnabled?: boolean;
    readonly attendeeCount?: boolean;
  };
  readonly reactions?: {
    readonly enabled: boolean;
    readonly reactionChannelUrl: string;
    readonly showDisplayNameWithReactions?: boolean;
  };
  readonly entryExitTone?: { readonly enabled: boolean; readonly mode?: string };
  readonly meetingFull?: { readonly meetingFull: boolean; readonly meetingPanelistFull?: boolean };
  readonly transcribe?: { readonly transcribing: boolean; readonly caption: boolean };
}

export interface LocusFullState {
  readonly active: boolean;
  readonly state: LocusState;
  readonly type: LocusType;
  readonly locked: boolean;
  /** participants who are in */
  readonly count: number;
  readonly lastActive: string;
  readonly sessionId: string;
  readonly sessionIds?: readonly string[];
}

export interface LocusInfo {
  readonly sipUri?: string;
  readonly webExMeetingId?: string;
  readonly webExMeetingLink?: string;
  readonly webExSite?: string;
  readonly meetingId?: string;
  readonly owner?: string;
  readonly topic?: string;
  readonly isPmr?: boolean;
  readonly isUnifiedSpaceMeeting?: boolean;
  readonly datachannelUrl?: string;
  readonly displayHints: {
    readonly joined: readonly string[];
    readonly moderator: readonly string[];
    readonly coHost: readonly string[];
  };
  readonly callInNumbers?: readonly {
    readonly number: string;
    readonly tollfree: boolean;
    readonly label: string;
  }[];
}

/** A whole meeting or call, as one participant may see it. */
export interface Locus {
  readonly url: string;
  readonly created: string;
  readonly syncUrl?: string;
  readonly conversationUrl?: string;
  readonly replaces?: readonly { readonly locusUrl: string }[];
  readonly sequence: LocusSequence;
  readonly fullState: LocusFullState;
  readonly host?: LocusPerson;
  readonly info: LocusInfo;
  readonly controls: LocusControls;
  readonly participants: readonly LocusParticipant[];
  readonly self?: LocusSelf;
  readonly mediaShares: readonly LocusMediaShare[];
  readonly links?: {
    readonly services?: Readonly<Record<string, { readonly url: string }>>;
    readonly resources?: Readonly<Record<string, { readonly url: string }>>;
  };
}

/** What changed since `baseSequence`; fields that did not change are absent. */
export interface LocusDelta extends Partial<Omit<Locus, 'url' | 'sequence'>> {
  readonly url: string;
  readonly sequence: LocusSequence;
  readonly baseSequence: LocusSequence;
}

/** `data` of every `locus.*` event of the socket but ROAP messages. */
export interface LocusEventData {
  readonly eventType: string;
  readonly locusUrl: string;
  readonly locus: Locus | LocusDelta;
}
