import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import type { Client } from '@trunkline/core';
import type { CloudPerson } from '@trunkline/testing';
import { expect } from 'chai';
import type { BrowserContext, Page } from 'playwright-core';
import { bundle, receivedIn, leaderAmong, openTab, stage, toldIn, untilHeard, type Stage } from './kit.js';

const texts = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, n) => `m${String(from + n)}`);

describe('one socket for all tabs, in Chromium', function () {
  this.timeout(90_000);
  let world: Stage;
  let ana: CloudPerson;
  let ben: Client<
    readonly [ReturnType<typeof rooms>, ReturnType<typeof messages>, ReturnType<typeof memberships>]
  >;
  let roomId: string;
  let context: BrowserContext;
  let pages: Page[];
  const strangers: { close(): Promise<void> }[] = [];
  before(async function () {
    const found = await stage();
    if (found === undefined) this.skip();
    world = found;
    ben = await world.cloud.client('ben', [rooms(), messages(), memberships()]);
  });
  after(() => (world as Stage | undefined)?.close());
  let tests = 0;
  beforeEach(async () => {
    // a person and a room of its own: a device that a test left behind is not counted in the next one
    ana = await world.cloud.person(`ana${String((tests += 1))}`);
    roomId = (await ben.rooms.create({ title: 'Tabs' })).id;
    await ben.memberships.create({ roomId, personEmail: ana.email });
    context = await world.context();
    pages = [];
  });
  afterEach(async () => {
    for (const page of pages)
      if (!page.isClosed()) await page.evaluate(() => tab.client.close()).catch(() => undefined);
    await context.close();
    for (const stranger of strangers.splice(0)) await stranger.close();
  });
  const open = async (count: number, more: object = {}): Promise<void> => {
    for (let n = 0; n < count; n += 1)
      pages.push(await openTab(world, context, { token: ana.accessToken, ...more }));
  };
  /** What is left when all is said: a socket that was cut or closed may be counted, or missed, a moment longer. */
  const remain = async (sockets: number, devices?: number): Promise<void> => {
    const wanted = [sockets, devices ?? 'any'];
    let found: readonly unknown[] = [];
    for (const deadline = Date.now() + 15_000; Date.now() < deadline;) {
      found = [await world.sockets(), devices === undefined ? 'any' : await world.devices(ana.accessToken)];
      if (found.join() === wanted.join()) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(found).to.deep.equal(wanted);
  };
  const say = async (all: readonly string[]): Promise<void> => {
    for (const text of all) await ben.messages.create({ roomId, text });
  };

  it('three tabs have one device and one socket, and receive each message once', async () => {
    await open(3);
    await remain(1, 1);
    await say(texts(0, 5));
    await untilHeard(pages, 5);
    for (const page of pages) expect(await receivedIn(page)).to.deep.equal(texts(0, 5));
    const urls = await Promise.all(pages.map((page) => page.evaluate(() => tab.client.device?.url)));
    expect(new Set(urls).size).to.equal(1);
    for (const page of pages) await page.evaluate(() => tab.client.close());
    await remain(0, 0);
  });

  for (const [how, count, leave] of [
    ['closes its client', 60, (page: Page) => page.evaluate(() => tab.client.close())],
    ['is closed', 200, (page: Page) => page.close()],
    [
      'crashes',
      200,
      async (page: Page) => {
        const session = await context.newCDPSession(page);
        void session.send('Page.crash').catch(() => undefined);
        await page.waitForEvent('crash');
      },
    ],
  ] as const)
    it(`the leader ${how} during ${String(count)} messages: none is lost or doubled in the others`, async () => {
      await open(3);
      const leader = await leaderAmong(pages);
      const others = pages.filter((page) => page !== leader);
      const said = say(texts(0, count));
      await untilHeard([leader], 25);
      await leave(leader);
      await said;
      await untilHeard(others, count, 40_000);
      for (const page of others) expect(await receivedIn(page)).to.deep.equal(texts(0, count));
      await remain(1, 1);
      for (const page of others) {
        const told = await toldIn(page);
        expect(told.filter((line) => /^(gap|error)/.test(line))).to.deep.equal([]);
        expect(told.filter((line) => line.startsWith('caughtUp'))).to.have.length(1);
      }
    });

  it('a leader that hangs is noticed and deposed, and receives what it missed when it is back', async () => {
    await open(3, { mercury: { pingIntervalMs: 500, pongTimeoutMs: 500 } });
    const leader = await leaderAmong(pages);
    const others = pages.filter((page) => page !== leader);
    const hung = leader.evaluate(() => {
      const until = Date.now() + 6_000;
      while (Date.now() < until);
    });
    await say(texts(0, 20));
    await untilHeard(others, 20, 5_000);
    await hung;
    await untilHeard(pages, 20);
    for (const page of pages) expect(await receivedIn(page)).to.deep.equal(texts(0, 20));
    expect((await toldIn(leader)).filter((line) => line.includes('did not answer'))).to.have.length(1);
    expect((await toldIn(others[0] ?? leader)).concat(await toldIn(others[1] ?? leader)).join()).to.contain(
      'does not answer: this one takes it over',
    );
    await remain(1, 1);
    await say(texts(20, 30));
    await untilHeard(pages, 30);
    for (const page of pages) expect(await receivedIn(page)).to.deep.equal(texts(0, 30));
  });

  it('sockets that are cut are opened again, once for all', async () => {
    await open(3);
    const said = say(texts(0, 60));
    for (let n = 0; n < 3; n += 1) {
      await untilHeard(pages, 10 * (n + 1));
      await world.cloud.fault({ kind: 'drop-sockets', match: { userId: ana.id } });
    }
    await said;
    await untilHeard(pages, 60);
    for (const page of pages) {
      expect(await receivedIn(page)).to.deep.equal(texts(0, 60));
      expect((await toldIn(page)).filter((line) => line.startsWith('gap'))).to.deep.equal([]);
      expect((await toldIn(page)).filter((line) => line.startsWith('caughtUp')).length).to.be.greaterThan(0);
    }
    await remain(1, 1);
  });

  it('with e2ee() each tab gets its own keys over the one socket', async () => {
    const plugins = [rooms(), messages(), memberships(), e2ee()] as const;
    const cara = await world.cloud.client('cara', plugins);
    strangers.push(cara);
    const { id } = await cara.rooms.create({ title: 'Secret tabs' });
    await cara.memberships.create({ roomId: id, personEmail: ana.email });
    await open(3, { encrypted: true });
    for (const text of texts(0, 10)) await cara.messages.create({ roomId: id, text });
    await untilHeard(pages, 10);
    const leader = await leaderAmong(pages);
    const others = pages.filter((page) => page !== leader);
    await leader.close();
    for (const text of texts(10, 20)) await cara.messages.create({ roomId: id, text });
    await others[0]?.evaluate((roomId) => tab.client.messages.create({ roomId, text: 'from a tab' }), id);
    await untilHeard(others, 21);
    for (const page of others) {
      expect(await receivedIn(page)).to.deep.equal([...texts(0, 20), 'from a tab']);
      expect((await toldIn(page)).filter((line) => /^(warn|error)/.test(line))).to.deep.equal([]);
    }
  });

  it('other people in the same browser have a socket of their own', async () => {
    const dora = await world.cloud.person('dora');
    await open(2);
    pages.push(await openTab(world, context, { token: dora.accessToken }));
    await remain(2);
    await say(texts(0, 3));
    await untilHeard(pages.slice(0, 2), 3);
    expect(await receivedIn(pages[2] as Page)).to.deep.equal([]);
  });

  it('a leader that disconnects serves the others, and receives what it missed when it connects again', async () => {
    await open(3);
    const leader = await leaderAmong(pages);
    await leader.evaluate(() => tab.client.disconnect());
    await say(texts(0, 5));
    await untilHeard(
      pages.filter((page) => page !== leader),
      5,
    );
    expect(await receivedIn(leader)).to.deep.equal([]);
    await leader.evaluate(() => tab.client.connect());
    await untilHeard(pages, 5);
    for (const page of pages) expect(await receivedIn(page)).to.deep.equal(texts(0, 5));
    await remain(1);
  });

  it('without Web Locks each tab has its own socket, and says so', async () => {
    await context.addInitScript(() => {
      Object.defineProperty(navigator, 'locks', { value: undefined });
    });
    await open(2);
    await remain(2, 2);
    expect((await toldIn(pages[0] as Page)).join()).to.contain('this client has its own');
  });

  it('leaders that go one after the other leave nothing out', async () => {
    await open(4);
    const said = say(texts(0, 120));
    const still = [...pages];
    for (let n = 0; n < 3; n += 1) {
      await untilHeard(still, 25 * (n + 1));
      await still.splice(0, 1)[0]?.close(); // they lead in the order in which they came
    }
    await said;
    await untilHeard(still, 120, 40_000);
    for (const page of still) expect(await receivedIn(page)).to.deep.equal(texts(0, 120));
    await remain(1, 1);
  });

  it('a page that is loaded again is a tab like the others', async () => {
    await open(2);
    const [first, second] = pages as [Page, Page];
    const said = say(texts(0, 40));
    await untilHeard([second], 10);
    await first.reload();
    await said;
    await untilHeard([second], 40);
    expect(await receivedIn(second)).to.deep.equal(texts(0, 40));
    await remain(1);
  });

  it('who does not ask for it has none of it in the bundle', async () => {
    const without = await bundle(`export { createClient } from '@trunkline/core';`);
    const whole = await bundle(`export { createClient, sharedSocket } from '@trunkline/core';`);
    for (const word of ['BroadcastChannel', 'this tab keeps'])
      expect([whole.includes(word), without.includes(word)]).to.deep.equal([true, false]);
  });
});
