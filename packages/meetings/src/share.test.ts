import { sdkError, type RequestOptions } from '@trunkline/core';
import type { Screen } from '@trunkline/media';
import { expect } from 'chai';
import sinon from 'sinon';
import { deviceUrl, locus, locusUrl } from '../test/locus.js';
import type { RequestContext } from './requests.js';
import { createShare } from './share.js';

const context: RequestContext = {
  locusUrl,
  selfUrl: `${locusUrl}/participant/ana`,
  selfId: 'ana',
  deviceUrl,
  correlationId: 'c',
  sequence: undefined,
};

/** A screen that the app starts; `end` is the browser's own button. */
function fakeScreen() {
  let state: Screen['state'] = 'off';
  const listeners = new Set<() => void>();
  const screen = {
    get state() {
      return state;
    },
    start: sinon.spy(() => {
      state = 'live';
      return Promise.resolve();
    }),
    stop: sinon.spy(() => {
      if (state !== 'live') return;
      state = 'off';
      for (const listener of listeners) listener();
    }),
    on: (_type: string, listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return { screen: screen as unknown as Screen, start: screen.start, stop: screen.stop, end: screen.stop };
}
function setUp(refusal?: Error) {
  const sent: string[] = [];
  const media = { share: sinon.stub<[Screen | undefined], Promise<void>>().resolves() };
  const share = createShare(
    {
      context: () => context,
      send: (request) => {
        const options: RequestOptions = typeof request === 'function' ? request(context) : request;
        const { floor } = options.body as { floor: { disposition: string } };
        sent.push(floor.disposition);
        return refusal === undefined || floor.disposition === 'RELEASED'
          ? Promise.resolve()
          : Promise.reject(refusal);
      },
    },
    media,
    () => locus(1),
    (error) => {
      throw error;
    },
  );
  return { share, media, sent };
}
const settle = async (): Promise<void> => {
  for (let n = 0; n < 20; n += 1) await Promise.resolve();
};

describe('sharing a screen', () => {
  it('opens the picker, sends the picture, and then takes the floor', async () => {
    const { share, media, sent } = setUp();
    const { screen, start } = fakeScreen();
    await share.start(screen);
    sinon.assert.calledOnce(start);
    sinon.assert.calledOnceWithExactly(media.share, screen);
    expect(sent).to.deep.equal(['GRANTED']);
  });
  it('sends nothing when the picker is closed', async () => {
    const { share, media, sent } = setUp();
    const { screen } = fakeScreen();
    screen.start = () => Promise.reject(new Error('cancelled'));
    const failed = await share.start(screen).catch((error: unknown) => error);
    expect(failed).to.be.an('error');
    sinon.assert.notCalled(media.share);
    expect(sent).to.deep.equal([]);
  });
  it('stops the screen and sends no picture when the floor is refused', async () => {
    const { share, media } = setUp(new Error('refused'));
    const { screen, stop } = fakeScreen();
    const failed = await share.start(screen).catch((error: unknown) => error);
    expect(failed).to.include({ message: 'refused' });
    sinon.assert.called(stop);
    sinon.assert.calledWithExactly(media.share.lastCall, undefined);
  });
  it('gives the floor back when it is stopped, and when the browser ends it', async () => {
    for (const end of ['app', 'browser']) {
      const { share, media, sent } = setUp();
      const { screen, end: press } = fakeScreen();
      await share.start(screen);
      if (end === 'app') await share.stop();
      else press();
      await settle();
      expect(sent, end).to.deep.equal(['GRANTED', 'RELEASED']);
      sinon.assert.calledWithExactly(media.share.lastCall, undefined);
    }
  });
  it('ends without giving anything back when another member took the floor', async () => {
    const { share, media, sent } = setUp();
    const { screen, stop } = fakeScreen();
    await share.start(screen);
    share.show('local');
    share.show('remote');
    await settle();
    expect(sent).to.deep.equal(['GRANTED']);
    sinon.assert.called(stop);
    sinon.assert.calledWithExactly(media.share.lastCall, undefined);
  });
  it('goes on after a double click', async () => {
    const { share, sent } = setUp();
    const { screen, stop } = fakeScreen();
    await Promise.all([share.start(screen), share.start(screen)]);
    expect(screen.state).to.equal('live');
    expect(sent).to.deep.equal(['GRANTED']);
    sinon.assert.notCalled(stop);
  });
  it('gives the floor back when the answer to the request for it was lost', async () => {
    const lost = setUp(sdkError('ERR_NETWORK', 'lost'));
    await lost.share.start(fakeScreen().screen).catch(() => undefined);
    expect(lost.sent).to.deep.equal(['GRANTED', 'RELEASED']);
    const refused = setUp(sdkError('ERR_FORBIDDEN', 'no', { status: 403 }));
    await refused.share.start(fakeScreen().screen).catch(() => undefined);
    expect(refused.sent).to.deep.equal(['GRANTED']);
  });
  it('makes one share of two quick starts', async () => {
    const { share, sent } = setUp();
    const [one, other] = [fakeScreen(), fakeScreen()];
    await Promise.all([share.start(one.screen), share.start(other.screen)]);
    sinon.assert.called(one.stop);
    expect(other.screen.state).to.equal('live');
    expect(sent).to.deep.equal(['GRANTED', 'GRANTED']);
  });
});
