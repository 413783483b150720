import { expect } from 'chai';
import sinon from 'sinon';
import { Events } from './index.js';

class Quiet extends Events {
  readonly failures: unknown[] = [];
  protected override listenerFailed(error: unknown): void {
    this.failures.push(error);
  }
}

describe('Events', () => {
  it('carries all arguments, to several events, to all, once, and back', () => {
    const events = new Quiet();
    const [on, once, all, gone] = [sinon.spy(), sinon.spy(), sinon.spy(), sinon.spy()] as const;
    events.on('a b', on).once('a', once).on('all', all).on('a', gone).off('a', gone);
    events.trigger('a', 1, 2);
    events.emit('b', 3);
    events.trigger('a', 4);
    expect(on.args).to.deep.equal([[1, 2], [3], [4]]);
    expect(once.args).to.deep.equal([[1, 2]]);
    expect(all.args).to.deep.equal([
      ['a', 1, 2],
      ['b', 3],
      ['a', 4],
    ]);
    sinon.assert.notCalled(gone);
    events.off('a').trigger('a').off().trigger('b');
    sinon.assert.calledThrice(on);
  });
  it('goes on after a listener that throws or rejects, and reports it', async () => {
    const events = new Quiet();
    const later = sinon.spy();
    events.on('a', () => {
      throw new Error('at once');
    });
    events.on('a', () => Promise.reject(new Error('later')));
    events.on('a', later);
    events.trigger('a');
    await Promise.resolve();
    sinon.assert.calledOnce(later);
    expect(events.failures.map((error) => (error as Error).message)).to.deep.equal(['at once', 'later']);
  });
  it('follows others, and stops: one, one event, or all', () => {
    const [mine, a, b] = [new Quiet(), new Quiet(), new Quiet()] as const;
    const heard = sinon.spy();
    const own = sinon.spy();
    a.on('x', own);
    mine.listenTo(a, 'x y', heard).listenTo(b, 'x', heard).listenToOnce(b, 'z', heard);
    a.trigger('x');
    b.trigger('z');
    b.trigger('z');
    expect(heard.callCount).to.equal(2);
    expect(heard.thisValues[0]).to.equal(mine);
    mine.stopListening(a, 'x');
    a.trigger('x');
    a.trigger('y');
    expect(heard.callCount).to.equal(3);
    mine.stopListening();
    a.trigger('y');
    b.trigger('x');
    expect(heard.callCount).to.equal(3);
    sinon.assert.calledTwice(own);
    const now = sinon.spy();
    mine.listenToAndRun(a, 'x', now);
    sinon.assert.calledOnce(now);
  });
  it('answers a promise for the next one', async () => {
    const events = new Quiet();
    const next = events.when('a');
    events.trigger('a', 1, 2);
    expect(await next).to.deep.equal([1, 2]);
  });
});
