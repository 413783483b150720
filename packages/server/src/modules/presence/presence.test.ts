import { encodeId, type PresenceStatus } from '@trunkline/wire';
import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { fakeModule, openTestStore, startModules, testKernel } from '../../kernel/harness.test.js';
import { maskBase, unmaskBase } from '../../kernel/http/urls.js';
import { type Store } from '../../kernel/store/index.js';
import type { ConversationReads } from '../conversation/api.js';
import { features as featuresModule } from '../features/index.js';
import { identity as identityModule } from '../identity/index.js';
import type { NewEvent } from '../mercury/api.js';
import { compose, type EventType, graceMs, idleMs, type Known } from './compose.js';
import { presence as presenceModule } from './index.js';
import { Subscriptions } from './subscriptions.js';

const base = 'http://trunkline.test';
const at = Date.UTC(2030, 0, 1);
const minute = 60_000;

interface Subscribed {
  readonly responses: readonly {
    subject: string;
    responseCode: number;
    subscriptionTtl: number;
    status?: PresenceStatus;
  }[];
}

async function start(store: Store, clock: { nowMs: number }) {
  const kernel = await testKernel(
    {},
    { store, now: () => clock.nowMs, orgId: '00000000-0000-4000-8000-000000000001' },
  );
  const pushed: { to: readonly string[]; data: NewEvent['data'] }[] = [];
  let connection: (userId: string, connected: boolean) => void = () => undefined;
  const mercury = {
    append: () => Promise.resolve(1),
    sendToDevice: () => false,
    sendToUsers: (to: readonly string[], data: NewEvent['data']) => {
      pushed.push({ to, data: JSON.parse(unmaskBase(maskBase(data), base)) as NewEvent['data'] });
    },
    membershipChanged: () => undefined,
    connected: () => false,
    onConnected: (listener: typeof connection) => {
      connection = listener;
      return () => undefined;
    },
  };
  const { app, apis, lifecycle, sweep } = await startModules(kernel, [
    identityModule,
    fakeModule('mercury', mercury),
    fakeModule('conversation', { reads: {} as ConversationReads }),
    featuresModule,
    presenceModule,
  ]);
  const { identity, presence } = apis;
  await app.ready();

  const person = async (name: string) => {
    const known = await identity.userByEmail(`${name}@example.com`);
    const user = known ?? (await identity.users.create({ email: `${name}@example.com`, displayName: name }));
    return { id: user.id, token: (await identity.tokens.grant(user.id)).accessToken };
  };
  type Person = Awaited<ReturnType<typeof person>>;
  const call = async (
    who: Person,
    method: 'GET' | 'POST',
    url: string,
    payload?: object,
    deviceUrl?: string,
  ) => {
    const reply = await app.inject({
      method,
      url,
      headers: {
        authorization: `Bearer ${who.token}`,
        ...(deviceUrl !== undefined && { 'cisco-device-url': deviceUrl }),
      },
      ...(payload && { payload }),
    });
    return { status: reply.statusCode, body: JSON.parse(reply.payload) as unknown };
  };
  return {
    users: identity.users,
    app,
    sweep,
    presence,
    pushed,
    person,
    call,
    connect: (who: Person) => {
      connection(who.id, true);
    },
    disconnect: (who: Person) => {
      connection(who.id, false);
    },
    get: async (who: Person, id: string) =>
      (await call(who, 'GET', `/apheleia/api/v1/compositions?userId=${id}`)).body as PresenceStatus,
    say: (who: Person, eventType: string, ttl?: number) =>
      call(who, 'POST', '/apheleia/api/v1/events', {
        subject: who.id,
        eventType,
        ...(ttl !== undefined && { ttl }),
      }),
    subscribe: async (
      who: Person,
      subjects: readonly string[],
      subscriptionTtl: number,
      deviceUrl?: string,
    ) =>
      (
        await call(
          who,
          'POST',
          '/apheleia/api/v1/subscriptions',
          { subjects, subscriptionTtl, includeStatus: true },
          deviceUrl,
        )
      ).body as Subscribed,
    close: () => lifecycle.close(),
  };
}

