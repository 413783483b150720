import { expect } from 'chai';
import { applyHeaders, meaningOfClose, type EventData } from './frame.js';

describe('meaningOfClose', () => {
  const cases: [number, string, boolean, string][] = [
    [1006, '', true, 'transient'],
    [1001, '', true, 'transient'],
    [1005, '', true, 'transient'],
    [1011, '', true, 'transient'],
    [1000, 'Pong not received', true, 'transient'],
    [1000, 'idle', true, 'transient'],
    [3050, 'done (forced)', true, 'transient'],
    [1000, 'Done', true, 'permanent'],
    [1003, '', true, 'permanent'],
    [4000, 'replaced', true, 'replaced'],
    [1005, 'replaced', true, 'replaced'],
    [4001, '', true, 'permanent'],
    [4401, '', true, 'unauthorized'],
    [1008, '', true, 'unauthorized'],
    [4401, '', false, 'unauthorized'],
    [4403, '', false, 'permanent'],
    [4400, '', false, 'permanent'],
    [4404, '', false, 'unknown-device'],
    [4404, 'the device was removed', true, 'unknown-device'],
    [4400, '', true, 'permanent'],
    [1005, '', false, 'unknown-device'],
    [1005, 'Authentication Failed', false, 'unauthorized'],
    [1006, '', false, 'transient'],
  ];
  for (const [code, reason, authorized, meaning] of cases)
    it(`${String(code)} ${reason} ${authorized ? 'when open' : 'before the first frame'} is ${meaning}`, () => {
      expect(meaningOfClose(code, reason, authorized)).to.equal(meaning);
    });
});

describe('applyHeaders', () => {
  it('writes each value at its dotted path', () => {
    const data = {
      eventType: 'x',
      activity: { target: { id: '1' } },
      headers: { 'activity.target.tags': ['MUTED'], 'a.b': 1 },
    };
    applyHeaders(data);
    expect(data.activity.target).to.deep.equal({ id: '1', tags: ['MUTED'] });
    expect(data).to.have.nested.property('a.b', 1);
  });

  it('never reaches a prototype', () => {
    const headers = { '__proto__.polluted': 1, 'constructor.prototype.p': 1 };
    const data: EventData = { eventType: 'x', headers };
    applyHeaders(data);
    expect({}).not.to.have.property('polluted');
    expect({}).not.to.have.property('p');
  });
});
