import { expect } from 'chai';
import { callTable, nextCallState, type CallState, type CallTransition } from './call-state.js';

const states: readonly CallState[] = ['idle', 'ringing', 'joined', 'answered', 'declined', 'ended', 'error'];

describe('states of a meeting', () => {
  for (const [name, { from, to }] of Object.entries(callTable) as [
    CallTransition,
    (typeof callTable)[CallTransition],
  ][])
    for (const state of states) {
      const allowed = from === 'any' || from.includes(state);
      it(`${name} in ${state} ${allowed ? `leads to ${to}` : 'changes nothing'}`, () => {
        expect(nextCallState(state, name)).to.equal(allowed ? to : undefined);
      });
    }
});
