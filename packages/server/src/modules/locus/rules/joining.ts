// Who comes, waits and goes.
import { badRequest, notFound } from '../../../kernel/http/errors.js';
import {
  hasEnded,
  hasRole,
  isIn,
  isModerator,
  isPresent,
  liveDevices,
  mostParticipants,
  participantById,
  participantOf,
  unmuted,
  withDevice,
  withParticipant,
  without,
  type Device,
  type Meeting,
  type Participant,
} from '../model.js';
import { meetingEnded, meetingFull, notModerator } from '../refusals.js';

/** When it happens, and ids for what comes into being. */
export interface At {
  readonly nowMs: number;
  readonly newId: () => string;
}

/** A user at the door, with a device. */
export interface Arrival {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly orgId: string;
  readonly isGuest: boolean;
  readonly device: Pick<Device, 'key' | 'deviceType' | 'correlationId'>;
  /** owns the meeting, or knew the host's PIN */
  readonly isHost: boolean;
  /** must be admitted by a moderator first */
  readonly mustWait: boolean;
}

const newParticipant = (
  who: Pick<Participant, 'name'> & Partial<Participant>,
  { newId }: At,
): Participant => ({
  id: newId(),
  state: 'IDLE',
  isGuest: false,
  isCreator: false,
  roles: [],
  devices: [],
  audio: unmuted,
  video: unmuted,
  handRaised: false,
  brb: false,
  ...who,
});

const putDevice = (devices: readonly Device[], device: Device): readonly Device[] => [
  ...devices.filter((other) => other.key !== device.key),
  device,
];

/** Joins with a device, or puts it into the lobby. The same device again starts over; another one joins beside it. */
export function join(meeting: Meeting, arrival: Arrival, at: At): Meeting {
  if (hasEnded(meeting)) throw meetingEnded();
  const { userId, name, email, orgId, isGuest, isHost, mustWait } = arrival;
  const known = participantOf(meeting, userId);
  const entering = known === undefined || !isPresent(known);
  if (entering && meeting.participants.filter(isPresent).length >= mostParticipants)
    throw meetingFull(mostParticipants);
  const isFirst = !meeting.participants.some(isIn);
  const mute = meeting.controls.muteOnEntry && !isHost && entering && !mustWait;
  const before =
    known ??
    newParticipant(
      {
        userId,
        name,
        email,
        orgId,
        isGuest,
        isCreator: meeting.participants.length === 0,
      },
      at,
    );
  const waits = mustWait && !isIn(before);
  const moderates =
    isHost || (isFirst && meeting.hostUserId === undefined && meeting.type === 'MEETING' && !waits);
  const participant: Participant = {
    ...before,
    name,
    state: waits ? 'IDLE' : 'JOINED',
    roles: moderates && !hasRole(before, 'MODERATOR') ? [...before.roles, 'MODERATOR'] : before.roles,
    devices: putDevice(before.devices, {
      ...arrival.device,
      state: waits ? 'IDLE' : 'JOINED',
      isWaiting: waits,
      joinedMs: at.nowMs,
      csis: [],
    }),
    // what was decided about them before they left still holds
    audio: mute ? { ...before.audio, remoteMuted: true, modifiedMs: at.nowMs } : before.audio,
    handRaised: entering ? false : before.handRaised,
    brb: false,
  };
  delete (participant as { reason?: string }).reason;
  return {
    ...meeting,
    state: 'ACTIVE',
    activeMs: at.nowMs,
    participants:
      known === undefined
        ? [...meeting.participants, participant]
        : meeting.participants.map((other) => (other.id === known.id ? participant : other)),
  };
}

const releaseFloors = (meeting: Meeting, participantId: string, keys: readonly string[], nowMs: number) => {
  const released = (floor: Meeting['content']): Meeting['content'] =>
    floor?.participantId === participantId && floor.releasedMs === undefined && keys.includes(floor.deviceKey)
      ? { ...floor, releasedMs: nowMs }
      : floor;
  const content = released(meeting.content);
  const whiteboard = released(meeting.whiteboard);
  return { ...meeting, ...(content && { content }), ...(whiteboard && { whiteboard }) };
};

