// What moderators decide about the meeting and about people in it, and people about themselves.
import type { RoleType } from '@trunkline/wire';
import { ApiError, badRequest, forbidden, notFound } from '../../../kernel/http/errors.js';
import { fields, isFields, text } from '../../../kernel/http/untrusted.js';
import {
  hasRole,
  isIn,
  isModerator,
  isWaiting,
  participantById,
  participantOf,
  withParticipant,
  without,
  type Controls,
  type Meeting,
  type Participant,
} from '../model.js';
import { notIn, notModerator } from '../refusals.js';
import { admit, moveToLobby, type At } from './joining.js';

/** Characters that a name in a meeting may have. */
const longestName = 128;

const bool = (value: unknown, name: string): boolean => {
  if (typeof value !== 'boolean') throw badRequest(`${name} must be true or false.`);
  return value;
};
const optionalBool = (value: unknown, name: string): boolean | undefined =>
  value === undefined ? undefined : bool(value, name);

/** The person who asks; they must be in. */
export function requireIn(meeting: Meeting, userId: string): Participant {
  const participant = participantOf(meeting, userId);
  if (participant === undefined) throw notFound();
  if (!isIn(participant)) throw notIn();
  return participant;
}
const withControls = (meeting: Meeting, change: Partial<Controls>): Meeting => ({
  ...meeting,
  controls: { ...meeting.controls, ...change },
});

/** Mutes everyone but moderators, whose microphones are theirs. Unmuting asks: no one opens another's microphone. */
function muteAll(
  meeting: Meeting,
  by: Participant,
  muted: boolean,
  roles: readonly unknown[],
  at: At,
): Meeting {
  const concerned = (participant: Participant): boolean =>
    participant.id !== by.id &&
    isIn(participant) &&
    !isModerator(participant) &&
    (roles.length === 0 ||
      roles.some((role) => participant.roles.includes(String(role))) ||
      (roles.includes('ATTENDEE') && participant.roles.length === 0));
  return {
    ...meeting,
    participants: meeting.participants.map((participant) =>
      concerned(participant) ? withMute(participant, by, muted, at) : participant,
    ),
  };
}

const withMute = (participant: Participant, by: Participant, muted: boolean, { nowMs }: At): Participant => {
  const audio = without(participant.audio, 'requestedMs');
  const modified = { modifiedBy: by.userId ?? by.id, modifiedMs: nowMs };
  if (muted) return { ...participant, audio: { ...audio, ...modified, remoteMuted: true } };
  const isMuted = participant.audio.remoteMuted || participant.audio.localMuted;
  return isMuted
    ? { ...participant, audio: { ...audio, ...modified, requestedMs: nowMs } }
    : { ...participant, audio };
};

type Control = (
  meeting: Meeting,
  value: Readonly<Record<string, unknown>>,
  by: Participant,
  at: At,
) => Meeting;

const enabledControl =
  (name: string, key: keyof Controls): Control =>
  (meeting, value) =>
    withControls(meeting, { [key]: bool(value['enabled'], `${name}.enabled`) });

