import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import { startCloud, type CloudPerson } from '@trunkline/testing';
import { webhooks, type Webhook } from '@trunkline/webhooks';
import { expect } from 'chai';
import { startTarget, type Target } from './target.js';

const plugins = () => [rooms(), messages(), webhooks()] as const;
type StartedCloud = Awaited<ReturnType<typeof startCloud>>;
const join = (cloud: StartedCloud, who: CloudPerson) => cloud.client(who, plugins());
type Person = Awaited<ReturnType<typeof join>>;

describe('webhook targets that fail', () => {
  let folder: string;
  let cloud: StartedCloud;
  let target: Target;
  let good: Target;
  let ana: Person;
  let person: CloudPerson;
  let roomId: string;

  const start = async (limits: object, kept = false, port = 0): Promise<void> => {
    cloud = await startCloud({
      data: kept ? folder : 'memory',
      port,
      logLevel: 'error',
      allowPrivateTargets: true,
      limits: { webhookRetryMs: 4, webhookTimeoutMs: 300, ...limits },
    });
  };
  const begin = async (limits: object = {}, kept = false): Promise<void> => {
    await start(limits, kept);
    person = await cloud.person('ana');
    ana = await join(cloud, person);
    roomId = (await ana.rooms.create({ title: 'Ops' })).id;
  };
  const hook = (to: Target): Promise<Webhook> =>
    ana.webhooks.create({ name: 'hook', targetUrl: to.url, resource: 'messages', event: 'created' });
  const post = async (count: number): Promise<readonly string[]> => {
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) ids.push((await ana.messages.create({ roomId, text: String(n) })).id);
    return ids;
  };
  /** What the target took, in order, without repeated deliveries. */
  const taken = (of: Target): readonly string[] => [...new Set(of.arrivals.map(({ body }) => body.data.id))];
  const inactive = async (one: Webhook): Promise<void> => {
    for (let n = 0; n < 3000; n += 1) {
      if ((await ana.webhooks.get(one)).status === 'inactive') return;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error('it is still active');
  };
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'trunkline-webhooks-'));
    [target, good] = [await startTarget(), await startTarget()];
  });
  afterEach(async () => {
    await cloud.close();
    await Promise.all([target.close(), good.close()]);
    await rm(folder, { recursive: true, force: true });
  });

  it('down, then up: everything arrives, in order', async () => {
    await begin();
    const { port } = new URL(target.url);
    await target.close();
    await hook(target);
    const ids = await post(10);
    target = await startTarget(Number(port));
    await target.next(({ body }) => body.data.id === ids.at(-1));
    expect(taken(target)).to.deep.equal(ids);
  });

  it('500 for ever: it ends, and can be woken', async () => {
    await begin({ webhookGiveUpMs: 60 });
    target.answer((response) => response.writeHead(500).end());
    const one = await hook(target);
    const [first] = await post(3);
    await inactive(one);
    // the first of them, again and again: what follows waits its turn
    expect(taken(target)).to.deep.equal([first]);
    expect(target.arrivals.length).to.be.greaterThan(1);
    target.forget();
    target.answer((response) => response.end());
    await post(1); // while it is inactive: not sent
    await ana.webhooks.update({ ...one, status: 'active' });
    const [told = ''] = await post(1);
    await target.next(({ body }) => body.data.id === told);
    expect(taken(target)).to.deep.equal([told]);
  });

  it('more than 100 refusals in a short time: it ends', async () => {
    await begin();
    target.answer((response) => response.writeHead(403).end());
    const one = await hook(target);
    await post(101);
    await inactive(one);
    expect(target.arrivals).to.have.length(101);
  });

  it('hanging: no one else waits, neither other targets nor the service', async () => {
    await begin({ webhookTimeoutMs: 60_000 });
    target.answer(() => undefined);
    for (let n = 0; n < 20; n += 1) await hook(target);
    await hook(good);
    const ids = await post(5);
    await good.next(({ body }) => body.data.id === ids.at(-1));
    expect(taken(good)).to.deep.equal(ids);
    const before = performance.now();
    await cloud.server.close();
    // not the minute that the target may take
    expect(performance.now() - before).to.be.lessThan(10_000);
  });

  it('hanging, then well: notified again after its time limit', async () => {
    await begin();
    let asked = 0;
    target.answer((response) => {
      asked += 1;
      if (asked > 2) response.end();
    });
    await hook(target);
    const ids = await post(2);
    await target.next(({ body }) => body.data.id === ids[1]);
    expect(target.arrivals.map(({ body }) => body.data.id)).to.deep.equal([ids[0], ids[0], ids[0], ids[1]]);
  });

  it('a body that never ends: the answer counts', async () => {
    await begin();
    target.answer((response) => {
      response.writeHead(200).write('and so on');
    });
    await hook(target);
    const ids = await post(2);
    await target.next(({ body }) => body.data.id === ids[1]);
    expect(target.arrivals.map(({ body }) => body.data.id)).to.deep.equal(ids);
  });

  it('a redirect, also to a private address: not followed, and not tried again', async () => {
    await begin();
    target.answer((response) => response.writeHead(307, { location: good.url }).end());
    await hook(target);
    const ids = await post(2);
    await target.next(({ body }) => body.data.id === ids[1]);
    expect(good.arrivals).to.deep.equal([]);
    expect(target.arrivals.map(({ body }) => body.data.id)).to.deep.equal(ids);
  });

  it('busy: notified again when it asks for it', async () => {
    await begin();
    let asked = 0;
    target.answer((response) => {
      asked += 1;
      if (asked === 1) response.writeHead(429, { 'retry-after': '1' }).end();
      else response.end();
    });
    await hook(target);
    const before = performance.now();
    const ids = await post(2);
    await target.next(({ body }) => body.data.id === ids[1]);
    expect(performance.now() - before).to.be.greaterThan(900);
    expect(taken(target)).to.deep.equal(ids);
  });

  it('a restart of the service in between: nothing is lost, and the order holds', async () => {
    await begin({}, true);
    target.answer((response) => response.writeHead(503).end());
    await ana.webhooks.create({
      name: 'hook',
      targetUrl: target.url,
      resource: 'messages',
      event: 'created',
      secret: 'pepper',
    });
    const ids = [...(await post(5))];
    await target.next();
    const port = Number(new URL(cloud.url).port);
    await cloud.close();
    target.forget();
    target.answer((response) => response.end());
    await start({}, true, port);
    ana = await join(cloud, person);
    ids.push(...(await post(2)));
    await target.next(({ body }) => body.data.id === ids.at(-1));
    expect(taken(target)).to.deep.equal(ids);
    // its secret came through, too
    expect(target.arrivals.at(-1)?.headers['x-spark-signature']).to.match(/^[\da-f]{40}$/);
  });
});