/** With no moderator left, the person who has been in longest takes over; guests never do. */
function succession(meeting: Meeting): Meeting {
  if (meeting.type !== 'MEETING') return meeting;
  const present = meeting.participants.filter(isIn);
  if (present.length === 0 || present.some((participant) => hasRole(participant, 'MODERATOR')))
    return meeting;
  const since = (participant: Participant): number =>
    Math.min(...liveDevices(participant).map((device) => device.joinedMs));
  const candidates = present.filter((participant) => !participant.isGuest);
  const [next] = [
    ...candidates.filter((participant) => hasRole(participant, 'COHOST')),
    ...[...candidates].sort((a, b) => since(a) - since(b)),
  ];
  return next === undefined
    ? meeting
    : withParticipant(meeting, next.id, (participant) => ({
        ...participant,
        roles: [...participant.roles, 'MODERATOR'],
      }));
}

/** A meeting without anyone in it is over: the user who waits or is called is notified. */
function endWhenEmpty(meeting: Meeting, { nowMs }: At): Meeting {
  const anyone = meeting.participants.some(isIn);
  return anyone ? succession(meeting) : ended(meeting, nowMs);
}

function ended(meeting: Meeting, nowMs: number): Meeting {
  const { recording } = meeting;
  return {
    ...meeting,
    state: 'INACTIVE',
    activeMs: nowMs,
    participants: meeting.participants.map((participant) =>
      isPresent(participant) ? gone(participant, 'MEETING_ENDED') : participant,
    ),
    ...(recording?.isOn === true && {
      recording: { ...recording, isOn: false, isPaused: false, modifiedMs: nowMs },
    }),
  };
}

const leftDevice = (device: Device, reason: string | undefined): Device => {
  return {
    ...without(device, 'media', 'isOnHold'),
    state: 'LEFT',
    isWaiting: false,
    ...(reason !== undefined && { reason }),
  };
};
const gone = (participant: Participant, reason: string | undefined): Participant => ({
  ...participant,
  state: 'LEFT',
  handRaised: false,
  devices: participant.devices.map((device) =>
    device.state === 'LEFT' ? device : leftDevice(device, reason),
  ),
  ...(reason !== undefined && { reason }),
});

/** One device leaves, or (without `deviceKey`) the person with all of theirs. */
export function leave(
  meeting: Meeting,
  participantId: string,
  { deviceKey, reason }: { readonly deviceKey?: string | undefined; readonly reason?: string | undefined },
  at: At,
): Meeting {
  const participant = participantById(meeting, participantId);
  if (participant === undefined) throw notFound();
  const keys = deviceKey === undefined ? participant.devices.map(({ key }) => key) : [deviceKey];
  if (deviceKey !== undefined && !participant.devices.some(({ key }) => key === deviceKey)) throw notFound();
  const without =
    deviceKey === undefined
      ? gone(participant, reason)
      : withDevice(participant, deviceKey, (device) => leftDevice(device, reason));
  // phones are simulated and cannot hang up: they leave with the last device of their owner
  const remaining = liveDevices(without).filter(({ phone }) => phone === undefined);
  const after = remaining.length === 0 && isPresent(participant) ? gone(without, reason) : without;
  return endWhenEmpty(
    withParticipant(releaseFloors(meeting, participantId, keys, at.nowMs), participantId, () => after),
    at,
  );
}

/** A call that rings is refused. */
export function decline(
  meeting: Meeting,
  participantId: string,
  reason: string | undefined,
  at: At,
): Meeting {
  const participant = participantById(meeting, participantId);
  if (participant === undefined) throw notFound();
  if (participant.state !== 'NOTIFIED') return meeting;
  const after = withParticipant(meeting, participantId, (before) => ({
    ...before,
    state: 'DECLINED',
    ...(reason !== undefined && { reason }),
  }));
  return endWhenEmpty(after, at);
}