/** What `PATCH {locusUrl}/controls` takes from moderators, by name. @source protocol/meetings-signalling.md §4.5 */
const meetingControls: Readonly<Record<string, Control>> = {
  lock: (meeting, value) => ({ ...meeting, isLocked: bool(value['locked'], 'lock.locked') }),
  muteOnEntry: enabledControl('muteOnEntry', 'muteOnEntry'),
  disallowUnmute: enabledControl('disallowUnmute', 'disallowUnmute'),
  raiseHand: enabledControl('raiseHand', 'raiseHand'),
  video: enabledControl('video', 'videoAllowed'),
  viewTheParticipantList: (meeting, value) =>
    withControls(meeting, { rosterVisible: bool(value['enabled'], 'viewTheParticipantList.enabled') }),
  reactions: (meeting, value) => {
    const names = optionalBool(
      value['showDisplayNameWithReactions'],
      'reactions.showDisplayNameWithReactions',
    );
    const enabled = optionalBool(value['enabled'], 'reactions.enabled');
    return withControls(meeting, {
      ...(enabled !== undefined && { reactions: enabled }),
      ...(names !== undefined && { reactionNames: names }),
    });
  },
  shareControl: (meeting, value) => {
    const { control } = value;
    if (control !== 'ANYONE' && control !== 'MODERATOR_PRESENTER')
      throw badRequest('shareControl.control must be ANYONE or MODERATOR_PRESENTER.');
    return withControls(meeting, { shareControl: control });
  },
  audio: (meeting, value, by, at) => {
    const muted = optionalBool(value['muted'], 'audio.muted');
    const disallowUnmute = optionalBool(value['disallowUnmute'], 'audio.disallowUnmute');
    const muteOnEntry = optionalBool(value['muteOnEntry'], 'audio.muteOnEntry');
    const { roles } = value;
    const decided = withControls(meeting, {
      ...(disallowUnmute !== undefined && { disallowUnmute }),
      ...(muteOnEntry !== undefined && { muteOnEntry }),
    });
    return muted === undefined
      ? decided
      : muteAll(decided, by, muted, Array.isArray(roles) ? (roles as unknown[]) : [], at);
  },
  hand: (meeting, value) => {
    if (bool(value['raised'], 'hand.raised')) throw badRequest('Hands of all can only be lowered.');
    return {
      ...meeting,
      participants: meeting.participants.map((participant) => ({ ...participant, handRaised: false })),
    };
  },
  record: (meeting, value, by, at) => {
    const isOn = bool(value['recording'], 'record.recording');
    const isPaused = optionalBool(value['paused'], 'record.paused') ?? false;
    // a pause says recording: true, too
    return record(meeting, { isOn, isPaused: isOn && isPaused }, by, at);
  },
  admit: (meeting, value, _by, at) => {
    const ids: unknown = value['participantIds'];
    return admit(meeting, Array.isArray(ids) ? ids.map(String) : [], at);
  },
};

export function record(
  meeting: Meeting,
  { isOn, isPaused }: { readonly isOn: boolean; readonly isPaused: boolean },
  by: Participant,
  { nowMs }: At,
): Meeting {
  const { recording } = meeting;
  const was = { isOn: recording?.isOn ?? false, isPaused: recording?.isPaused ?? false };
  if (isPaused && !was.isOn) throw new ApiError(409, 'Nothing is recorded that could be paused.');
  if (was.isOn === isOn && was.isPaused === isPaused) return meeting;
  return {
    ...meeting,
    recording: { isOn, isPaused, modifiedBy: by.userId ?? by.id, modifiedMs: nowMs },
  };
}

const notControls: ReadonlySet<string> = new Set([
  'sequence',
  'requestingParticipantId',
  'authorizingLocusUrl',
  'jmpSupported',
]);

/** Carries out every control of the body. @throws ApiError 400 for one that is not known: nothing is done then */
export function changeControls(meeting: Meeting, userId: string, body: unknown, at: At): Meeting {
  const by = requireIn(meeting, userId);
  if (!isModerator(by)) throw notModerator();
  const named = Object.entries(fields(body)).filter(([name]) => !notControls.has(name));
  if (named.length === 0) throw badRequest('The body names no control.');
  let changed = meeting;
  for (const [name, value] of named) {
    const control = Object.hasOwn(meetingControls, name) ? meetingControls[name] : undefined;
    if (control === undefined)
      throw new ApiError(501, `This service does not have the control ${name.slice(0, 40)}.`);
    if (!isFields(value)) throw badRequest(`${name} must be an object.`);
    changed = control(changed, value, by, at);
  }
  return changed;
}

// ---- one participant

