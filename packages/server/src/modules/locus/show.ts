// A meeting as one of its participants may see it. @source protocol/meetings-signalling.md §5
import type {
  Locus,
  LocusControls,
  LocusDevice,
  LocusFloor,
  LocusMediaShare,
  LocusParticipant,
  LocusSelf,
  MediaDirection,
  MediaSession,
  MediaStatus,
} from '@trunkline/wire';
import type { Urls } from '../../kernel/http/urls.js';
import {
  hasRole,
  isIn,
  isModerator,
  isWaiting,
  type Device,
  type Floor,
  type Meeting,
  type MuteState,
  type Participant,
} from './model.js';
import { locusUrl, participantUrl, urlOfDevice } from './urls.js';

const iso = (ms: number): string => new Date(ms).toISOString();
/** seconds after which a device in the lobby that does not ask is taken for gone */
export const keepAliveSecs = 20;

const joinedHints = [
  'RAISE_HAND',
  'REACTIONS_ACTIVE',
  'SHARE_WHITEBOARD',
  'SHARE_CONTENT',
  'SHARE_DESKTOP',
  'SHARE_APPLICATION',
  'VOIP_IS_ENABLED',
];
const moderatorHints = [
  'LOCK_CONTROL_LOCK',
  'LOCK_CONTROL_UNLOCK',
  'ADD_GUEST',
  'ROSTER_WAITING_TO_JOIN',
  'MUTE_ALL',
  'UNMUTE_ALL',
  'ENABLE_MUTE_ON_ENTRY',
  'DISABLE_MUTE_ON_ENTRY',
  'ENABLE_HARD_MUTE',
  'DISABLE_HARD_MUTE',
  'LOWER_ALL_HANDS',
  'LOWER_SOMEONE_ELSES_HAND',
  'LEAVE_TRANSFER_HOST_END_MEETING',
  'SHARE_CONTROL',
  'ENABLE_RAISE_HAND',
  'DISABLE_RAISE_HAND',
  'ENABLE_VIDEO',
  'DISABLE_VIDEO',
  'ENABLE_REACTIONS',
  'DISABLE_REACTIONS',
  'MOVE_TO_LOBBY',
];
const recordingHints = ({ recording }: Meeting): readonly string[] => {
  if (recording?.isOn !== true) return ['RECORDING_CONTROL_START'];
  return [
    'RECORDING_CONTROL_STOP',
    recording.isPaused ? 'RECORDING_CONTROL_RESUME' : 'RECORDING_CONTROL_PAUSE',
  ];
};

/** What a participant sends and receives of one kind of media; muted is `RECVONLY`. */
function statusOf(directions: readonly MediaDirection[], mute: MuteState): MediaStatus {
  if (directions.length === 0) return 'UNKNOWN';
  const sends = directions.some((direction) => direction === 'sendrecv' || direction === 'sendonly');
  const receives = directions.some((direction) => direction === 'sendrecv' || direction === 'recvonly');
  const speaks = sends && !mute.localMuted && !mute.remoteMuted;
  if (speaks) return receives ? 'SENDRECV' : 'SENDONLY';
  return receives || sends ? 'RECVONLY' : 'INACTIVE';
}

function sessionsOf({ media }: Device): readonly MediaSession[] {
  if (media === undefined) return [];
  const state = media.connected ? 'active' : 'inactive';
  const session = (
    mediaType: MediaSession['mediaType'],
    mediaContent: MediaSession['mediaContent'],
    direction: MediaDirection,
  ): MediaSession => ({
    mediaType,
    mediaContent,
    direction,
    state: direction === 'inactive' ? 'inactive' : state,
  });
  return [
    session('audio', 'main', media.audio),
    session('video', 'main', media.video),
    session('video', 'slides', media.slides),
  ];
}

function showDevice(urls: Urls, meetingId: string, participantId: string, device: Device): LocusDevice {
  const { media, phone } = device;
  return {
    url: urlOfDevice(urls, device),
    deviceType: device.deviceType,
    state: device.state,
    correlationId: device.correlationId,
    ...(device.reason !== undefined && { reason: device.reason }),
    ...(device.isWaiting && {
      intent: { type: 'WAIT', id: device.key, ...(device.isOnHold === true && { reason: 'ON_HOLD_LOBBY' }) },
      keepAliveUrl: `${participantUrl(urls, meetingId, participantId)}/devices/${device.key}/keepalive`,
      keepAliveSecs,
    }),
    intents: [null],
    csis: device.csis,
    mediaSessions: sessionsOf(device),
    ...(media !== undefined && { mediaConnections: [{ mediaId: media.mediaId, type: 'SDP' }] }),
    ...(phone !== undefined && { dialingStatus: phone.status }),
  };
}

