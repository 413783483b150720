import { sdkError } from '@trunkline/core';
import { fakeClock } from '@trunkline/testing/fakes';
import type { LocusSelf } from '@trunkline/wire';
import { expect } from 'chai';
import sinon from 'sinon';
import { deviceUrl, participant } from '../test/locus.js';
import { createLobby } from './lobby.js';

const keepAliveUrl = 'https://cloud.test/keepalive';
const waiting = (keepAliveSecs = 20): LocusSelf =>
  participant('ana', {
    state: 'IDLE',
    devices: [
      {
        url: deviceUrl,
        deviceType: 'WEB',
        state: 'IDLE',
        intent: { type: 'WAIT' },
        keepAliveUrl,
        keepAliveSecs,
      },
    ],
  });
function setUp(answer: () => Promise<unknown> = () => Promise.resolve({})) {
  const clock = fakeClock();
  const request = sinon.spy(answer);
  const report = sinon.spy();
  const lobby = createLobby({ clock, request: request as never }, report);
  return { clock, request, report, lobby };
}
const settle = async (): Promise<void> => {
  for (let n = 0; n < 5; n += 1) await Promise.resolve();
};

describe('waiting in the lobby', () => {
  it('asks for the URL well before the time is over, again and again', async () => {
    const { clock, request, lobby } = setUp();
    lobby.show(waiting(), deviceUrl);
    clock.advance(14_249);
    sinon.assert.notCalled(request);
    clock.advance(1);
    await settle();
    clock.advance(14_250);
    await settle();
    sinon.assert.calledTwice(request);
    sinon.assert.alwaysCalledWithExactly(request as never, { url: keepAliveUrl });
  });
  it('goes on over states that change nothing, and stops once admitted', async () => {
    const { clock, request, lobby } = setUp();
    lobby.show(waiting(), deviceUrl);
    clock.advance(10_000);
    lobby.show(waiting(), deviceUrl);
    clock.advance(4_250);
    await settle();
    sinon.assert.calledOnce(request);
    lobby.show(participant('ana'), deviceUrl);
    clock.advance(60_000);
    sinon.assert.calledOnce(request);
    expect(clock.pending).to.equal(0);
  });
  it('stops at the first refusal, which is reported', async () => {
    const { clock, request, report, lobby } = setUp(() => Promise.reject(new Error('gone')));
    lobby.show(waiting(), deviceUrl);
    clock.advance(60_000);
    await settle();
    clock.advance(60_000);
    sinon.assert.calledOnce(request);
    sinon.assert.calledOnce(report);
  });
  it('goes on when only the network is away', async () => {
    const { clock, request, lobby } = setUp(() => Promise.reject(sdkError('ERR_NETWORK', 'away')));
    lobby.show(waiting(), deviceUrl);
    clock.advance(14_250);
    await settle();
    clock.advance(14_250);
    await settle();
    sinon.assert.calledTwice(request);
  });
  it('does nothing for another device', () => {
    const { clock, lobby } = setUp();
    lobby.show(waiting(), 'https://cloud.test/other');
    expect(clock.pending).to.equal(0);
  });
});
