import { expect } from 'chai';
import type { SocketState } from '../../kernel/socket.js';
import { transition, type MercuryAction, type MercuryEvent } from './machine.js';

const states: readonly SocketState[] = ['idle', 'connecting', 'open', 'waiting', 'closed'];
const rows: readonly [SocketState, MercuryEvent, SocketState, MercuryAction][] = [
  ['idle', 'connect', 'connecting', 'attempt'],
  ['idle', 'client-closed', 'closed', 'finish'],
  ['connecting', 'opened', 'open', 'announce'],
  ['connecting', 'failed-transient', 'waiting', 'wait'],
  ['connecting', 'failed-permanent', 'closed', 'finish'],
  ['connecting', 'ended-transient', 'waiting', 'wait'],
  ['connecting', 'ended-unauthorized', 'connecting', 'renew-token'],
  ['connecting', 'ended-unknown-device', 'connecting', 'renew-device'],
  ['connecting', 'ended-replaced', 'closed', 'finish'],
  ['connecting', 'ended-permanent', 'closed', 'finish'],
  ['connecting', 'ended-in-switch-over', 'waiting', 'retry-now'],
  ['connecting', 'recovered', 'waiting', 'wait'],
  ['connecting', 'retries-exhausted', 'closed', 'finish'],
  ['connecting', 'disconnect', 'closed', 'finish'],
  ['connecting', 'client-closed', 'closed', 'finish'],
  ['open', 'opened', 'open', 'announce'],
  ['open', 'shutdown', 'open', 'open-second'],
  ['open', 'failed-transient', 'waiting', 'wait'],
  ['open', 'failed-permanent', 'closed', 'finish'],
  ['open', 'ended-transient', 'waiting', 'wait'],
  ['open', 'ended-unauthorized', 'connecting', 'renew-token'],
  ['open', 'ended-unknown-device', 'connecting', 'renew-device'],
  ['open', 'ended-replaced', 'closed', 'finish'],
  ['open', 'ended-permanent', 'closed', 'finish'],
  ['open', 'ended-in-switch-over', 'waiting', 'retry-now'],
  ['open', 'retries-exhausted', 'closed', 'finish'],
  ['open', 'disconnect', 'closed', 'finish'],
  ['open', 'client-closed', 'closed', 'finish'],
  ['waiting', 'retry-due', 'connecting', 'attempt'],
  ['waiting', 'disconnect', 'closed', 'finish'],
  ['waiting', 'client-closed', 'closed', 'finish'],
  ['closed', 'connect', 'connecting', 'attempt'],
];

describe('the states of the socket', () => {
  for (const [from, event, to, action] of rows)
    it(`${from} → ${event} → ${to}, ${action}`, () => {
      expect(transition(from, event)).to.deep.equal({ to, action });
    });
  it('do not change by anything else', () => {
    const events = [...new Set(rows.map(([, event]) => event))];
    for (const state of states)
      for (const event of events)
        if (!rows.some(([from, known]) => from === state && known === event))
          expect(transition(state, event), `${state} ${event}`).to.equal(undefined);
  });
});
