import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { startCloud, type Cloud } from '@trunkline/testing';
import type { WireActivity } from '@trunkline/wire';
import { expect } from 'chai';

describe('tags that someone set for themselves', () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await startCloud();
  });
  after(() => cloud.close());

  it('bring a hidden room of two back when the other writes, and the event says so', async () => {
    const [ana, ben] = await cloud.clients(['ana', 'ben'], () => [messages(), memberships(), ...e2ee()]);
    const received: WireActivity[] = [];
    ben.conversation.onActivity((activity) => void received.push(activity));
    await ben.connect();
    const { roomId } = await ana.messages.create({ toPersonEmail: 'ben@example.com', text: 'one' });
    const { items } = await ben.memberships.list({ roomId }).page();
    const mine = items.find(({ personEmail }) => personEmail === 'ben@example.com');
    await ben.memberships.update({ id: mine?.id ?? '', isRoomHidden: true });
    const second = new Promise<void>((resolve) => {
      ben.messages.on('created', ({ text }) => {
        if (text === 'two') resolve();
      });
    });
    await ana.messages.create({ toPersonEmail: 'ben@example.com', text: 'two' });
    await second;
    const posts = received.filter(({ verb }) => verb === 'post');
    expect(posts.at(-1)?.target?.tags).to.deep.equal(['ONE_ON_ONE']);
    expect((await ben.memberships.get(mine?.id ?? '')).isRoomHidden).to.equal(false);
  });

  it('are on every later event, for that person only', async () => {
    const [cleo, dana] = await cloud.clients(['cleo', 'dana'], () => [messages(), memberships(), ...e2ee()]);
    const tags: Record<string, readonly string[]> = {};
    const received = (name: string, client: typeof cleo, text: string) =>
      new Promise<void>((resolve) => {
        client.conversation.onActivity(({ verb, object, target }) => {
          if (verb !== 'post' || object.displayName !== text) return;
          tags[name] = target?.tags ?? [];
          resolve();
        });
      });
    await Promise.all([cleo.connect(), dana.connect()]);
    const { id } = await cleo.conversation.create({
      participants: [(await cloud.person('dana')).id],
      title: 'Muted',
      forceGrouped: true,
    });
    const before = [received('cleo', cleo, 'one'), received('dana', dana, 'one')];
    await cleo.conversation.post(id, { text: 'one' });
    await Promise.all(before);
    expect(tags).to.deep.equal({ cleo: [], dana: [] });
    const actor = (await cloud.person('dana')).id;
    await dana.request({
      method: 'POST',
      service: 'conversation',
      path: `conversations/${id}/activities`,
      body: {
        verb: 'mute',
        objectType: 'activity',
        actor: { objectType: 'person', id: actor },
        object: { objectType: 'conversation', id },
        target: { objectType: 'conversation', id },
      },
    });
    const after = [received('cleo', cleo, 'two'), received('dana', dana, 'two')];
    await cleo.conversation.post(id, { text: 'two' });
    await Promise.all(after);
    expect(tags).to.deep.equal({ cleo: [], dana: ['MUTED'] });
  });
});
