import { sdkError, type RequestOptions } from '@trunkline/core';
import { fakeClock, fakeHost, type FakeHost } from '@trunkline/testing/fakes';
import { encodeId, type PresenceStatus } from '@trunkline/wire';
import { expect } from 'chai';
import sinon from 'sinon';
import { createPresence } from './presence.js';
import type { Presence, PresenceUpdate } from './types.js';

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const me = '00000000-0000-4000-8000-0000000000aa';
const status = (subject: string, now = 'active'): PresenceStatus => ({ url: 'u', subject, status: now });
const failure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);
const broken = () => sdkError('ERR_SERVER', 'it broke', { status: 500, retryable: true });
const settled = async () => {
  for (let n = 0; n < 30; n += 1) await Promise.resolve();
};

interface Body {
  readonly subjects: readonly string[];
  readonly subscriptionTtl?: number;
}
type Answering = (options: RequestOptions) => unknown;

/** A service that knows everybody. */
const everybody: Answering = ({ path, body, query }) => {
  const { subjects = [], subscriptionTtl = 0 } = (body ?? {}) as Partial<Body>;
  if (path === 'subscriptions')
    return {
      responses: subjects.map((subject) => ({
        subject,
        responseCode: 200,
        subscriptionTtl,
        status: status(subject),
      })),
    };
  if (query) return status(String(query['userId']));
  return { statusList: subjects.map((subject) => status(subject)) };
};

function setUp(
  answer: Answering = everybody,
  { batchSize, url }: { readonly batchSize?: number; readonly url?: string } = {},
) {
  const request = sinon.stub<[RequestOptions], unknown>().callsFake(answer);
  const clock = fakeClock();
  const host = fakeHost({
    request,
    clock,
    ...(url !== undefined && { serviceUrl: () => Promise.resolve(url) }),
  });
  const presence = createPresence(host, batchSize === undefined ? {} : { batchSize });
  const sent = (path: string) =>
    request.args.flatMap(([options]) => (options.path === path ? [options.body as Body] : []));
  /** lets time pass in steps, with what promises bring */
  const pass = async (ms: number, stepMs = ms) => {
    await settled();
    for (let left = ms; left > 0; left -= stepMs) {
      clock.advance(Math.min(stepMs, left));
      await settled();
    }
  };
  return { request, clock, host, presence, sent, pass };
}
function listen(presence: Presence): PresenceUpdate[] {
  const updates: PresenceUpdate[] = [];
  presence.on('updated', (update) => updates.push(update));
  return updates;
}
const push = (host: FakeHost, subject: string, now: string): void => {
  void host.fire('apheleia.subscription_update', {
    ...status(subject, now),
    eventType: 'apheleia.subscription_update',
  });
};

