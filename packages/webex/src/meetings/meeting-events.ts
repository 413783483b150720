// Turns changes of the native meeting into the official events.
import type { EndReason, Meeting as NativeMeeting } from '@trunkline/meetings';
import type { Events } from '../events.js';
import { actionsOf } from './actions.js';

const slots = { audio: 'remoteAudio', video: 'remoteVideo', slides: 'remoteShare' } as const;

/** `reason` of `meeting:removed`. */
export const removedReasons: Readonly<Record<EndReason, string>> = {
  left: 'CLIENT_LEAVE_REQUEST',
  removed: 'SELF_REMOVED',
  ended: 'MEETING_INACTIVE_TERMINATING',
  declined: 'CALL_INACTIVE',
  unanswered: 'CALL_INACTIVE',
  partnerLeft: 'PARTNER_LEFT',
  inactive: 'SELF_LEFT',
  lost: 'LOCUS_DTO_SYNC_FAILED',
};

export function forwardEvents(native: NativeMeeting, meeting: Events & { readonly id: string }): void {
  const { state } = native;
  const emit = (event: string, payload?: unknown): void => {
    meeting.trigger(event, payload);
  };
  const recordingNow = (): object => ({
    state: { on: 'recording', off: 'idle', paused: 'paused' }[state.recording],
    ...native.locus?.controls.record?.meta,
  });
  let { isActive: wasActive } = state;
  state.on('change:isActive', (isActive) => {
    emit('meeting:stateChange', {
      payload: {
        previousState: wasActive ? 'ACTIVE' : 'INACTIVE',
        currentState: isActive ? 'ACTIVE' : 'INACTIVE',
      },
    });
    wasActive = isActive;
  });
  state.on('change:callState', (to) => {
    if (to === 'ringing') emit('meeting:ringing', { id: meeting.id, type: 'INCOMING' });
    if (to === 'answered' || to === 'declined')
      emit('meeting:ringingStop', {
        id: meeting.id,
        type: { remoteAnswered: to === 'answered', remoteDeclined: to === 'declined' },
      });
  });
  state.on('change:isLocked', (isLocked) => {
    emit(isLocked ? 'meeting:locked' : 'meeting:unlocked', { payload: native.locus?.info });
  });
  state.on('change:isInLobby', (isInLobby) => {
    if (isInLobby) emit('meeting:self:lobbyWaiting', { payload: native.locus?.self });
    else if (native.locus?.self?.state === 'JOINED')
      emit('meeting:self:guestAdmitted', { payload: native.locus.self });
  });
  state.on('change:isMutedByHost', (muted) => {
    emit(muted ? 'meeting:self:mutedByOthers' : 'meeting:self:unmutedByOthers', {
      payload: { muted, unmuteAllowed: !state.isUnmuteForbidden },
    });
  });
  state.on('change:isUnmuteRequested', (isRequested) => {
    if (isRequested) emit('meeting:self:requestedToUnmute', { payload: {} });
  });
  state.on('change:displayHints', (hints) => {
    emit('meeting:actionsUpdate', actionsOf(hints));
  });
  let recording = state.recording;
  state.on('change:recording', (to) => {
    const name =
      to === 'on' ? (recording === 'paused' ? 'resumed' : 'started') : to === 'off' ? 'stopped' : 'paused';
    recording = to;
    emit(`meeting:recording:${name}`, recordingNow());
  });
  let share = state.share;
  state.on('change:share', (to) => {
    if (share === 'local') emit('meeting:stoppedSharingLocal', { reason: 'SELF_STOPPED' });
    if (share === 'remote') emit('meeting:stoppedSharingRemote');
    share = to;
    if (to === 'local') emit('meeting:startedSharingLocal');
    if (to === 'remote') {
      const floor = native.locus?.mediaShares.find(({ name }) => name === 'content');
      emit('meeting:startedSharingRemote', {
        memberId: state.sharerId,
        url: floor?.url,
        shareInstanceId: floor?.floor?.shareInstanceId,
      });
    }
  });
  state.on('change:endReason', (reason) => {
    if (reason === 'inactive') emit('meeting:self:left', 'INACTIVE');
  });
  native.events.on('reaction', ({ type, memberId, name }) => {
    emit('meeting:receiveReactions', { reaction: { type }, sender: { id: memberId, name } });
  });
  native.events.on('connection', ({ connection }) => {
    for (const [slot, type] of Object.entries(slots)) {
      const stream = connection.remote[slot];
      if (stream !== undefined) emit('media:ready', { type, stream });
    }
    connection.on('state', ({ from, to, error }) => {
      if (to === 'reconnecting') emit('meeting:reconnectionStarting');
      if (to === 'connected' && from === 'reconnecting') emit('meeting:reconnectionSuccess');
      if (to === 'failed' && from === 'reconnecting') emit('meeting:reconnectionFailure', { error });
      if (to === 'closed') for (const type of Object.values(slots)) emit('media:stopped', { type });
    });
    connection.on('networkQuality', ({ score, kind }) => {
      emit('network:quality', { networkQualityScore: score, mediaType: kind });
    });
  });
}