const showMute = ({ remoteMuted, modifiedBy, modifiedMs }: MuteState) => ({
  muted: remoteMuted,
  meta: {
    ...(modifiedBy !== undefined && { modifiedBy }),
    ...(modifiedMs !== undefined && { lastModified: iso(modifiedMs) }),
  },
});

function showParticipant(urls: Urls, meeting: Meeting, participant: Participant): LocusParticipant {
  const { id, userId, name, audio, video, devices } = participant;
  const medias = devices.flatMap(({ media, state }) => (media && state === 'JOINED' ? [media] : []));
  return {
    id,
    url: participantUrl(urls, meeting.id, id),
    ...(userId !== undefined && { identity: userId }),
    type: 'USER',
    state: participant.state,
    ...(participant.reason !== undefined && { reason: participant.reason }),
    ...(participant.state === 'LEFT' && { removed: true }),
    person: {
      id: userId ?? id,
      name,
      primaryDisplayString: name,
      ...(participant.email !== undefined && { email: participant.email }),
      ...(participant.orgId !== undefined && { orgId: participant.orgId }),
      isExternal: participant.orgId !== undefined && participant.orgId !== meeting.orgId,
    },
    devices: devices.map((device) => showDevice(urls, meeting.id, id, device)),
    status: {
      audioStatus: statusOf(
        medias.map((media) => media.audio),
        audio,
      ),
      videoStatus: statusOf(
        medias.map((media) => media.video),
        video,
      ),
      csis: devices.flatMap(({ csis }) => csis),
    },
    controls: {
      audio: {
        ...showMute(audio),
        disallowUnmute: meeting.controls.disallowUnmute && audio.remoteMuted && !isModerator(participant),
        requestedToUnmute: audio.requestedMs !== undefined,
        ...(audio.requestedMs !== undefined && { lastModifiedRequestedToUnmute: iso(audio.requestedMs) }),
      },
      video: showMute(video),
      hand: { raised: participant.handRaised },
      localRecord: { recording: false },
      brb: { enabled: participant.brb },
      role: {
        roles: (['MODERATOR', 'COHOST', 'PRESENTER'] as const).map((type) => ({
          type,
          hasRole: hasRole(participant, type),
        })),
      },
      ...(participant.layout !== undefined && {
        layouts: [
          {
            type: participant.layout.type,
            deviceUrl: urlOfDevice(urls, { key: participant.layout.deviceKey }),
          },
        ],
      }),
    },
    moderator: isModerator(participant),
    guest: participant.isGuest,
    isCreator: participant.isCreator,
    moderatorAssignmentNotAllowed: participant.isGuest,
    canReclaimHostRole: !participant.isGuest,
  };
}

function showFloor(urls: Urls, meeting: Meeting, floor: Floor): LocusFloor {
  const url = participantUrl(urls, meeting.id, floor.participantId);
  const holder = meeting.participants.find(({ id }) => id === floor.participantId);
  const device = holder?.devices.find(({ key }) => key === floor.deviceKey);
  const deviceUrl = urlOfDevice(urls, device ?? { key: floor.deviceKey });
  return {
    beneficiary: {
      id: floor.participantId,
      url,
      deviceUrl,
      devices: [{ url: deviceUrl, deviceType: device?.deviceType ?? 'WEB' }],
    },
    disposition: floor.releasedMs === undefined ? 'GRANTED' : 'RELEASED',
    granted: iso(floor.grantedMs),
    ...(floor.releasedMs !== undefined && { released: iso(floor.releasedMs) }),
    requester: { url },
    shareInstanceId: floor.shareInstanceId,
  };
}

function showShares(urls: Urls, meeting: Meeting): readonly LocusMediaShare[] {
  const share = (name: 'content' | 'whiteboard'): LocusMediaShare => {
    const floor = meeting[name];
    return {
      name,
      url: `${locusUrl(urls, meeting.id)}/mediashares/${name}`,
      ...(floor?.resourceUrl !== undefined && { resourceUrl: floor.resourceUrl }),
      ...(floor !== undefined && { floor: showFloor(urls, meeting, floor) }),
    };
  };
  return [share('content'), share('whiteboard')];
}