/** No one answered: the call to this user ends. A call ends with it. */
export function unanswered(meeting: Meeting, participantId: string, at: At): Meeting {
  const participant = participantById(meeting, participantId);
  if (participant?.state !== 'NOTIFIED') return meeting;
  const after = withParticipant(meeting, participantId, (before) => gone(before, 'NO_ANSWER'));
  return meeting.type === 'CALL' && after.participants.filter(isPresent).length < 2
    ? ended(after, at.nowMs)
    : endWhenEmpty(after, at);
}

export function requireModerator(meeting: Meeting, userId: string): Participant {
  const participant = participantOf(meeting, userId);
  if (participant === undefined) throw notFound();
  if (!isIn(participant) || !isModerator(participant)) throw notModerator();
  return participant;
}

/** People come in from the lobby. Those who do not wait (any more) are passed over. */
export function admit(meeting: Meeting, participantIds: readonly string[], at: At): Meeting {
  if (participantIds.length === 0) throw badRequest('admit.participantIds names no one.');
  return {
    ...meeting,
    participants: meeting.participants.map((participant) =>
      participantIds.includes(participant.id) &&
      participant.state === 'IDLE' &&
      liveDevices(participant).length > 0
        ? {
            ...participant,
            state: 'JOINED',
            audio: meeting.controls.muteOnEntry
              ? { ...participant.audio, remoteMuted: true, modifiedMs: at.nowMs }
              : participant.audio,
            devices: participant.devices.map((device) =>
              device.isWaiting
                ? { ...device, isWaiting: false, state: 'JOINED', joinedMs: at.nowMs }
                : device,
            ),
          }
        : participant,
    ),
  };
}

/** A user who is in goes back to the lobby and loses media, floor and raised hand. */
export function moveToLobby(meeting: Meeting, participantId: string, at: At): Meeting {
  const participant = participantById(meeting, participantId);
  if (participant === undefined || !isIn(participant)) throw notFound();
  if (isModerator(participant)) throw badRequest('A host cannot be sent to the lobby.');
  const keys = participant.devices.map(({ key }) => key);
  return withParticipant(releaseFloors(meeting, participantId, keys, at.nowMs), participantId, (before) => ({
    ...before,
    state: 'IDLE',
    handRaised: false,
    devices: before.devices.map((device) => {
      if (device.state !== 'JOINED') return device;
      return {
        ...without(device, 'media'),
        state: 'IDLE',
        isWaiting: true,
        isOnHold: true,
      };
    }),
  }));
}

/** Ends it for all. */
export const end = (meeting: Meeting, { nowMs }: At): Meeting => ended(meeting, nowMs);

/** A user to call: their clients ring, or (for a phone number) the service dials. */
export interface Invitee {
  readonly userId?: string;
  readonly name: string;
  readonly email?: string;
  readonly orgId?: string;
  readonly address: string;
}

export function invite(meeting: Meeting, invitees: readonly Invitee[], at: At): Meeting {
  if (hasEnded(meeting)) throw meetingEnded();
  let { participants } = meeting;
  for (const invitee of invitees) {
    const known = participants.find((other) =>
      invitee.userId === undefined ? other.address === invitee.address : other.userId === invitee.userId,
    );
    if (known !== undefined && isPresent(known)) continue;
    if (participants.filter(isPresent).length >= mostParticipants) throw meetingFull(mostParticipants);
    const called: Participant = {
      ...without(known ?? newParticipant(invitee, at), 'reason'),
      state: 'NOTIFIED',
    };
    participants =
      known === undefined
        ? [...participants, called]
        : participants.map((other) => (other.id === known.id ? called : other));
  }
  return { ...meeting, participants };
}

/** An invitation is withdrawn; a user who is in already stays. */
export function cancelInvite(meeting: Meeting, idOrAddress: string, at: At): Meeting {
  const participant = meeting.participants.find(
    ({ id, address, email }) => id === idOrAddress || address === idOrAddress || email === idOrAddress,
  );
  if (participant?.state !== 'NOTIFIED') throw notFound();
  return endWhenEmpty(
    withParticipant(meeting, participant.id, (before) => gone(before, 'CANCELED')),
    at,
  );
}
