import { fakeClock } from '@trunkline/testing/fakes';
import { expect } from 'chai';
import { FakePeerConnection, settled } from '../../test/fakes.js';
import type { MediaError } from '../errors.js';
import { completeGathering } from './gathering.js';
import { createPath } from './path.js';

function setUp() {
  const clock = fakeClock();
  const pc = new FakePeerConnection();
  const notified: string[] = [];
  const tell =
    (what: string) =>
    (error?: MediaError): void => {
      notified.push(error ? `${what} ${error.code} ${error.phase}` : what);
    };
  const path = createPath({
    pc: pc as unknown as RTCPeerConnection,
    clock,
    connectMs: 20_000,
    noPathMs: 12_000,
    graceMs: 10_000,
    onConnected: tell('connected'),
    onInterrupted: tell('interrupted'),
    onSlow: tell('slow'),
    onLost: tell('lost'),
  });
  return { clock, pc, notified, path };
}

describe('a path', () => {
  it('reports once that ICE and DTLS are connected', () => {
    const { pc, notified, path, clock } = setUp();
    path.negotiated();
    pc.become('connecting', 'connected');
    expect(path.connected).to.equal(false);
    pc.become('connected', 'completed');
    pc.become('connected', 'connected');
    expect(notified).to.deep.equal(['connected']);
    clock.advance(60_000);
    expect(notified).to.deep.equal(['connected']);
    expect(clock.pending).to.equal(0);
  });
  it('gives a reason after 12 s and ends after 20 s when no way is found (M-11)', () => {
    const { pc, notified, path, clock } = setUp();
    path.negotiated();
    pc.become('connecting', 'checking');
    clock.advance(12_000);
    expect(notified).to.deep.equal(['slow ERR_MEDIA_PATH ice']);
    clock.advance(8000);
    expect(notified).to.deep.equal(['slow ERR_MEDIA_PATH ice', 'lost ERR_MEDIA_PATH ice']);
  });
  it('ends at once when ICE fails, and says DTLS when that is what failed', () => {
    const ice = setUp();
    ice.path.negotiated();
    ice.pc.become('failed');
    expect(ice.notified).to.deep.equal(['lost ERR_MEDIA_PATH ice']);
    const dtls = setUp();
    dtls.path.negotiated();
    dtls.pc.become('failed', 'connected');
    expect(dtls.notified).to.deep.equal(['lost ERR_MEDIA_PATH dtls']);
  });
  it('may come back within 10 s', () => {
    const { pc, notified, path, clock } = setUp();
    path.negotiated();
    pc.become('connected');
    pc.become('disconnected');
    pc.become('disconnected');
    clock.advance(9999);
    pc.become('connected');
    clock.advance(60_000);
    expect(notified).to.deep.equal(['connected', 'interrupted', 'connected']);
  });
  it('is lost after 10 s', () => {
    const { pc, notified, path, clock } = setUp();
    path.negotiated();
    pc.become('connected');
    pc.become('connected', 'disconnected');
    clock.advance(10_000);
    pc.become('failed');
    expect(notified).to.deep.equal(['connected', 'interrupted', 'lost ERR_MEDIA_PATH ice']);
    expect(clock.pending).to.equal(0);
  });
  it('reports nothing after close, and leaves no timer', () => {
    const { pc, notified, path, clock } = setUp();
    path.negotiated();
    path.close();
    pc.become('failed');
    clock.advance(60_000);
    expect([notified.length, clock.pending]).to.deep.equal([0, 0]);
  });
});

describe('completeGathering', () => {
  const start = (iceGatheringState: string) => {
    const clock = fakeClock();
    const stop = new AbortController();
    const pc = Object.assign(new FakePeerConnection(), { iceGatheringState });
    const result = completeGathering(pc as unknown as RTCPeerConnection, clock, 5000, stop.signal);
    return { clock, stop, pc, result };
  };
  it('resolves at once when all is there', async () => {
    expect(await start('complete').result).to.equal(true);
  });
  it('waits for the end of gathering', async () => {
    const { pc, result, clock } = start('new');
    pc.iceGatheringState = 'gathering';
    pc.dispatchEvent(new Event('icegatheringstatechange'));
    pc.iceGatheringState = 'complete';
    pc.dispatchEvent(new Event('icegatheringstatechange'));
    expect(await result).to.equal(true);
    expect(clock.pending).to.equal(0);
  });
  it('goes on with what there is after the timeout, or when it is stopped', async () => {
    const slow = start('gathering');
    slow.clock.advance(5000);
    expect(await slow.result).to.equal(false);
    const stopped = start('gathering');
    stopped.stop.abort();
    expect(await stopped.result).to.equal(false);
    await settled();
    expect(stopped.clock.pending).to.equal(0);
  });
});