function showControls(urls: Urls, meeting: Meeting): LocusControls {
  const { controls, recording, isLocked } = meeting;
  return {
    lock: { locked: isLocked },
    // always there: clients announce a recording by comparing it with what was before
    record: {
      recording: recording?.isOn ?? false,
      paused: recording?.isPaused ?? false,
      meta:
        recording === undefined
          ? {}
          : { modifiedBy: recording.modifiedBy, lastModified: iso(recording.modifiedMs) },
    },
    muteOnEntry: { enabled: controls.muteOnEntry },
    disallowUnmute: { enabled: controls.disallowUnmute },
    raiseHand: { enabled: controls.raiseHand },
    video: { enabled: controls.videoAllowed },
    shareControl: { control: controls.shareControl },
    viewTheParticipantList: { enabled: controls.rosterVisible },
    reactions: {
      enabled: controls.reactions,
      showDisplayNameWithReactions: controls.reactionNames,
      reactionChannelUrl: `${locusUrl(urls, meeting.id)}/reactions`,
    },
    meetingFull: { meetingFull: false, meetingPanelistFull: false },
    entryExitTone: { enabled: false },
    transcribe: { transcribing: false, caption: false },
  };
}

const self = (meeting: Meeting, viewer: Participant, shown: LocusParticipant): LocusSelf => ({
  ...shown,
  enableDTMF: true,
  canNotViewTheParticipantList: !meeting.controls.rosterVisible && !isModerator(viewer),
  isSharingBlocked:
    meeting.controls.shareControl !== 'ANYONE' && !isModerator(viewer) && !hasRole(viewer, 'PRESENTER'),
});

/** The people that the viewer may see: in the lobby only oneself, elsewhere who waits only as a moderator. */
function visible(meeting: Meeting, viewer: Participant): readonly Participant[] {
  if (!isIn(viewer) && meeting.type === 'MEETING') return [viewer];
  if (!meeting.controls.rosterVisible && !isModerator(viewer)) return [viewer];
  return meeting.participants.filter(
    (participant) => participant.id === viewer.id || !isWaiting(participant) || isModerator(viewer),
  );
}

/** Everyone as those see them who may; the same for all viewers, so it is made once per change. */
export type ShownParticipants = ReadonlyMap<string, LocusParticipant>;
export const showParticipants = (urls: Urls, meeting: Meeting): ShownParticipants =>
  new Map(meeting.participants.map((one) => [one.id, showParticipant(urls, meeting, one)]));

/**
 * The whole meeting for one participant. A person in the lobby sees that it exists, its title and themselves: neither
 * roster nor chat, shares, host or recording.
 */
export function showMeeting(
  urls: Urls,
  meeting: Meeting,
  viewer: Participant,
  shown: ShownParticipants = showParticipants(urls, meeting),
): Locus {
  const url = locusUrl(urls, meeting.id);
  const outside = !isIn(viewer) && meeting.type === 'MEETING';
  const host = meeting.participants.find(
    (participant) => isIn(participant) && hasRole(participant, 'MODERATOR'),
  );
  const count = meeting.participants.filter(isIn).length;
  const lockHint = meeting.isLocked ? 'LOCK_STATUS_LOCKED' : 'LOCK_STATUS_UNLOCKED';
  return {
    url,
    created: iso(meeting.createdMs),
    syncUrl: `${url}/sync`,
    ...(meeting.conversationId !== undefined &&
      !outside && { conversationUrl: urls.conversation(meeting.conversationId) }),
    sequence: { entries: [meeting.sequence], rangeStart: 0, rangeEnd: 0 },
    fullState: {
      active: meeting.state === 'ACTIVE',
      state: meeting.state,
      type: meeting.type,
      locked: meeting.isLocked,
      count: outside ? 0 : count,
      lastActive: iso(meeting.activeMs),
      sessionId: meeting.sessionId,
      sessionIds: [meeting.sessionId],
    },
    ...(host !== undefined &&
      !outside && {
        host: {
          id: host.userId ?? host.id,
          name: host.name,
          ...(host.orgId !== undefined && { orgId: host.orgId }),
          isExternal: host.orgId !== meeting.orgId,
        },
      }),
    info: {
      topic: meeting.title,
      isPmr: meeting.isPersonalRoom,
      isUnifiedSpaceMeeting: meeting.conversationId !== undefined && meeting.type === 'MEETING',
      ...(meeting.sipAddress !== undefined && { sipUri: meeting.sipAddress }),
      ...(meeting.number !== undefined && { webExMeetingId: meeting.number, meetingId: meeting.number }),
      ...(meeting.hostUserId !== undefined && { owner: meeting.hostUserId }),
      displayHints: outside
        ? { joined: [], moderator: [], coHost: [] }
        : {
            joined: [lockHint, ...joinedHints],
            moderator: [...moderatorHints, ...recordingHints(meeting)],
            coHost: [...moderatorHints, ...recordingHints(meeting)],
          },
    },
    controls: outside ? {} : showControls(urls, meeting),
    participants: visible(meeting, viewer).flatMap(({ id }) => shown.get(id) ?? []),
    self: self(meeting, viewer, shown.get(viewer.id) ?? showParticipant(urls, meeting, viewer)),
    mediaShares: outside ? [] : showShares(urls, meeting),
    links: { services: {}, resources: {} },
  };
}
