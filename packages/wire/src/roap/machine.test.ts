import { expect } from 'chai';
import {
  createRoapMachine,
  type RoapEffect,
  type RoapInput,
  type RoapMachine,
  type RoapMessage,
} from './index.js';

/** Carries messages between two machines; SDP work is done at once unless held back. */
function join(a: RoapMachine, b: RoapMachine) {
  const done: string[] = [];
  const failures: RoapEffect[] = [];
  const wire: (readonly [RoapMachine, RoapMessage])[] = [];
  const run = (machine: RoapMachine, input: RoapInput): void => {
    for (const effect of machine.input(input).effects)
      if (effect.do === 'send') wire.push([machine === a ? b : a, effect.message]);
      else if (effect.do === 'createOffer') run(machine, { type: 'offerReady', sdp: 'offer' });
      else if (effect.do === 'applyOffer') run(machine, { type: 'answerReady', sdp: 'answer' });
      else if (effect.do === 'applyAnswer') run(machine, { type: 'answerApplied' });
      else if (effect.do === 'done') done.push(machine === a ? 'a' : 'b');
      else if (effect.do === 'fail') failures.push(effect);
  };
  const deliver = (limit = 100): number => {
    let count = 0;
    for (let next = wire.shift(); next && count < limit; next = wire.shift(), count += 1)
      run(next[0], { type: 'message', message: next[1] });
    return count;
  };
  return { run, deliver, done, failures, wire };
}

describe('two ROAP machines', () => {
  const pair = () => {
    const a = createRoapMachine({ role: 'client' });
    const b = createRoapMachine({ role: 'service', random: () => 0.5 });
    return { a, b, ...join(a, b) };
  };
  it('agree after one offer and one answer, without OK', () => {
    const { a, b, run, deliver, done } = pair();
    run(a, { type: 'negotiate' });
    expect(deliver()).to.equal(2);
    expect([a.state, b.state, a.seq, b.seq]).to.deep.equal(['idle', 'idle', 1, 1]);
    expect(done).to.deep.equal(['b', 'a']);
  });
  it('agree after an offer of the service, with OK', () => {
    const { a, b, run, deliver, done } = pair();
    run(b, { type: 'negotiate' });
    expect(deliver()).to.equal(3);
    expect([a.state, b.state, a.seq, b.seq]).to.deep.equal(['idle', 'idle', 1, 1]);
    expect(done).to.deep.equal(['b', 'a']);
  });
  it('agree on both wishes when two offers cross', () => {
    const { a, b, run, deliver, done, failures } = pair();
    run(a, { type: 'negotiate' });
    run(b, { type: 'negotiate' });
    deliver();
    expect([a.state, b.state, a.seq === b.seq]).to.deep.equal(['idle', 'idle', true]);
    expect(done.filter((who) => who === 'a')).to.have.length(2);
    expect(failures).to.deep.equal([]);
  });
  it('agree when the refusal comes before the offer that crossed', () => {
    const { a, b, run, deliver, wire, failures } = pair();
    run(b, { type: 'negotiate' }); // on its way to the client
    expect(a.input({ type: 'negotiate' }).row).to.include('begins');
    const [toClient] = wire.splice(0, 1);
    if (toClient) run(a, { type: 'message', message: toClient[1] }); // CONFLICT goes out first
    run(a, { type: 'offerReady', sdp: 'offer' });
    deliver();
    expect([a.state, b.state, a.seq === b.seq]).to.deep.equal(['idle', 'idle', true]);
    expect(failures).to.deep.equal([]);
  });
  it('give up after two retries', () => {
    const a = createRoapMachine({ role: 'client' });
    const b = createRoapMachine({ role: 'client' });
    const { run, deliver, failures, wire } = join(a, b);
    run(a, { type: 'negotiate' });
    for (let n = 0; n < 3; n += 1) {
      wire.splice(0);
      run(a, { type: 'message', message: { messageType: 'ERROR', errorType: 'RETRY', seq: a.seq } });
    }
    expect(a.seq).to.equal(3);
    expect(a.state).to.equal('remoteError');
    expect(failures).to.deep.equal([{ do: 'fail', errorType: 'RETRY', by: 'remote' }]);
    expect(deliver()).to.equal(0);
  });
  it('go on counting where the exchange before ended', () => {
    const a = createRoapMachine({ role: 'client', seq: 4 });
    a.input({ type: 'negotiate' });
    expect(a.seq).to.equal(5);
  });
  it('end in any order of messages: nothing is left unsettled, no seq runs backwards', () => {
    // a small deterministic generator: the run can be repeated
    let state = 42;
    const random = (): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
    for (let round = 0; round < 300; round += 1) {
      const a = createRoapMachine({ role: 'client' });
      const b = createRoapMachine({ role: 'service', random });
      const { run, wire, failures } = join(a, b);
      let seqs = [0, 0];
      for (let n = 0; n < 30; n += 1) {
        const what = random();
        if (what < 0.15) run(a, { type: 'negotiate' });
        else if (what < 0.3) run(b, { type: 'negotiate' });
        else {
          // in order within a direction, as HTTP and one socket are; across them in any order
          const target = random() < 0.5 ? a : b;
          const at = wire.findIndex(([to]) => to === target);
          const [next] = at < 0 ? [] : wire.splice(at, 1);
          if (next) run(next[0], { type: 'message', message: next[1] });
        }
        expect(a.seq).to.be.at.least(seqs[0] ?? 0);
        seqs = [a.seq, b.seq];
      }
      for (let next = wire.shift(); next; next = wire.shift())
        run(next[0], { type: 'message', message: next[1] });
      if (failures.length === 0) expect([a.state, b.state]).to.deep.equal(['idle', 'idle']);
    }
  });
});
