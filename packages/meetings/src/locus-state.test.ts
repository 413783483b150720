import { fakeClock } from '@trunkline/testing/fakes';
import { expect } from 'chai';
import sinon from 'sinon';
import { delta, locus, locusUrl, participant } from '../test/locus.js';
import { createLocusState } from './locus-state.js';

function setUp(answer: () => unknown = () => undefined) {
  const clock = fakeClock();
  const fetch = sinon
    .stub<[string], Promise<never>>()
    .callsFake(async () => Promise.resolve(answer() as never));
  const changed = sinon.spy();
  const lost = sinon.spy();
  return { clock, fetch, changed, lost, state: createLocusState({ clock, fetch, changed, lost }) };
}
const settle = async (): Promise<void> => {
  for (let n = 0; n < 10; n += 1) await Promise.resolve();
};
const named = (name: string) => ({ participants: [participant('ben', { person: { id: 'b', name } })] });

describe('the working copy of a meeting', () => {
  it('takes the first state, applies deltas that follow on, and ignores old and repeated ones', () => {
    const { state, changed } = setUp();
    state.take(locus(1));
    state.take(delta(1, 2, named('Benedict')));
    state.take(delta(1, 2, named('repeated')));
    state.take(locus(1));
    expect(state.current?.participants.map(({ person }) => person.name)).to.deep.equal(['ana', 'Benedict']);
    sinon.assert.calledTwice(changed);
  });
  it('puts deltas that overtook one another in order', () => {
    const { state, fetch } = setUp();
    state.take(locus(1));
    state.take(delta(3, 4, named('third')));
    state.take(delta(2, 3, named('second')));
    expect(state.current?.sequence.entries).to.deep.equal([1]);
    state.take(delta(1, 2, named('first')));
    expect(state.current?.sequence.entries).to.deep.equal([4]);
    expect(state.current?.participants[1]?.person.name).to.equal('third');
    sinon.assert.notCalled(fetch);
  });
  it('fetches the state once when a delta was lost, after waiting a second for it', async () => {
    const { state, fetch, clock } = setUp(() => locus(9));
    state.take(locus(1));
    state.take(delta(2, 3));
    state.take(delta(3, 4));
    clock.advance(999);
    sinon.assert.notCalled(fetch);
    clock.advance(1);
    await settle();
    sinon.assert.calledOnceWithExactly(fetch, `${locusUrl}/sync`);
    expect(state.current?.sequence.entries).to.deep.equal([9]);
  });
  it('fetches at once when the service says so by an empty delta', async () => {
    const { state, fetch } = setUp(() => locus(7));
    state.take(locus(1));
    state.take(delta(6, 6));
    await settle();
    sinon.assert.calledOnce(fetch);
    expect(state.current?.sequence.entries).to.deep.equal([7]);
  });
  it('shares one request between calls at the same time, and asks again for those that came meanwhile', async () => {
    const { state, fetch } = setUp(() => locus(2));
    state.take(locus(1));
    await Promise.all([state.sync(), state.sync(), state.sync()]);
    sinon.assert.calledTwice(fetch);
  });
  it('reports a state that cannot be fetched', async () => {
    const { state, lost } = setUp(() => {
      throw new Error('gone');
    });
    state.take(locus(1));
    await state.sync();
    sinon.assert.calledOnce(lost);
  });
  it('does nothing any more once it is closed', async () => {
    const { state, changed, fetch, clock } = setUp(() => locus(5));
    state.take(locus(1));
    state.take(delta(3, 4));
    state.close();
    state.take(locus(6));
    clock.advance(5000);
    await settle();
    sinon.assert.calledOnce(changed);
    sinon.assert.notCalled(fetch);
  });
});
