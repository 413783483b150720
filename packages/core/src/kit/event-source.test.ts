import { expect } from 'chai';
import sinon from 'sinon';
import { sdkError } from '../kernel/errors.js';
import { testClock, turn } from '../../test/kit.js';
import { createEventSource, type EventOutlet } from './event-source.js';

interface Events {
  came: { readonly n: number };
  went: { readonly n: number };
}
function setUp(connect: () => Promise<never> = () => Promise.resolve({} as never)) {
  let outlet: EventOutlet<Events> | undefined;
  const closers: (() => void | Promise<void>)[] = [];
  const off = sinon.spy();
  const attach = sinon.spy((given: EventOutlet<Events>) => {
    outlet = given;
    return off;
  });
  const host = {
    connect: sinon.spy(connect),
    report: sinon.spy(),
    clock: testClock(),
    onClose: (run: () => void) => void closers.push(run),
  };
  const source = createEventSource<Events>(host, 'things', attach);
  return {
    source,
    host,
    attach,
    off,
    closers,
    emit: (n: number) => outlet?.emit('came', { n }),
    wanted: () => outlet?.wanted('came'),
  };
}

describe('createEventSource', () => {
  it('attaches and connects with the first listener of any type, and detaches with the last', () => {
    const { source, host, attach, off, wanted } = setUp();
    const offs = [source.on('went', () => undefined)];
    expect(wanted()).to.equal(false);
    offs.push(source.on('came', () => undefined));
    expect([attach.callCount, host.connect.callCount, wanted()]).to.deep.equal([1, 1, true]);
    offs[0]?.();
    expect(off.callCount).to.equal(0);
    offs[1]?.();
    expect(off.callCount).to.equal(1);
  });
  it('stays attached after listen() without listeners, until stopListening()', async () => {
    const { source, off } = setUp();
    await source.listen();
    source.on('came', () => undefined)();
    expect(off.callCount).to.equal(0);
    source.stopListening();
    expect(off.callCount).to.equal(1);
  });
  it('says nothing after stopListening(), and speaks again after listen()', async () => {
    const { source, emit } = setUp();
    const seen: number[] = [];
    source.on('came', ({ n }) => seen.push(n));
    emit(1);
    source.stopListening();
    emit(2);
    await source.listen();
    emit(3);
    expect(seen).to.deep.equal([1, 3]);
  });
  it('reports a failed connect in the background, and rejects listen() with it', async () => {
    const failure = sdkError('ERR_FORBIDDEN', 'no');
    const { source, host } = setUp(() => Promise.reject(failure));
    source.on('came', () => undefined);
    await Promise.resolve();
    await Promise.resolve();
    sinon.assert.calledOnceWithExactly(host.report, failure, sinon.match('things.on()'));
    expect(await source.listen().catch((error: unknown) => error)).to.equal(failure);
  });
  it('isolates listeners and reports what they throw', () => {
    const { source, host, emit } = setUp();
    const seen: number[] = [];
    source.on('came', () => {
      throw new Error('mine');
    });
    source.on('came', ({ n }) => seen.push(n));
    emit(1);
    expect(seen).to.deep.equal([1]);
    sinon.assert.calledWith(host.report, sinon.match.instanceOf(Error), sinon.match("things.on('came')"));
  });
  it('detaches when the client closes, permanently', async () => {
    const { source, off, attach, closers } = setUp();
    source.on('came', () => undefined);
    await closers[0]?.();
    expect(off.callCount).to.equal(1);
    source.on('came', () => undefined);
    expect(attach.callCount).to.equal(1);
    expect(await source.listen().catch((error: unknown) => error)).to.include({ code: 'ERR_CLIENT_CLOSED' });
  });
  it('tries again when the real-time part could not be loaded, for as long as a listener is there', async () => {
    const failed = sdkError('ERR_MODULE_LOAD', 'not loaded', { retryable: true });
    let fails = 3;
    const { source, host } = setUp(() =>
      (fails -= 1) >= 0 ? Promise.reject(failed) : Promise.resolve({} as never),
    );
    source.on('came', () => undefined);
    for (let n = 0; n < 5; n += 1) await host.clock.advance(30_000);
    expect(host.connect.callCount).to.equal(4);
    expect(host.report.callCount).to.equal(3);
    const gone = setUp(() => Promise.reject(failed));
    gone.source.on('came', () => undefined)();
    for (let n = 0; n < 5; n += 1) await gone.host.clock.advance(30_000);
    expect(gone.host.connect.callCount).to.equal(1);
    expect(gone.host.clock.pending).to.equal(0);
    await turn();
  });
});