function changeAudio(
  meeting: Meeting,
  by: Participant,
  target: Participant,
  value: Readonly<Record<string, unknown>>,
  at: At,
): Meeting {
  const muted = bool(value['muted'], 'audio.muted');
  if (by.id !== target.id) {
    if (!isModerator(by)) throw notModerator();
    return withParticipant(meeting, target.id, (before) => withMute(before, by, muted, at));
  }
  if (!muted && meeting.controls.disallowUnmute && target.audio.remoteMuted && !isModerator(by))
    throw forbidden('The host does not allow participants to unmute themselves.');
  return withParticipant(meeting, target.id, (before) => {
    const audio = without(before.audio, 'requestedMs');
    return {
      ...before,
      audio: { ...audio, remoteMuted: muted, modifiedBy: by.userId ?? by.id, modifiedMs: at.nowMs },
    };
  });
}

function changeVideo(
  meeting: Meeting,
  by: Participant,
  target: Participant,
  value: Readonly<Record<string, unknown>>,
  { nowMs }: At,
): Meeting {
  const muted = bool(value['muted'], 'video.muted');
  if (by.id !== target.id && !isModerator(by)) throw notModerator();
  if (by.id !== target.id && !muted) throw badRequest('No one can turn on the camera of another person.');
  if (!muted && !meeting.controls.videoAllowed && !isModerator(by))
    throw forbidden('The host does not allow video.');
  return withParticipant(meeting, target.id, (before) => ({
    ...before,
    video: { ...before.video, remoteMuted: muted, modifiedBy: by.userId ?? by.id, modifiedMs: nowMs },
  }));
}

const assignable: ReadonlySet<string> = new Set(['MODERATOR', 'COHOST', 'PRESENTER']);

function changeRoles(
  meeting: Meeting,
  by: Participant,
  target: Participant,
  changes: readonly { readonly type: RoleType; readonly hasRole: boolean }[],
  isHostKeyRight: (key: unknown) => boolean,
  hostKey: unknown,
): Meeting {
  const reclaims =
    by.id === target.id && changes.some(({ type, hasRole: has }) => type === 'MODERATOR' && has);
  if (reclaims && !isModerator(by)) {
    if (hostKey === undefined || hostKey === '' || !isHostKeyRight(hostKey))
      throw new ApiError(403, 'The host key is not right.', { errorCode: 2403136 });
  } else if (!isModerator(by)) throw notModerator();
  if (reclaims && hasRole(by, 'MODERATOR'))
    throw new ApiError(409, 'You are the host already.', { errorCode: 2409150 });
  if (!isIn(target)) throw notIn();
  let roles = new Set(target.roles);
  for (const { type, hasRole: has } of changes) {
    if (!assignable.has(type)) throw badRequest('A role must be MODERATOR, COHOST or PRESENTER.');
    if (has && type !== 'PRESENTER' && target.isGuest)
      throw new ApiError(403, 'A guest cannot become host.', { errorCode: 2403135 });
    if (has) roles.add(type);
    else roles.delete(type);
  }
  roles = new Set([...roles].sort());
  const changed = withParticipant(meeting, target.id, (before) => ({ ...before, roles: [...roles] }));
  const gives = changes.some(({ type, hasRole: has }) => type === 'MODERATOR' && has);
  // there is one host: the user who hands the role over (or has it taken) stays as a co-host
  const after = gives
    ? {
        ...changed,
        participants: changed.participants.map((other) =>
          other.id !== target.id && hasRole(other, 'MODERATOR')
            ? {
                ...other,
                roles: [...new Set([...other.roles.filter((role) => role !== 'MODERATOR'), 'COHOST'])],
              }
            : other,
        ),
      }
    : changed;
  if (!after.participants.some((other) => isIn(other) && hasRole(other, 'MODERATOR')))
    throw new ApiError(409, 'A meeting needs a host: give the role to another user first.');
  return after;
}

export interface ParticipantChange {
  readonly userId: string;
  readonly targetId: string;
  readonly body: unknown;
  /** whether a text is the host key of this meeting */
  readonly isHostKeyRight: (key: unknown) => boolean;
}

