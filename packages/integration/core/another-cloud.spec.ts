import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import { expectQuiet, nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { startProxy, type AnyFrame, type Proxy } from './proxy.js';

const plugins = () => [rooms(), messages(), memberships(), e2ee()] as const;
const quick = { mercury: { backoffBaseMs: 20, backoffMaxMs: 100 } } as const;

/** As a service that forgets what it sent: nothing is sent again after a reconnect, nor does it say that it would be. */
function forgetful(frame: AnyFrame): AnyFrame | undefined {
  if (frame.redelivered === true) return undefined;
  if (frame.data?.eventType === 'mercury.buffer_state') {
    delete frame.data['replayed'];
    delete frame.data['lost'];
    frame.data['bufferState'] = 'NEW';
  }
  return frame;
}

describe('a cloud that sends nothing again', function () {
  this.timeout(15_000);
  let cloud: Cloud;
  let proxy: Proxy;
  before(async () => {
    cloud = await startCloud();
    proxy = await startProxy(cloud.url, { frame: forgetful });
  });
  after(async () => {
    await cloud.close();
    await proxy.close();
  });

  it('is asked for what was missed: each message once, in order, and the app learns how many', async () => {
    const ana = await cloud.client('ana', plugins());
    const ben = await cloud.client('ben', plugins(), { service: proxy.url, config: quick });
    const received: string[] = [];
    const gaps: unknown[] = [];
    ben.messages.on('created', ({ text, roomId }) => received.push(`${roomId} ${text ?? ''}`));
    ben.messages.on('updated', ({ text, roomId }) => received.push(`${roomId} edited ${text ?? ''}`));
    ben.socket.on('gap', (gap) => gaps.push(gap));
    await ben.messages.listen();
    const roomIds: string[] = [];
    for (const title of ['One', 'Two']) {
      const { id } = await ana.rooms.create({ title });
      await ana.memberships.create({ roomId: id, personEmail: 'ben@example.com' });
      roomIds.push(id);
    }
    const [one = '', two = ''] = roomIds;
    const expected: string[] = [];
    const say = async (roomId: string, text: string): Promise<string> => {
      expected.push(`${roomId} ${text}`);
      return (await ana.messages.create({ roomId, text })).id;
    };
    const person = await cloud.person('ben');

    const first = nextEvent(ben.messages, 'created');
    await say(one, 'before');
    await first;
    for (const round of ['a', 'b', 'c']) {
      const lift = await cloud.fault({ kind: 'refuse-sockets', match: { userId: person.id } });
      const waiting = nextEvent(ben.socket, 'state', { where: ({ to }) => to === 'waiting' });
      expect(proxy.drop()).to.be.greaterThan(0);
      await waiting;
      for (let n = 0; n < 4; n += 1) {
        await say(one, `${round}${String(n)}`);
        await say(two, `${round}${String(n)}`);
      }
      const caughtUp = nextEvent(ben.socket, 'caughtUp');
      await lift();
      // every activity counts that was missed: here only messages were
      expect((await caughtUp).missed).to.equal(8);
    }
    const last = nextEvent(ben.messages, 'created', { where: ({ text }) => text === 'after' });
    await say(two, 'after');
    await last;
    for (const roomId of [one, two])
      expect(received.filter((what) => what.startsWith(roomId))).to.deep.equal(
        expected.filter((what) => what.startsWith(roomId)),
      );
    expect(gaps).to.deep.equal([]);
    await Promise.all([ana.close(), ben.close()]);
    await expectQuiet(ben);
  });

  it('in a room that one was added to meanwhile, too, while messages go on', async () => {
    const ana = await cloud.client('cleo', plugins());
    const ben = await cloud.client('dan', plugins(), { service: proxy.url, config: quick });
    const received: string[] = [];
    ben.messages.on('created', ({ text }) => received.push(text ?? ''));
    await ben.messages.listen();
    const person = await cloud.person('dan');
    const lift = await cloud.fault({ kind: 'refuse-sockets', match: { userId: person.id } });
    const waiting = nextEvent(ben.socket, 'state', { where: ({ to }) => to === 'waiting' });
    proxy.drop();
    await waiting;
    const { id: roomId } = await ana.rooms.create({ title: 'New' });
    await ana.memberships.create({ roomId, personEmail: 'dan@example.com' });
    const expected: string[] = [];
    const say = async (text: string): Promise<void> => {
      expected.push(text);
      await ana.messages.create({ roomId, text });
    };
    for (let n = 0; n < 5; n += 1) await say(`away ${String(n)}`);
    const caughtUp = nextEvent(ben.socket, 'caughtUp');
    const last = nextEvent(ben.messages, 'created', { where: ({ text }) => text === 'back 9' });
    await lift();
    for (let n = 0; n < 10; n += 1) await say(`back ${String(n)}`);
    await Promise.all([caughtUp, last]);
    expect(received).to.deep.equal(expected);
    await Promise.all([ana.close(), ben.close()]);
    await expectQuiet(ben);
  });

  it('without an engine that can ask, the app is notified of the gap', async () => {
    const ben = await cloud.client('eve', [rooms(), messages()] as const, {
      service: proxy.url,
      config: quick,
    });
    await ben.messages.listen();
    const gap = nextEvent(ben.socket, 'gap');
    proxy.drop();
    const { sinceMs, untilMs, lost } = await gap;
    expect(untilMs).to.be.at.least(sinceMs);
    expect(lost).to.equal(undefined);
    await ben.close();
    await expectQuiet(ben);
  });
});