/** what was gathered is sent */
const told = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 80));

describe('the composition of presence', () => {
  const known = (more: Partial<Omit<Known, 'events'>>, ...types: readonly EventType[]): Known => ({
    connected: false,
    disconnectedMs: undefined,
    busySinceMs: undefined,
    lastActiveMs: undefined,
    ...more,
    // the first was said last
    events: new Map(types.map((type, n) => [type, { setMs: at - n, expiresMs: at + minute }])),
  });

  it('shows what was said last, and what was said before when it ends', () => {
    const types = ['calendarItem', 'ooo', 'active', 'call', 'meeting', 'presenting', 'dnd'] as const;
    for (const order of [types, [...types].reverse()])
      for (const [n, type] of order.entries())
        expect(compose(known({}, ...order.slice(n)), at).status).to.equal(type);
    expect(compose(known({}, 'inactive', 'dnd'), at).status).to.equal('dnd');
    expect(compose(known({}, 'inactive'), at).status).to.equal('inactive');
    const both: Known = {
      ...known({}),
      events: new Map([
        ['dnd', { setMs: at, expiresMs: at + 1000 }],
        ['ooo', { setMs: at - 1, expiresMs: undefined }],
      ]),
    };
    expect(compose(both, at)).to.include({ status: 'dnd', nextMs: at + 1000 });
    expect(compose(both, at + 1000)).to.include({ status: 'ooo', nextMs: undefined });
  });

  it('is active with a socket for ten minutes after the last sign of life, and inactive from then on', () => {
    const there = known({ connected: true, busySinceMs: at, lastActiveMs: at + 5 });
    expect(compose(there, at + idleMs + 4)).to.deep.include({ status: 'active', sinceMs: at });
    expect(compose(there, at + idleMs + 5)).to.deep.include({ status: 'inactive', sinceMs: at + 5 + idleMs });
  });

  it('outlives a socket by as much as a reconnect takes', () => {
    const gone = known({ disconnectedMs: at + 50, busySinceMs: at, lastActiveMs: at });
    expect(compose(gone, at + 50 + graceMs - 1).status).to.equal('active');
    expect(compose(gone, at + 50 + graceMs)).to.deep.include({
      status: 'inactive',
      sinceMs: at + 50 + graceMs,
    });
  });

  it('knows nothing of who never was here', () => {
    expect(compose(known({}), at)).to.deep.include({ status: 'unknown', nextMs: undefined });
  });
});

