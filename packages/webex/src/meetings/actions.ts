// `meeting.inMeetingActions`: what you may do, from the hints of the service. @source protocol/meetings-signalling.md §5.3

const byHint: Readonly<Record<string, string>> = {
  canInviteNewParticipants: 'ADD_GUEST',
  canAdmitParticipant: 'ROSTER_WAITING_TO_JOIN',
  canSetMuted: 'MUTE_ALL',
  canUnsetMuted: 'UNMUTE_ALL',
  canSetMuteOnEntry: 'ENABLE_MUTE_ON_ENTRY',
  canUnsetMuteOnEntry: 'DISABLE_MUTE_ON_ENTRY',
  canSetDisallowUnmute: 'ENABLE_HARD_MUTE',
  canUnsetDisallowUnmute: 'DISABLE_HARD_MUTE',
  canMoveToLobby: 'MOVE_TO_LOBBY',
  canRaiseHand: 'RAISE_HAND',
  canLowerAllHands: 'LOWER_ALL_HANDS',
  canLowerSomeoneElsesHand: 'LOWER_SOMEONE_ELSES_HAND',
  canEnableRaiseHand: 'ENABLE_RAISE_HAND',
  canDisableRaiseHand: 'DISABLE_RAISE_HAND',
  canEnableVideo: 'ENABLE_VIDEO',
  canDisableVideo: 'DISABLE_VIDEO',
  canEnableReactions: 'ENABLE_REACTIONS',
  canDisableReactions: 'DISABLE_REACTIONS',
  canSendReactions: 'REACTIONS_ACTIVE',
  canShareContent: 'SHARE_CONTENT',
  canShareDesktop: 'SHARE_DESKTOP',
  canShareApplication: 'SHARE_APPLICATION',
  canShareWhiteBoard: 'SHARE_WHITEBOARD',
  canUpdateShareControl: 'SHARE_CONTROL',
  canStartRecording: 'RECORDING_CONTROL_START',
  canStopRecording: 'RECORDING_CONTROL_STOP',
  canPauseRecording: 'RECORDING_CONTROL_PAUSE',
  canResumeRecording: 'RECORDING_CONTROL_RESUME',
  bothLeaveAndEndMeetingAvailable: 'LEAVE_TRANSFER_HOST_END_MEETING',
  canUseVoip: 'VOIP_IS_ENABLED',
};

export function actionsOf(hints: readonly string[]): Readonly<Record<string, boolean>> {
  const has = (hint: string): boolean => hints.includes(hint);
  return {
    ...Object.fromEntries(Object.entries(byHint).map(([action, hint]) => [action, has(hint)])),
    canLock: has('LOCK_CONTROL_LOCK') && has('LOCK_STATUS_UNLOCKED'),
    canUnlock: has('LOCK_CONTROL_UNLOCK') && has('LOCK_STATUS_LOCKED'),
  };
}
