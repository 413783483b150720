import { fakeClock, fakeHost } from '@trunkline/testing/fakes';
import { encodeId } from '@trunkline/wire';
import { expect } from 'chai';
import sinon from 'sinon';
import { createPeople } from './people.js';

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const idOf = (n: number) => encodeId('PEOPLE', uuid(n));
const failure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);
function setUp(
  answer: unknown = { items: Array.from({ length: 30 }, (_, n) => ({ id: idOf(n), n })), notFoundIds: null },
) {
  const request = sinon.stub().resolves(answer);
  const clock = fakeClock();
  const host = fakeHost({ request, clock });
  return { request, clock, host, people: createPeople(host) };
}

describe('People', () => {
  it('shares one request between concurrent me() calls, and keeps nothing', async () => {
    const { request, people } = setUp({ id: idOf(1) });
    await Promise.all([people.me(), people.get('me')]);
    sinon.assert.calledOnceWithMatch(request, { service: 'hydra', path: 'people/me' });
    await people.me();
    sinon.assert.calledTwice(request);
  });
  it('lets one caller of me() give up without the others', async () => {
    const { people } = setUp({ id: idOf(1) });
    const stop = new AbortController();
    const [one, other] = [people.me({ signal: stop.signal }), people.me()];
    stop.abort(new Error('enough'));
    expect(await failure(one)).to.include({ message: 'enough' });
    expect(await other).to.include({ id: idOf(1) });
  });
  it('sends a query page by page', async () => {
    const { request, people } = setUp({ items: [] });
    await people.list({ email: 'ana@example.com' }).page();
    sinon.assert.calledOnceWithExactly(request, {
      service: 'hydra',
      path: 'people',
      query: { email: 'ana@example.com' },
    });
  });

  describe('lookups by id', () => {
    it('leave together 100 ms after the last, each person once, ids as given', async () => {
      const { request, clock, people } = setUp();
      const first = people.get(uuid(1));
      const again = people.get(idOf(1));
      clock.advance(99);
      const second = people.get({ id: idOf(2) });
      clock.advance(99);
      sinon.assert.notCalled(request);
      clock.advance(1);
      sinon.assert.calledOnceWithExactly(request, {
        service: 'hydra',
        path: 'people/',
        query: { id: [uuid(1), idOf(2)], showAllTypes: false },
      });
      expect(await first).to.equal(await again);
      expect(await second).to.include({ id: idOf(2) });
    });
    it('leave at ten, at once', async () => {
      const { request, clock, people } = setUp();
      const all = people.list(Array.from({ length: 12 }, (_, n) => idOf(n)));
      sinon.assert.calledOnce(request);
      clock.advance(100);
      sinon.assert.calledTwice(request);
      expect((await all).map(({ id }) => id)).to.deep.equal(Array.from({ length: 12 }, (_, n) => idOf(n)));
    });
    it('leave at as many as the options say, which may change', () => {
      const { request, host } = setUp();
      const batch = { maxIds: 2 };
      const people = createPeople(host, { batch });
      void people.list([1, 2, 3, 4].map(idOf));
      sinon.assert.calledTwice(request);
      batch.maxIds = 1;
      void people.get(idOf(5));
      sinon.assert.calledThrice(request);
    });
    it('wait 1500 ms at most', () => {
      const { request, clock, people } = setUp();
      // one id over and over, so that ten are never reached
      for (let at = 0; at < 1500; at += 75) {
        void people.get(idOf(1));
        clock.advance(75);
        expect(request.callCount).to.equal(at + 75 >= 1500 ? 1 : 0);
      }
    });
    it('reject only for who is not there', async () => {
      const { clock, people } = setUp({ items: [{ id: idOf(1) }], notFoundIds: [idOf(2)] });
      const found = people.get(idOf(1));
      const missing = failure(people.get(idOf(2)));
      const leftOut = failure(people.get(idOf(3)));
      clock.advance(100);
      expect(await found).to.include({ id: idOf(1) });
      for (const error of [await missing, await leftOut]) expect(error).to.include({ code: 'ERR_NOT_FOUND' });
    });
    it('are left out when all who wanted them gave up', async () => {
      const { request, clock, people } = setUp();
      const stop = new AbortController();
      const given = failure(people.get(idOf(1), { signal: stop.signal }));
      stop.abort(new Error('enough'));
      expect(await given).to.include({ message: 'enough' });
      clock.advance(2000);
      sinon.assert.notCalled(request);
    });
    it('reject when the client closes, and leave no timer', async () => {
      const { clock, host, people } = setUp();
      const waiting = failure(people.get(idOf(1)));
      await host.close();
      expect(await waiting).to.include({ code: 'ERR_CLIENT_CLOSED' });
      expect(clock.pending).to.equal(0);
    });
    it('need an id', async () => {
      expect(await failure(setUp().people.get(''))).to.include({ code: 'ERR_ARGUMENT' });
    });
  });
});
