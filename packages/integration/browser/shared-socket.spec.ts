import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import type { Client } from '@trunkline/core';
import type { CloudPerson } from '@trunkline/testing';
import { expect } from 'chai';
import type { BrowserContext, Page } from 'playwright-core';
import { heardIn, leaderAmong, openTab, stage, toldIn, untilHeard, type Stage } from './kit.js';

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
  before(async function () {
    const found = await stage();
    if (found === undefined) this.skip();
    world = found;
    ana = await world.cloud.person('ana');
    ben = await world.cloud.client('ben', [rooms(), messages(), memberships()]);
    roomId = (await ben.rooms.create({ title: 'Tabs' })).id;
    await ben.memberships.create({ roomId, personEmail: ana.email });
  });
  after(() => (world as Stage | undefined)?.close());
  beforeEach(async () => {
    context = await world.context();
    pages = [];
  });
  afterEach(async () => {
    for (const page of pages)
      if (!page.isClosed()) await page.evaluate(() => tab.client.close()).catch(() => undefined);
    await context.close();
  });
  const open = async (count: number, more: object = {}): Promise<void> => {
    for (let n = 0; n < count; n += 1)
      pages.push(await openTab(world, context, { token: ana.accessToken, ...more }));
  };
  const say = async (all: readonly string[]): Promise<void> => {
    for (const text of all) await ben.messages.create({ roomId, text });
  };

  it('three tabs have one device and one socket, and hear each message once', async () => {
    await open(3);
    expect([await world.sockets(), await world.devices(ana.accessToken)]).to.deep.equal([1, 1]);
    await say(texts(0, 5));
    await untilHeard(pages, 5);
    for (const page of pages) expect(await heardIn(page)).to.deep.equal(texts(0, 5));
    const urls = await Promise.all(pages.map((page) => page.evaluate(() => tab.client.device?.url)));
    expect(new Set(urls).size).to.equal(1);
    for (const page of pages) await page.evaluate(() => tab.client.close());
    expect([await world.sockets(), await world.devices(ana.accessToken)]).to.deep.equal([0, 0]);
  });

  for (const [how, leave] of [
    ['closes its client', (page: Page) => page.evaluate(() => tab.client.close())],
    ['is closed', (page: Page) => page.close()],
    [
      'crashes',
      async (page: Page) => {
        const session = await context.newCDPSession(page);
        void session.send('Page.crash').catch(() => undefined);
        await page.waitForEvent('crash');
      },
    ],
  ] as const)
    it(`the leader ${how} amid 200 messages: none is lost or doubled in the others`, async () => {
      await open(3);
      const leader = await leaderAmong(pages);
      const others = pages.filter((page) => page !== leader);
      const said = say(texts(0, 200));
      await untilHeard([leader], 60);
      await leave(leader);
      await said;
      await untilHeard(others, 200, 40_000);
      for (const page of others) expect(await heardIn(page)).to.deep.equal(texts(0, 200));
      expect([await world.sockets(), await world.devices(ana.accessToken)]).to.deep.equal([1, 1]);
      for (const page of others) {
        const told = await toldIn(page);
        expect(told.filter((line) => /^(gap|error)/.test(line))).to.deep.equal([]);
        expect(told.filter((line) => line.startsWith('caughtUp'))).to.have.length(1);
      }
    });
});
