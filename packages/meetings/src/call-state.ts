// The states of a meeting or call, as one table. @source protocol/meetings-signalling.md §7

/**
 * - `idle`: not joined
 * - `ringing`: a user calls, or is being called
 * - `joined`: in the meeting (also in its lobby)
 * - `answered`, `declined`: the other side of a call did
 * - `ended`: left, or over
 * - `error`: joining failed; joining again is possible
 */
export type CallState = 'idle' | 'ringing' | 'joined' | 'answered' | 'declined' | 'ended' | 'error';
export type CallTransition =
  'ring' | 'join' | 'remoteAnswered' | 'remoteDeclined' | 'leave' | 'decline' | 'fail' | 'reset';

interface Row {
  readonly from: readonly CallState[] | 'any';
  readonly to: CallState;
}
export const callTable: Readonly<Record<CallTransition, Row>> = {
  ring: { from: ['idle', 'error', 'joined'], to: 'ringing' },
  join: { from: ['idle', 'ringing', 'joined', 'error'], to: 'joined' },
  remoteAnswered: { from: ['joined', 'error'], to: 'answered' },
  remoteDeclined: { from: ['joined', 'error'], to: 'declined' },
  leave: { from: ['idle', 'ringing', 'joined', 'answered', 'declined', 'error'], to: 'ended' },
  decline: { from: ['ringing', 'error'], to: 'ended' },
  fail: { from: 'any', to: 'error' },
  reset: { from: 'any', to: 'idle' },
};

/** The state after a transition; undefined where the table has none. */
export function nextCallState(state: CallState, transition: CallTransition): CallState | undefined {
  const { from, to } = callTable[transition];
  return from === 'any' || from.includes(state) ? to : undefined;
}