/** `PATCH …/participant/{id}/controls`. @source protocol/meetings-signalling.md §4 */
export function changeParticipant(
  meeting: Meeting,
  { userId, targetId, body, isHostKeyRight }: ParticipantChange,
  at: At,
): Meeting {
  const by = requireIn(meeting, userId);
  const target = participantById(meeting, targetId);
  if (target === undefined) throw notFound();
  const named = Object.entries(fields(body)).filter(([name]) => !notControls.has(name));
  if (named.length === 0) throw badRequest('The body names no control.');
  let changed = meeting;
  for (const [name, raw] of named) {
    const value = fields(raw);
    const current = participantById(changed, targetId) ?? target;
    switch (name) {
      case 'audio':
        changed = changeAudio(changed, by, current, value, at);
        break;
      case 'video':
        changed = changeVideo(changed, by, current, value, at);
        break;
      case 'hand': {
        const raised = bool(value['raised'], 'hand.raised');
        if (by.id !== target.id && (raised || !isModerator(by))) throw notModerator();
        if (raised && !meeting.controls.raiseHand) throw forbidden('The host has turned raising hands off.');
        changed = withParticipant(changed, target.id, (before) => ({ ...before, handRaised: raised }));
        break;
      }
      case 'brb': {
        if (by.id !== target.id) throw forbidden();
        const brb = bool(value['enabled'], 'brb.enabled');
        changed = withParticipant(changed, target.id, (before) => ({ ...before, brb }));
        break;
      }
      case 'role': {
        const moderator = optionalBool(value['moderator'], 'role.moderator');
        const listed = Array.isArray(value['roles']) ? (value['roles'] as unknown[]).map(fields) : [];
        const changes =
          moderator === undefined
            ? listed.map((role) => ({
                type: text(role['type']) ?? '',
                hasRole: bool(role['hasRole'], 'hasRole'),
              }))
            : [{ type: 'MODERATOR', hasRole: moderator }];
        if (changes.length === 0) throw badRequest('role must name a role.');
        const hostKey = listed.find((role) => role['hostKey'] !== undefined)?.['hostKey'];
        changed = changeRoles(changed, by, current, changes, isHostKeyRight, hostKey);
        break;
      }
      case 'moveToLobby':
        if (!isModerator(by)) throw notModerator();
        changed = moveToLobby(changed, target.id, at);
        break;
      default:
        throw new ApiError(
          501,
          `This service does not have the control ${name.slice(0, 40)} of a participant.`,
        );
    }
  }
  return changed;
}

/** Layouts that show one picture at a time, which is what this service forwards. */
const layouts: ReadonlySet<string> = new Set(['Single', 'ActivePresence']);

/** How one device wants to see the meeting. @throws ApiError 501 for layouts that need composed pictures */
export function setLayout(
  meeting: Meeting,
  userId: string,
  deviceKey: string,
  type: string | undefined,
): Meeting {
  const by = requireIn(meeting, userId);
  if (type === undefined) throw badRequest('layout.type is required.');
  if (!layouts.has(type))
    throw new ApiError(
      501,
      'This service forwards one picture: layout.type can be Single or ActivePresence.',
    );
  return withParticipant(meeting, by.id, (before) => ({ ...before, layout: { type, deviceKey } }));
}

/** Another name in this meeting: one's own, or as a moderator that of anyone. */
export function rename(meeting: Meeting, userId: string, targetId: string, name: unknown): Meeting {
  const by = requireIn(meeting, userId);
  const target = participantById(meeting, targetId);
  if (target === undefined || isWaiting(target)) throw notFound();
  if (by.id !== target.id && !isModerator(by)) throw notModerator();
  const alias = typeof name === 'string' ? name.trim() : '';
  if (alias === '' || alias.length > longestName)
    throw badRequest(`aliasValue must have 1 to ${String(longestName)} characters.`);
  return withParticipant(meeting, target.id, (before) => ({ ...before, name: alias }));
}
