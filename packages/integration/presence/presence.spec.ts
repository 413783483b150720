import type { Client } from '@trunkline/core';
import { presence, type PresenceStatus, type PresenceUpdate } from '@trunkline/presence';
import { startServer } from '@trunkline/server';
import { expectQuiet, joinCloud, nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { encodeId } from '@trunkline/wire';
import { expect } from 'chai';
import { countedFetch } from '../core/tools.js';
import { refusal } from '../kit/members.js';
import { spawnService } from '../kit/service-process.js';
import { until } from '../kit/until.js';

type Person = Client<readonly [ReturnType<typeof presence>]>;
const nowhere = '00000000-0000-4000-8000-000000000000';
const plugins = () => [presence()] as const;
const compositions = '/apheleia/api/v1/compositions';

describe('presence against the service', () => {
  let cloud: Cloud;
  let ana: Person;
  let ben: Person;
  let benId: string;
  beforeEach(async () => {
    cloud = await startCloud();
    [ana, ben] = await cloud.clients(['ana', 'ben'], plugins);
    benId = (await cloud.person('ben')).id;
  });
  afterEach(async () => {
    for (const client of [ana, ben]) {
      await client.close();
      await expectQuiet(client);
    }
    await cloud.close();
  });

  it('is unknown of who never came, active of who is here, and what they say of themselves', async () => {
    expect(await ana.presence.get(benId)).to.include({ subject: benId, status: 'unknown' });
    await ben.connect();
    expect(await ana.presence.get(encodeId('PEOPLE', benId))).to.include({
      subject: benId,
      status: 'active',
    });
    expect(await ben.presence.setStatus('dnd', 60)).to.include({ eventType: 'dnd', status: 'dnd' });
    expect(await ana.presence.get(benId)).to.include({ status: 'dnd', suppressNotifications: true });
    expect(await ben.presence.setStatus('clear')).to.include({ eventType: 'clear', status: 'active' });
    expect((await refusal(ben.presence.setStatus('dancing' as never))).code).to.equal('ERR_BAD_REQUEST');
  });

  it('answers for each of a list, in its order, also for unknown people', async () => {
    await ben.connect();
    const list = await ana.presence.list([nowhere, benId, 'noise', encodeId('PEOPLE', benId)]);
    expect(list.map(({ subject, status }) => [subject, status])).to.deep.equal([
      [nowhere, 'unknown'],
      [benId, 'active'],
      ['noise', 'unknown'],
      [benId, 'active'],
    ]);
  });

  it('notifies subscribers of changes until they unsubscribe', async () => {
    await ana.presence.listen();
    const received: PresenceUpdate[] = [];
    ana.presence.on('updated', (update) => received.push(update));
    const [answer, stranger] = await ana.presence.subscribe([benId, nowhere]);
    expect(answer).to.include({ subject: benId, responseCode: 200, subscriptionTtl: 600 });
    expect(stranger).to.include({ responseCode: 404 });
    const next = nextEvent(ana.presence, 'updated');
    await ben.presence.setStatus('call', 60);
    const { type, payload } = await next;
    expect(type).to.equal('subscription');
    expect(payload).to.include({ subject: benId, status: 'call' });
    await ana.presence.unsubscribe(benId);
    const before = received.length;
    await ben.presence.setStatus('dnd');
    await new Promise((resolve) => setTimeout(resolve, 200)); // longer than changes are gathered
    expect(received).to.have.length(before);
  });

  it('keeps a model fresh, also after sockets were cut', async () => {
    const model = ana.presence.watch(benId);
    await ana.connect();
    await until(
      () => model.statusTime === undefined && ana.socket.state === 'open',
      () => 'no socket',
    );
    await ben.connect();
    await until(
      () => model.isOnline,
      () => `ben is ${model.status}`,
    );
    const reopened = nextEvent(ana.socket, 'state', { where: ({ to }) => to === 'open' });
    const back = await cloud.fault({
      kind: 'refuse-sockets',
      match: { userId: (await cloud.person('ana')).id },
      times: 1,
    });
    await cloud.admin('POST', 'faults', {
      kind: 'drop-sockets',
      match: { userId: (await cloud.person('ana')).id },
    });
    await ben.presence.setStatus('dnd'); // sent to no one
    await reopened;
    await until(
      () => model.status === 'dnd',
      () => `ben is ${model.status}`,
    );
    await back().catch(() => undefined); // it is over by itself
    model.close();
    await ben.presence.setStatus('clear');
    expect(model.status).to.equal('dnd');
  });

  it('shows no one who does not want it', async () => {
    await ben.connect();
    const model = ana.presence.watch(benId);
    await until(
      () => model.isOnline,
      () => 'ben is not seen',
    );
    expect(await ben.presence.isEnabled()).to.equal(undefined);
    expect(await ben.presence.disable()).to.equal(false);
    expect(await ben.presence.isEnabled()).to.equal(false);
    await until(
      () => model.status === 'unknown',
      () => `ben is ${model.status}`,
    );
    expect(await ana.presence.get(benId)).not.to.have.property('lastActive');
    await ben.presence.enable();
    await until(
      () => model.isOnline,
      () => 'ben is not seen again',
    );
  });

  it('rejects when the service fails, and asks again for what is on the screen', async () => {
    const back = await cloud.fault({ kind: 'status', status: 500, match: { path: compositions }, times: 2 });
    expect(await refusal(ana.presence.list([benId]))).to.include({ code: 'ERR_SERVER', status: 500 });
    const received = nextEvent(ana.presence, 'updated', {
      timeoutMs: 20_000,
      where: ({ type }) => type === 'presence',
    });
    ana.presence.enqueue(benId);
    const { payload } = await received;
    expect((payload as { statusList: readonly PresenceStatus[] }).statusList[0]?.subject).to.equal(benId);
    await back().catch(() => undefined);
  });

  it('rejects for who is left out of an answer', async () => {
    const forgetful: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (!(input instanceof Request ? input.url : input.toString()).includes(compositions)) return response;
      const { statusList } = (await response.json()) as { statusList: readonly PresenceStatus[] };
      return Response.json({ statusList: statusList.filter(({ subject }) => subject !== nowhere) });
    };
    const client = await cloud.client('cara', plugins(), { fetch: forgetful });
    const [found, missing] = [client.presence.list([benId]), refusal(client.presence.list([nowhere]))];
    expect((await found)[0]?.subject).to.equal(benId);
    expect(await missing).to.include({ code: 'ERR_BAD_RESPONSE' });
    await client.close();
    await expectQuiet(client);
  });

  it('of 1,000 people takes 2 requests, and 2 more to follow them all', async () => {
    const { fetch, sent } = countedFetch();
    const client = await cloud.client('dora', plugins(), { fetch });
    const ids = Array.from(
      { length: 1000 },
      (_, n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    );
    ids[500] = benId;
    const asked = (): readonly string[] => sent.filter((line) => line.includes('apheleia'));
    expect(await client.presence.list(ids)).to.have.length(1000);
    expect(asked()).to.have.length(2);
    const models = ids.map((id) => client.presence.watch(id));
    await until(
      () => asked().length === 4,
      () => `requests: ${String(asked().length)}`,
    );
    await ben.connect();
    await until(
      () => models[500]?.isOnline === true,
      () => `ben is ${String(models[500]?.status)}`,
    );
    expect(asked()).to.have.length(4);
    await client.close();
    await expectQuiet(client);
  });
});

describe('presence as time goes by', () => {
  it('ends what was said, makes the idle inactive, and ends subscriptions', async () => {
    let nowMs = Date.now();
    const clock = { now: () => nowMs, steady: () => nowMs };
    const server = await startServer({ port: 0 }, clock);
    const cloud = joinCloud(server, () => server.close());
    const [ana, ben] = await cloud.clients(['ana', 'ben'], plugins);
    const { id } = await cloud.person('ben');
    await ben.connect();
    await ben.presence.setStatus('meeting', 60);
    await ana.presence.listen();
    const statuses: unknown[] = [];
    ana.presence.on('updated', ({ type, payload }) => {
      if (type === 'subscription') statuses.push(payload.status);
    });
    await ana.presence.subscribe(id, 3_600);
    const hears = (status: string): Promise<void> =>
      until(
        () => statuses.at(-1) === status,
        () => `received ${statuses.join()}`,
      );
    nowMs += 60_000;
    await hears('active');
    nowMs += 600_000;
    await hears('inactive');
    await ben.presence.setStatus('active', 60);
    await hears('active');
    nowMs += 3_600_000;
    await ben.presence.setStatus('dnd');
    expect(await ana.presence.get(id)).to.include({ status: 'dnd' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(statuses).not.to.include('dnd');
    await cloud.close();
  });

  it('keeps across a restart what people said', async function () {
    this.timeout(60_000);
    const service = await spawnService();
    try {
      let cloud = joinCloud(service.now);
      const { accessToken, id } = await cloud.person('ana');
      const ana = await cloud.client('ana', plugins());
      await ana.presence.setStatus('ooo');
      await ana.close();
      await service.kill();
      await service.start();
      cloud = joinCloud(service.now);
      const again = await cloud.client({ ...(await cloud.person('ben')), accessToken }, plugins());
      expect(await again.presence.get(id)).to.include({ status: 'ooo', expiresTTL: -1 });
      await again.close();
    } finally {
      await service.close();
    }
  });
});