describe('Presence', () => {
  describe('calls', () => {
    it('send the documented requests', async () => {
      const { presence, request } = setUp((options) =>
        options.path === 'events' ? { subject: me, eventType: 'call', status: 'dnd' } : everybody(options),
      );
      expect(await presence.get(encodeId('PEOPLE', uuid(1)))).to.deep.equal(status(uuid(1)));
      expect(await presence.setStatus('call', 60)).to.deep.equal({
        subject: me,
        eventType: 'call',
        status: 'dnd',
      });
      await presence.setStatus('dnd');
      expect(await presence.enable()).to.equal(true);
      expect(await presence.disable()).to.equal(false);
      const [answer] = await presence.subscribe(uuid(1), 60);
      expect(answer).to.include({ subject: uuid(1), responseCode: 200, subscriptionTtl: 60 });
      await presence.unsubscribe([encodeId('PEOPLE', uuid(1))]);
      const post = { method: 'POST', idempotent: true };
      const toggle = { ...post, service: 'feature', path: `features/users/${me}/user` };
      const subscriptions = { ...post, service: 'apheleia', path: 'subscriptions' };
      expect(request.args.map(([options]) => options)).to.deep.equal([
        { service: 'apheleia', path: 'compositions', query: { userId: uuid(1) } },
        {
          ...post,
          service: 'apheleia',
          path: 'events',
          body: { subject: me, eventType: 'call', label: me, ttl: 60 },
        },
        { ...post, service: 'apheleia', path: 'events', body: { subject: me, eventType: 'dnd' } },
        { ...toggle, body: { key: 'user-presence-enabled', mutable: true, val: true } },
        { ...toggle, body: { key: 'user-presence-enabled', mutable: true, val: false } },
        { ...subscriptions, body: { subjects: [uuid(1)], subscriptionTtl: 60, includeStatus: true } },
        { ...subscriptions, body: { subjects: [uuid(1)], subscriptionTtl: 0, includeStatus: true } },
      ]);
    });
    it('reject what cannot be, and send nothing', async () => {
      const { presence, request } = setUp();
      for (const call of [
        presence.get(''),
        presence.list(['']),
        presence.list('x' as never),
        presence.subscribe([]),
        presence.subscribe(uuid(1), 0),
        presence.unsubscribe(''),
        presence.setStatus('' as never),
      ])
        expect(await failure(call)).to.include({ code: 'ERR_ARGUMENT' });
      for (const call of ['enqueue', 'dequeue', 'watch'] as const)
        expect(() => presence[call](''))
          .to.throw()
          .with.property('code', 'ERR_ARGUMENT');
      expect(() => setUp(everybody, { batchSize: 0 }))
        .to.throw()
        .with.property('code', 'ERR_CONFIG');
      sinon.assert.notCalled(request);
    });
    it('know whether one is shown: from the device, from here, and from elsewhere', async () => {
      const user = [{ key: 'user-presence-enabled', val: 'FALSE' }];
      const device = {
        url: 'd',
        webSocketUrl: 'w',
        userId: me,
        features: { developer: [], entitlement: [], user },
      };
      const host = fakeHost({ request: () => ({}), connect: () => Promise.resolve(device) });
      const presence = createPresence(host);
      expect(await presence.isEnabled()).to.equal(false);
      await presence.enable();
      expect(await presence.isEnabled()).to.equal(true);
      void host.fire('featureToggle_update', {
        eventType: 'featureToggle_update',
        featureToggle: { key: 'user-presence-enabled', val: 'false', type: 'USER' },
      });
      expect(await presence.isEnabled()).to.equal(false);
      expect(await setUp().presence.isEnabled()).to.equal(undefined);
    });
  });

  describe('lists', () => {
    it('leave together 50 ms after the last, 150 ms after the first at the latest, each person once', async () => {
      const { presence, clock, sent, pass } = setUp();
      const first = presence.list([uuid(2), uuid(1)]);
      const second = presence.list([encodeId('PEOPLE', uuid(1)), uuid(3)]);
      await pass(49);
      expect(sent('compositions')).to.deep.equal([]);
      await pass(1);
      expect(sent('compositions')).to.deep.equal([{ subjects: [uuid(2), uuid(1), uuid(3)] }]);
      expect((await first).map(({ subject }) => subject)).to.deep.equal([uuid(2), uuid(1)]);
      expect((await second).map(({ subject }) => subject)).to.deep.equal([uuid(1), uuid(3)]);
      for (let at = 0; at < 150; at += 30) {
        void presence.list([uuid(at)]);
        clock.advance(30);
      }
      await settled();
      expect(sent('compositions')).to.have.length(2);
      expect(await presence.list([])).to.deep.equal([]);
    });
    it('of 1,000 people are 2 requests here, 20 in the Webex cloud, and as many as one asks for', async () => {
      const ids = Array.from({ length: 1000 }, (_, n) => uuid(n));
      for (const [options, requests] of [
        [{}, 2],
        [{ url: 'https://apheleia-a.wbx2.com/apheleia/api/v1' }, 20],
        [{ batchSize: 250 }, 4],
      ] as const) {
        const { presence, sent, pass } = setUp(everybody, options);
        const answered = presence.list(ids);
        await pass(50);
        expect((await answered).map(({ subject }) => subject)).to.deep.equal(ids);
        expect(sent('compositions')).to.have.length(requests);
      }
    });
    it('keep a process alive that waits for them; people on the screen do not', async () => {
      const { presence, clock, pass } = setUp();
      const after = sinon.spy(clock, 'after');
      const list = presence.list([uuid(1)]);
      presence.enqueue(uuid(2));
      await pass(400, 50);
      await list;
      const waits = (ms: number) =>
        after.args.flatMap(([delayMs, , options]) => (delayMs === ms ? [options] : []));
      expect(waits(50)).to.deep.equal([undefined]);
      expect(waits(300)).to.deep.equal([{ unref: true }]);
    });

    it('reject for who is left out, and for no one else', async () => {
      const { presence, pass } = setUp(() => ({ statusList: [status(uuid(1))] }));
      const found = presence.list([uuid(1)]);
      const missing = failure(presence.list([uuid(2)]));
      await pass(50);
      expect(await found).to.deep.equal([status(uuid(1))]);
      expect(await missing).to.include({ code: 'ERR_BAD_RESPONSE', retryable: true });
    });
    it('reject when the request fails, of that request only', async () => {
      const { presence, pass } = setUp(
        (options) => {
          if ((options.body as Body).subjects.includes(uuid(3))) throw broken();
          return everybody(options);
        },
        { batchSize: 2 },
      );
      const all = [1, 2, 3].map((n) => failure(presence.list([uuid(n)])));
      await pass(50);
      const [one, two, three] = await Promise.all(all);
      expect([one, two]).to.deep.equal([[status(uuid(1))], [status(uuid(2))]]);
      expect(three).to.include({ code: 'ERR_SERVER', status: 500 });
    });
    it('reject without a service of that name', async () => {
      const error = sdkError('ERR_UNKNOWN_SERVICE', 'none');
      const host = fakeHost({ clock: fakeClock(), serviceUrl: () => Promise.reject(error) });
      const asked = failure(createPresence(host).list([uuid(1)]));
      (host.clock as ReturnType<typeof fakeClock>).advance(50);
      expect(await asked).to.equal(error);
    });
    it('can be given up, and end with the client', async () => {
      const { presence, host, clock } = setUp();
      const stop = new AbortController();
      const given = failure(presence.list([uuid(1)], { signal: stop.signal }));
      const waiting = failure(presence.list([uuid(2)]));
      stop.abort(new Error('enough'));
      expect(await given).to.include({ message: 'enough' });
      await host.close();
      expect(await waiting).to.include({ code: 'ERR_CLIENT_CLOSED' });
      expect(await failure(presence.list([uuid(3)]))).to.include({ code: 'ERR_CLIENT_CLOSED' });
      expect(clock.pending).to.equal(0);
    });
  });

  describe('people on the screen', () => {
    it('are asked about 300 ms after the last came, once, and emitted as presence', async () => {
      const { presence, sent, pass } = setUp();
      const updates = listen(presence);
      presence.enqueue(uuid(1));
      await pass(299);
      presence.enqueue(uuid(2));
      presence.enqueue(uuid(1));
      await pass(299);
      expect(sent('compositions')).to.deep.equal([]);
      await pass(1);
      expect(sent('compositions')).to.deep.equal([{ subjects: [uuid(1), uuid(2)] }]);
      expect(updates).to.deep.equal([
        { type: 'presence', payload: { statusList: [status(uuid(1)), status(uuid(2))] } },
      ]);
      // fresh enough for a minute
      presence.enqueue(uuid(1));
      await pass(1000);
      expect(sent('compositions')).to.have.length(1);
    });
    it('are subscribed to when they stay a minute, and renewed before it ends', async () => {
      const { presence, sent, pass } = setUp();
      presence.enqueue(uuid(1));
      presence.enqueue(uuid(2));
      await pass(1000);
      presence.dequeue(uuid(2));
      await pass(55_000, 1000);
      expect(sent('subscriptions')).to.deep.equal([]);
      await pass(25_000, 1000);
      const first = { subjects: [uuid(1)], subscriptionTtl: 600, includeStatus: true };
      expect(sent('subscriptions')).to.deep.equal([first]);
      await pass(500_000, 1000);
      expect(sent('subscriptions')).to.have.length(1);
      await pass(80_000, 1000);
      expect(sent('subscriptions')).to.deep.equal([first, first]);
    });
    it('are forgotten ten minutes after the last news, and said so', async () => {
      const { presence, sent, pass, clock } = setUp();
      const updates = listen(presence);
      presence.enqueue(uuid(1));
      await pass(1000);
      presence.dequeue(uuid(1));
      await pass(640_000, 1000);
      expect(updates.at(-1)).to.deep.equal({ type: 'delete', payload: [uuid(1)] });
      expect(sent('subscriptions')).to.deep.equal([]);
      // and nothing ticks for no one
      await pass(40_000, 1000);
      expect(clock.pending).to.equal(0);
    });
    it('are not asked about when they left before', async () => {
      const { presence, request, pass } = setUp();
      presence.enqueue(uuid(1));
      presence.dequeue(uuid(1));
      presence.dequeue(uuid(1));
      await pass(100_000, 1000);
      sinon.assert.notCalled(request);
    });
    it('are asked about again after a failure, later each time, and it is reported once', async () => {
      let answers = 0;
      const { presence, host, sent, pass } = setUp((options) => {
        answers += 1;
        if (answers === 1) throw broken();
        if (answers === 2) return { statusList: [] };
        return everybody(options);
      });
      const updates = listen(presence);
      presence.enqueue(uuid(1));
      await pass(300);
      expect(sent('compositions')).to.have.length(1);
      expect(host.reports).to.have.length(1);
      await pass(1900);
      expect(sent('compositions')).to.have.length(1);
      await pass(20_000, 100);
      expect(sent('compositions')).to.have.length(3);
      expect(updates).to.have.length(1);
      expect(host.reports).to.have.length(1);
    });
    it('who cannot be subscribed to are left alone for ten minutes', async () => {
      const { presence, sent, pass } = setUp((options) =>
        options.path === 'subscriptions'
          ? { responses: [{ subject: uuid(1), responseCode: 404, subscriptionTtl: 0 }] }
          : everybody(options),
      );
      presence.enqueue(uuid(1));
      await pass(100_000, 1000);
      expect(sent('subscriptions')).to.have.length(1);
      await pass(540_000, 1000);
      expect(sent('subscriptions')).to.have.length(1);
      await pass(60_000, 1000);
      expect(sent('subscriptions')).to.have.length(2);
    });
  });

  describe('models', () => {
    it('are subscribed to at once, follow what is pushed, and share one subscription', async () => {
      const { presence, host, sent, pass } = setUp();
      const [one, other] = [presence.watch(uuid(1)), presence.watch(encodeId('PEOPLE', uuid(1)))];
      expect(one).to.include({ personId: uuid(1), status: 'unknown', isOnline: false });
      const heard: unknown[] = [];
      other.on('change:isOnline', (online) => heard.push(online));
      await pass(300);
      expect(sent('subscriptions')).to.have.length(1);
      expect(one).to.include({ status: 'active', isOnline: true });
      push(host, uuid(1), 'dnd');
      push(host, uuid(2), 'call');
      expect([one.status, other.status]).to.deep.equal(['dnd', 'dnd']);
      expect(heard).to.deep.equal([true, false]);
      expect(presence.watch(uuid(1)).status).to.equal('dnd');
      one.close();
      push(host, uuid(1), 'call');
      expect([one.status, other.status]).to.deep.equal(['dnd', 'call']);
      expect(host.connects).to.equal(1);
    });
    it('of 1,000 people are two requests', async () => {
      const { presence, request, pass } = setUp();
      const models = Array.from({ length: 1000 }, (_, n) => presence.watch(uuid(n)));
      await pass(2000);
      sinon.assert.calledTwice(request);
      expect(models.every(({ isOnline }) => isOnline)).to.equal(true);
    });
    it('are subscribed to again when the socket was away, and show what was missed', async () => {
      let now = 'active';
      const { presence, host, sent, pass } = setUp((options) => {
        const { subjects } = options.body as Body;
        const responses = subjects.map((subject) => ({
          subject,
          responseCode: 200,
          subscriptionTtl: 600,
          status: status(subject, now),
        }));
        return { responses };
      });
      const model = presence.watch(uuid(1));
      await pass(300);
      now = 'call';
      void host.fire('mercury.buffer_state', { eventType: 'mercury.buffer_state' });
      await pass(300);
      expect(sent('subscriptions')).to.have.length(2);
      expect(model.status).to.equal('call');
    });
    it('become unknown when nothing arrives, and known again', async () => {
      let fails = false;
      const { presence, pass } = setUp((options) => {
        if (fails) throw broken();
        return everybody(options);
      });
      const model = presence.watch(uuid(1));
      await pass(300);
      fails = true;
      await pass(700_000, 1000);
      expect(model.status).to.equal('unknown');
      fails = false;
      await pass(130_000, 1000);
      expect(model.status).to.equal('active');
    });
    it('go on when a listener throws, and say so', async () => {
      const { presence, host, pass } = setUp();
      const model = presence.watch(uuid(1));
      model.on('change:status', () => {
        throw new Error('mine');
      });
      await pass(300);
      expect(model.status).to.equal('active');
      expect(host.reports.map(({ context }) => context)).to.deep.equal([
        "a listener of presence.watch().on('change:status')",
      ]);
    });
    it('end with the client, and leave nothing', async () => {
      const { presence, host, clock, pass } = setUp();
      const model = presence.watch(uuid(1));
      await pass(300);
      await host.close();
      push(host, uuid(1), 'dnd');
      expect(model.status).to.equal('active');
      presence.watch(uuid(2)).close();
      presence.enqueue(uuid(2));
      expect(clock.pending).to.equal(0);
      // but for the toggle, whose listener goes with the client's own
      expect(host.wireListeners).to.equal(1);
    });
  });

  describe('updated', () => {
    it('receives pushes for all subscriptions, until no one listens', () => {
      const { presence, host } = setUp();
      const heard: PresenceUpdate[] = [];
      const off = presence.on('updated', (update) => heard.push(update));
      push(host, uuid(1), 'call');
      off();
      push(host, uuid(1), 'dnd');
      expect(heard).to.have.length(1);
      expect(heard[0]).to.deep.include({ type: 'subscription' });
      expect(heard[0]?.payload).to.include({ subject: uuid(1), status: 'call' });
    });
    it('is not disturbed by a socket that cannot be opened', async () => {
      const error = new Error('no way');
      const host = fakeHost({ clock: fakeClock(), connect: () => Promise.reject(error) });
      createPresence(host).enqueue(uuid(1));
      await settled();
      expect(host.reports.map((report) => report.error)).to.deep.equal([error]);
    });
  });
});
