import { deferred } from '@trunkline/core/kit';
import { expect } from 'chai';
import sinon from 'sinon';
import { createPageLeave } from './page-leave.js';

const request = { method: 'PUT', url: 'https://cloud.test/leave', body: { device: 'd' } } as const;
const settle = async (): Promise<void> => {
  for (let n = 0; n < 5; n += 1) await Promise.resolve();
};

describe('a page that goes away', () => {
  let hide: (() => void) | undefined;
  const place = globalThis as Record<string, unknown>;
  const before = {
    document: place['document'],
    add: place['addEventListener'],
    remove: place['removeEventListener'],
  };
  let fetched: sinon.SinonStub;
  beforeEach(() => {
    place['document'] = {};
    place['addEventListener'] = (type: string, listener: () => void) => {
      if (type === 'pagehide') hide = listener;
    };
    place['removeEventListener'] = () => {
      hide = undefined;
    };
    fetched = sinon.stub(globalThis, 'fetch').resolves(new Response());
  });
  afterEach(() => {
    fetched.restore();
    for (const [name, value] of [
      ['document', before.document],
      ['addEventListener', before.add],
      ['removeEventListener', before.remove],
    ] as const)
      if (value === undefined) Reflect.deleteProperty(place, name);
      else place[name] = value;
  });
  const make = (accessToken: () => Promise<string> = () => Promise.resolve('T')) =>
    createPageLeave({ accessToken, report: () => undefined });

  it('leaves by a request that outlives it', async () => {
    const leave = make();
    leave.prepare('m', request);
    await settle();
    hide?.();
    sinon.assert.calledOnceWithExactly(fetched, request.url, {
      method: 'PUT',
      headers: { authorization: 'Bearer T', 'content-type': 'application/json' },
      body: '{"device":"d"}',
      keepalive: true,
    });
    hide?.();
    sinon.assert.calledOnce(fetched);
  });
  it('leaves no meeting that is over, also when its token comes late', async () => {
    const token = deferred<string>();
    const leave = make(() => token.promise);
    leave.prepare('m', request);
    leave.forget('m');
    token.resolve('T');
    await settle();
    hide?.();
    sinon.assert.notCalled(fetched);
  });
  it('stops listening when the client closes', () => {
    const leave = make();
    leave.close();
    expect(hide).to.equal(undefined);
  });
});