describe('presence', () => {
  let store: Store;
  let clock: { nowMs: number };
  let cloud: Awaited<ReturnType<typeof start>>;
  beforeEach(async () => {
    store = await openTestStore('memory');
    clock = { nowMs: at };
    cloud = await start(store, clock);
  });
  afterEach(async () => {
    await cloud.close();
    await store.close();
  });

  it('returns one entry for each subject, known or not', async () => {
    const [ana, ben] = [await cloud.person('ana'), await cloud.person('ben')];
    cloud.connect(ben);
    const hydra = encodeId('PEOPLE', ben.id);
    const nobody = randomUUID();
    const subjects = [ben.id, hydra, nobody, 'noise', ben.id];
    const { body } = await cloud.call(ana, 'POST', '/apheleia/api/v1/compositions', { subjects });
    const { statusList } = body as { statusList: readonly PresenceStatus[] };
    expect(statusList.map(({ subject, status }) => [subject, status])).to.deep.equal([
      [ben.id, 'active'],
      [hydra, 'active'],
      [nobody, 'unknown'],
      ['noise', 'unknown'],
    ]);
    expect(statusList[0]).to.include({
      url: `${base}/apheleia/api/v1/compositions?userId=${ben.id}`,
      statusTime: '2030-01-01T00:00:00.000Z',
      lastActive: '2030-01-01T00:00:00.000Z',
      expiresTTL: -1,
      suppressNotifications: false,
    });
  });

  it('is not shown in another organisation: the response is that for an unknown user', async () => {
    const [ana, ben] = [await cloud.person('ana'), await cloud.person('ben')];
    cloud.connect(ben);
    await cloud.say(ben, 'dnd');
    await store.write((write) => cloud.users.change(write, ben.id, { org_id: randomUUID() }));
    const nobody = randomUUID();
    const strip = ({ url, subject, ...rest }: PresenceStatus) => ({
      ...rest,
      same: url.endsWith(subject),
    });
    expect(strip(await cloud.get(ana, ben.id))).to.deep.equal(strip(await cloud.get(ana, nobody)));
    const { responses } = await cloud.subscribe(ana, [ben.id, nobody], 600);
    expect(responses.map(({ responseCode }) => responseCode)).to.deep.equal([404, 404]);
    await cloud.say(ben, 'call');
    await told();
    expect(cloud.pushed).to.deep.equal([]);
  });

  it('refuses events for others, statuses that are none, and what is too much', async () => {
    const [ana, ben] = [await cloud.person('ana'), await cloud.person('ben')];
    const event = (body: object) => cloud.call(ana, 'POST', '/apheleia/api/v1/events', body);
    expect((await event({ subject: ben.id, eventType: 'dnd' })).status).to.equal(403);
    expect((await event({ subject: randomUUID(), eventType: 'dnd' })).status).to.equal(403);
    expect((await event({ subject: ana.id, eventType: 'dancing' })).status).to.equal(400);
    expect((await event({ subject: ana.id, eventType: 'dnd', ttl: 'long' })).status).to.equal(400);
    expect((await event({ subject: ana.id, eventType: 'dnd', ttl: 1e9 })).status).to.equal(400);
    const post = (path: string, body: object) => cloud.call(ana, 'POST', `/apheleia/api/v1/${path}`, body);
    const many = Array.from({ length: 1001 }, () => randomUUID());
    expect((await post('compositions', { subjects: many })).status).to.equal(413);
    expect((await post('compositions', {})).status).to.equal(400);
    expect((await post('compositions', { subjects: [7] })).status).to.equal(400);
    expect((await post('subscriptions', { subjects: [ben.id], subscriptionTtl: 1e9 })).status).to.equal(400);
    expect((await cloud.call(ana, 'GET', '/apheleia/api/v1/compositions')).status).to.equal(400);
    const unknown = { id: '', token: 'no' };
    expect((await cloud.call(unknown, 'POST', '/apheleia/api/v1/compositions', {})).status).to.equal(401);
  });

  it('answers an event as clients expect it, and composes', async () => {
    const ana = await cloud.person('ana');
    const { body } = await cloud.call(ana, 'POST', '/apheleia/api/v1/events', {
      subject: ana.id,
      eventType: 'call',
      label: ana.id,
      ttl: 60,
    });
    expect(body).to.include({ subject: ana.id, eventType: 'call', status: 'call', label: ana.id, ttl: 60 });
    expect((await cloud.say(ana, 'dnd', 30)).body).to.include({ status: 'dnd', suppressNotifications: true });
    expect(await cloud.get(ana, ana.id)).to.include({ status: 'dnd', expiresTTL: 30 });
    clock.nowMs += 30_000;
    expect(await cloud.get(ana, ana.id)).to.include({ status: 'call', expiresTTL: 30 });
    expect((await cloud.say(ana, 'call', 0)).body).to.include({ eventType: 'call', status: 'unknown' });
    await cloud.say(ana, 'ooo');
    expect(await cloud.get(ana, ana.id)).to.include({ status: 'ooo', expiresTTL: -1 });
    await cloud.say(ana, 'active', 60);
    expect(await cloud.get(ana, ana.id)).to.include({ status: 'active', expiresTTL: 60 });
    expect((await cloud.say(ana, 'clear')).body).to.include({ eventType: 'clear', status: 'inactive' });
  });

  it('believes the last word, also within a millisecond, and goes back as words end', async () => {
    const ana = await cloud.person('ana');
    const types = ['dnd', 'presenting', 'meeting', 'call', 'ooo', 'calendarItem'];
    for (const type of [...types, ...[...types].reverse()]) {
      await cloud.say(ana, type, 60);
      expect(await cloud.get(ana, ana.id)).to.include({ status: type });
    }
    await cloud.close();
    cloud = await start(store, clock);
    expect(await cloud.get(ana, ana.id), 'after a restart').to.include({ status: 'dnd' });
    await cloud.say(ana, 'call', 30);
    await cloud.say(ana, 'meeting', 10);
    for (const [afterS, status] of [
      [10, 'call'],
      [20, 'dnd'],
      [30, 'unknown'],
    ] as const) {
      clock.nowMs += afterS * 1000;
      expect(await cloud.get(ana, ana.id)).to.include({ status });
    }
  });

  it('takes back with active all that was said before, permanently; inactive takes back only that', async () => {
    const ana = await cloud.person('ana');
    await cloud.say(ana, 'ooo');
    await cloud.say(ana, 'dnd');
    await cloud.say(ana, 'inactive');
    expect(await cloud.get(ana, ana.id)).to.include({ status: 'dnd' });
    await cloud.say(ana, 'active', 60);
    expect(await cloud.get(ana, ana.id)).to.include({ status: 'active' });
    await cloud.say(ana, 'call', 10);
    expect(await cloud.get(ana, ana.id)).to.include({ status: 'call' });
    clock.nowMs += 10_000;
    expect(await cloud.get(ana, ana.id)).to.include({ status: 'active', expiresTTL: 50 });
    await cloud.say(ana, 'inactive');
    expect(await cloud.get(ana, ana.id)).to.include({ status: 'inactive' });
    await cloud.close();
    cloud = await start(store, clock);
    expect(await cloud.get(ana, ana.id), 'after a restart').to.include({ status: 'inactive' });
  });

  it('notifies watchers of the last event, and of what is left when it ends', async () => {
    const [ana, ben] = [await cloud.person('ana'), await cloud.person('ben')];
    await cloud.subscribe(ana, [ben.id], 600);
    for (const [type, ttl] of [['dnd'], ['call', 60], ['call', 0], ['active', 60]] as const) {
      await cloud.say(ben, type, ttl);
      await told();
    }
    expect(cloud.pushed.map(({ data }) => data['status'])).to.deep.equal(['dnd', 'call', 'dnd', 'active']);
  });

  it('notifies watchers of each change once, and of nothing when it came back at once', async () => {
    const [ana, ben, cara] = [
      await cloud.person('ana'),
      await cloud.person('ben'),
      await cloud.person('cara'),
    ];
    const { responses } = await cloud.subscribe(ana, [ben.id], 600);
    expect(responses).to.have.length(1);
    expect(responses[0]).to.include({ subject: ben.id, responseCode: 200, subscriptionTtl: 600 });
    expect(responses[0]?.status).to.include({ subject: ben.id, status: 'unknown' });
    await cloud.subscribe(cara, [ben.id], 600);
    cloud.connect(ben);
    await cloud.say(ben, 'call', 60);
    await cloud.say(ben, 'dnd');
    await told();
    expect(cloud.pushed).to.have.length(1);
    expect(cloud.pushed[0]?.to).to.have.members([ana.id, cara.id]);
    expect(cloud.pushed[0]?.data).to.include({
      eventType: 'apheleia.subscription_update',
      subject: ben.id,
      status: 'dnd',
      url: `${base}/apheleia/api/v1/compositions?userId=${ben.id}`,
    });
    await cloud.say(ben, 'dnd', 0);
    await cloud.say(ben, 'dnd');
    await told();
    expect(cloud.pushed).to.have.length(1);
  });

  it('notifies of what ends by itself', async () => {
    const [ana, ben] = [await cloud.person('ana'), await cloud.person('ben')];
    cloud.connect(ben);
    await cloud.say(ben, 'dnd', 60);
    await cloud.subscribe(ana, [ben.id], 86_400);
    const heard = async (status: string): Promise<void> => {
      const deadline = Date.now() + 5000;
      while (cloud.pushed.at(-1)?.data['status'] !== status) {
        if (Date.now() > deadline) throw new Error(`never ${status}: ${JSON.stringify(cloud.pushed)}`);
        await told();
      }
    };
    clock.nowMs += 60_000;
    await heard('active');
    clock.nowMs += idleMs;
    await heard('inactive');
    cloud.presence.acted(ben.id);
    await heard('active');
    cloud.disconnect(ben);
    clock.nowMs += graceMs;
    await heard('inactive');
  });

  it('ends subscriptions by time and by word, for one client and not for the other', async () => {
    const [ana, ben] = [await cloud.person('ana'), await cloud.person('ben')];
    const device = (): string => `${base}/wdm/api/v1/devices/${randomUUID()}`;
    const [one, other] = [device(), device()];
    await cloud.subscribe(ana, [ben.id], 60, one);
    await cloud.subscribe(ana, [ben.id], 600, other);
    expect((await cloud.subscribe(ana, [ben.id], 0, one)).responses[0]).to.include({ responseCode: 200 });
    await cloud.say(ben, 'dnd');
    await told();
    expect(cloud.pushed.map(({ to }) => to)).to.deep.equal([[ana.id]]);
    clock.nowMs += 600_000;
    await cloud.say(ben, 'call');
    await cloud.say(ben, 'dnd', 0);
    await told();
    expect(cloud.pushed).to.have.length(1);
    await cloud.sweep();
  });

  it('bounds the subscriptions of one person, over all of their clients', () => {
    const subscriptions = new Subscriptions(2);
    const add = (userId: string, deviceId: string, untilMs: number): boolean =>
      subscriptions.add('s', { userId, deviceId }, untilMs);
    expect([add('ana', '1', 10), add('ana', '2', 20), add('ana', '3', 20)]).to.deep.equal([
      true,
      true,
      false,
    ]);
    expect([add('ana', '1', 30), add('ben', '1', 5)]).to.deep.equal([true, true]);
    expect(subscriptions.watchersOf('s', 6)).to.deep.equal(['ana']);
    subscriptions.sweep(25);
    expect(subscriptions.size).to.equal(1);
    expect(add('ana', '3', 40)).to.equal(true);
    subscriptions.sweep(40);
    expect(subscriptions.size).to.equal(0);
    expect(subscriptions.has('s')).to.equal(false);
  });

  it('honours the wish not to be shown, at once and after a restart', async () => {
    const [ana, ben] = [await cloud.person('ana'), await cloud.person('ben')];
    cloud.connect(ben);
    await cloud.subscribe(ana, [ben.id], 600);
    const set = (val: boolean) =>
      cloud.call(ben, 'POST', `/feature/api/v1/features/users/${ben.id}/user`, {
        key: 'user-presence-enabled',
        mutable: true,
        val,
      });
    await set(false);
    await told();
    expect(cloud.pushed.at(-1)?.data).to.include({ subject: ben.id, status: 'unknown' });
    expect(cloud.pushed.at(-1)?.data).not.to.have.property('lastActive');
    await cloud.say(ben, 'dnd');
    await told();
    expect(cloud.pushed).to.have.length(1);
    await cloud.close();
    cloud = await start(store, clock);
    expect(await cloud.get(ana, ben.id)).to.include({ status: 'unknown' });
    await cloud.call(ben, 'POST', `/feature/api/v1/features/users/${ben.id}/user`, {
      key: 'user-presence-enabled',
      mutable: true,
      val: true,
    });
    expect(await cloud.get(ana, ben.id)).to.include({ status: 'dnd' });
  });

  it('keeps across a restart what people said, and when they were last seen', async () => {
    const [ana, ben] = [await cloud.person('ana'), await cloud.person('ben')];
    cloud.connect(ana);
    await cloud.say(ana, 'dnd');
    await cloud.say(ben, 'ooo', 3600);
    await cloud.close();
    clock.nowMs += minute;
    cloud = await start(store, clock);
    expect(await cloud.get(ben, ana.id)).to.include({
      status: 'dnd',
      statusTime: '2030-01-01T00:00:00.000Z',
      lastActive: '2030-01-01T00:00:00.000Z',
    });
    expect(await cloud.get(ana, ben.id)).to.include({ status: 'ooo', expiresTTL: 3540 });
    clock.nowMs += 3_540_000;
    expect(await cloud.get(ana, ben.id)).to.include({ status: 'unknown' });
  });
});
