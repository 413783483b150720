import type { WebhookDelivery } from '@trunkline/wire';
import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import pino from 'pino';
import sinon from 'sinon';
import { resolveConfig } from '../../kernel/config.js';
import { openTestStore } from '../../kernel/harness.test.js';
import { type Counts, noCounts } from '../../kernel/metrics.js';
import { type Store } from '../../kernel/store/index.js';
import { Deliverer } from './deliverer.js';
import { Registry } from './registry.js';
import type { Outcome } from './retry.js';
import { insertDeliveries, type WebhookRow } from './store.js';

/** Returns of one target, in order; the last one for ever. 'hang': until it is cut; 'slow': 200 after 9.5 s. */
type Answers = readonly (Outcome | 'hang' | 'slow')[];
const ok: Outcome = { status: 200 };
const down: Outcome = { status: 500 };

describe('Deliverer', () => {
  let store: Store;
  let clock: sinon.SinonFakeTimers;
  let registry: Registry;
  let deliverer: Deliverer;
  let counts: Counts;
  /** what arrived: target, id of its data, ms since the start */
  let posted: (readonly [string, string, number])[];
  let answers: Map<string, Answers>;
  let pos = 0;

  // the store works in turns of the event loop, which are not faked
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 60; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const pass = async (ms: number): Promise<void> => {
    await clock.tickAsync(ms);
    await settle();
  };
  const make = (): Deliverer => {
    const kernel = {
      store,
      now: () => Date.now(),
      steady: () => Date.now(),
      config: resolveConfig({ data: 'memory', logLevel: 'silent' }),
      log: pino({ level: 'silent' }),
    };
    return new Deliverer(kernel, {
      registry,
      counts,
      base: () => 'http://a.test',
      secretOf: () => undefined,
      random: () => 1,
      sender: {
        close: () => undefined,
        post: (target, body, _, signal) => {
          const { data } = JSON.parse(body.toString()) as WebhookDelivery;
          posted.push([target, data.id, Date.now()]);
          const [next = ok, ...rest] = answers.get(target) ?? [];
          if (rest.length > 0) answers.set(target, rest);
          if (next !== 'hang' && next !== 'slow') return Promise.resolve(next);
          return new Promise((resolve) => {
            if (next === 'slow')
              setTimeout(() => {
                resolve(ok);
              }, 9500);
            signal.addEventListener('abort', () => {
              resolve({ status: undefined });
            });
          });
        },
      },
    });
  };
  const webhook = (target: string, ...given: Answers): Promise<WebhookRow> =>
    webhookOf(randomUUID(), target, ...given);
  const webhookOf = async (creatorId: string, target: string, ...given: Answers): Promise<WebhookRow> => {
    const row: WebhookRow = {
      id: randomUUID(),
      org_id: randomUUID(),
      creator_id: creatorId,
      app_id: randomUUID(),
      owned_by: 'creator',
      name: target,
      target_url: target,
      resource: 'messages',
      event: 'created',
      filter: null,
      secret: null,
      status: 'active',
      since_pos: 0,
      created_ms: 0,
    };
    await store.write(({ tx }) => tx.insertInto('webhooks').values(row).execute());
    registry.put(row, { roles: [] });
    answers.set(target, given);
    return row;
  };
  const tell = async ({ id: webhookId }: WebhookRow, ...ids: readonly string[]): Promise<void> => {
    const deliveries = ids.map((id) => ({
      webhookId,
      body: JSON.stringify({ resource: 'messages', event: 'created', actorId: 'a', data: { id } }),
    }));
    deliverer.enqueue(
      await store.write((write) => insertDeliveries(write, deliveries, (pos += 1), Date.now())),
    );
    await settle();
  };
  const arrived = (target: string): readonly string[] =>
    posted.filter(([to]) => to === target).map(([, id, ms]) => `${id}@${String(ms / 1000)}`);
  const statusOf = async ({ id }: WebhookRow): Promise<string | undefined> =>
    (await store.db.selectFrom('webhooks').select('status').where('id', '=', id).executeTakeFirst())?.status;
  const left = async (): Promise<number> =>
    (await store.db.selectFrom('webhook_deliveries').selectAll().execute()).length;

  beforeEach(async () => {
    store = await openTestStore('memory');
    clock = sinon.useFakeTimers({ now: 0, toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    registry = new Registry();
    counts = noCounts();
    posted = [];
    answers = new Map();
    deliverer = make();
  });
  afterEach(async () => {
    await deliverer.close();
    clock.restore();
    await store.close();
  });

  it('delivers in order, once each', async () => {
    const one = await webhook('one');
    await tell(one, 'a', 'b');
    await tell(one, 'c');
    expect(arrived('one')).to.deep.equal(['a@0', 'b@0', 'c@0']);
    expect([await left(), deliverer.waiting(), counts.webhooksDelivered]).to.deep.equal([0, 0, 3]);
  });

  it('tries a failing target again after 1, 2 and 4 s, and keeps the order', async () => {
    const one = await webhook('one', down, { status: undefined }, { status: 408 }, ok);
    await tell(one, 'a');
    await tell(one, 'b');
    expect(deliverer.waiting()).to.equal(2);
    for (let s = 0; s < 8; s += 1) await pass(1000);
    expect(arrived('one')).to.deep.equal(['a@0', 'a@1', 'a@3', 'a@7', 'b@7']);
    expect(counts).to.include({ webhooksDelivered: 2, webhooksFailed: 3, webhooksDisabled: 0 });
  });

  it('waits as long as a target asks for', async () => {
    const one = await webhook('one', { status: 429, retryAfterMs: 60_000 }, ok);
    await tell(one, 'a');
    await pass(59_999);
    expect(arrived('one')).to.deep.equal(['a@0']);
    await pass(1);
    expect(arrived('one')).to.deep.equal(['a@0', 'a@60']);
  });

  it('does not repeat what was refused', async () => {
    const one = await webhook('one', { status: 404 }, { status: 302 }, ok);
    await tell(one, 'a', 'b', 'c');
    expect(arrived('one')).to.deep.equal(['a@0', 'b@0', 'c@0']);
    expect(await left()).to.equal(0);
    expect(counts).to.include({ webhooksDelivered: 1, webhooksFailed: 2 });
  });

  it('makes a webhook inactive whose target fails for a day, and forgets what waited', async () => {
    const one = await webhook('one', down);
    await tell(one, 'a', 'b');
    // 1 + 2 + … + 256 s, then every 256 s
    for (let n = 0; n < 9; n += 1) await pass(2 ** n * 1000);
    for (let n = 0; n < 335; n += 1) await pass(256_000);
    expect(await statusOf(one)).to.equal('active');
    await pass(256_000);
    await pass(256_000);
    expect(await statusOf(one)).to.equal('inactive');
    expect(new Set(posted.map(([, id]) => id))).to.deep.equal(new Set(['a']));
    expect([await left(), registry.size, deliverer.waiting(), counts.webhooksDisabled]).to.deep.equal([
      0, 0, 0, 1,
    ]);
    await tell(one, 'c');
    expect(posted.some(([, id]) => id === 'c')).to.equal(false);
  }).timeout(30_000);

  it('makes a webhook inactive that failed more than 100 times in 5 minutes', async () => {
    const one = await webhook('one', { status: 400 });
    await tell(one, ...Array.from({ length: 150 }, (_, n) => String(n)));
    await settle();
    await settle();
    expect(posted).to.have.length(101);
    expect([await statusOf(one), await left()]).to.deep.equal(['inactive', 0]);
  });

  it('makes a webhook inactive that is 10,000 deliveries behind', async () => {
    const one = await webhook('one', 'hang');
    await tell(one, ...Array.from({ length: 10_001 }, (_, n) => String(n)));
    expect([await statusOf(one), await left()]).to.deep.equal(['inactive', 0]);
  }).timeout(10_000);

  it('does not let targets that hang delay others, however many they are', async () => {
    const hanging = await Promise.all(
      Array.from({ length: 100 }, (_, n) => webhook(`h${String(n)}`, 'hang')),
    );
    for (const one of hanging) await tell(one, 'a');
    const good = await webhook('good', ok);
    await tell(good, 'a', 'b');
    expect(arrived('good')).to.deep.equal(['a@0', 'b@0']);
    await deliverer.close();
    expect(await left()).to.equal(100);
  }).timeout(20_000);

  it('keeps no user waiting for the slow targets of another one, however many (F9)', async () => {
    const owner = randomUUID();
    const slow = await Promise.all(
      Array.from({ length: 300 }, (_, n) => webhookOf(owner, `s${String(n)}`, 'slow')),
    );
    for (const one of slow)
      deliverer.enqueue(
        await store.write((write) =>
          insertDeliveries(
            write,
            [
              {
                webhookId: one.id,
                body: JSON.stringify({
                  resource: 'messages',
                  event: 'created',
                  actorId: 'a',
                  data: { id: 'x' },
                }),
              },
            ],
            (pos += 1),
            Date.now(),
          ),
        ),
      );
    await settle();
    const good = await webhook('good', ok);
    const alsoOwn = await webhookOf(owner, 'alsoOwn', ok);
    await tell(good, 'a');
    expect(arrived('good')).to.deep.equal(['a@0']);
    // a prompt target of the same user waits for its share at most
    await tell(alsoOwn, 'a');
    for (let s = 0; s < 12; s += 1) await pass(1000);
    expect(Number(arrived('alsoOwn')[0]?.split('@')[1])).to.be.at.most(11);
    await tell(good, 'b');
    expect(arrived('good')[1]).to.equal('b@12');
    for (let s = 0; s < 60; s += 1) await pass(1000);
    expect(posted.filter(([to]) => to.startsWith('s'))).to.have.length(300);
    expect(await left()).to.equal(0);
  }).timeout(30_000);

  it('keeps no user waiting for long for the slow targets of many others (F9)', async () => {
    const slow = await Promise.all(Array.from({ length: 300 }, (_, n) => webhook(`s${String(n)}`, 'slow')));
    const bodies = (id: string) =>
      slow.map((one) => ({
        webhookId: one.id,
        body: JSON.stringify({ resource: 'messages', event: 'created', actorId: 'a', data: { id } }),
      }));
    for (const [turn, id] of ['x', 'y'].entries()) {
      deliverer.enqueue(
        await store.write((write) => insertDeliveries(write, bodies(id), (pos += 1), Date.now())),
      );
      await settle();
      const good = await webhook(`good${String(turn)}`, ok);
      await tell(good, 'a');
      const started = Date.now();
      for (let s = 0; s < 2; s += 1) await pass(1000);
      const [, , at] = posted.find(([to]) => to === `good${String(turn)}`) ?? [];
      expect((at ?? Infinity) - started).to.be.at.most(1000);
      for (let s = 0; s < 20; s += 1) await pass(1000);
    }
    expect(posted.filter(([to]) => to.startsWith('s'))).to.have.length(600);
  }).timeout(30_000);

  it('goes on after a restart where it was, also with its waiting', async () => {
    const one = await webhook('one', down, down, ok);
    await tell(one, 'a', 'b');
    await pass(1000);
    await deliverer.close();
    await pass(60_000);
    expect(arrived('one')).to.deep.equal(['a@0', 'a@1']);
    deliverer = make();
    deliverer.add(one.id, 2);
    await settle();
    expect(arrived('one')).to.deep.equal(['a@0', 'a@1', 'a@61', 'b@61']);
    expect(await left()).to.equal(0);
  });

  it('does not send again what could not be struck off, as when the disk is full', async () => {
    const one = await webhook('one', ok);
    const write = sinon.stub(store, 'write').callThrough();
    write.onCall(1).rejects(new Error('the disk is full'));
    await tell(one, 'a', 'b');
    expect(arrived('one')).to.deep.equal(['a@0']);
    await pass(1000);
    expect(arrived('one')).to.deep.equal(['a@0', 'b@1']);
    expect(await left()).to.equal(0);
  });

  it('cuts what is under way to a webhook that was removed', async () => {
    const one = await webhook('one', 'hang');
    await tell(one, 'a', 'b');
    registry.remove(one.id);
    deliverer.drop(one.id);
    await settle();
    expect(arrived('one')).to.deep.equal(['a@0']);
    expect(counts.webhooksFailed).to.equal(0);
  });
});
