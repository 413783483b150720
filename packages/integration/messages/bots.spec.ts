import { memberships } from '@trunkline/memberships';
import { e2ee } from '@trunkline/encryption';
import { messages } from '@trunkline/messages';
import { people } from '@trunkline/people';
import { rooms } from '@trunkline/rooms';
import { nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';

describe('a bot of a test cloud', () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await startCloud();
  });
  after(() => cloud.close());

  const scene = async (name: string, encrypted: boolean) => {
    const robot = await cloud.person(name, { roles: ['bot'], displayName: 'Helper' });
    const engine = () => (encrypted ? [e2ee()] : []);
    const bot = await cloud.client(robot, [messages(), people(), ...engine()]);
    const ana = await cloud.client('ana', [rooms(), memberships(), messages(), ...engine()]);
    await bot.messages.listen();
    const room = await ana.rooms.create({ title: 'Launch' });
    await ana.memberships.create({ roomId: room.id, personEmail: robot.email });
    return { bot, ana, roomId: room.id, email: robot.email };
  };

  it('has the role that it was created with, is the same at the next call, and has its own name (H3)', async () => {
    const first = await cloud.person('robot', { roles: ['bot'], displayName: 'Robot One' });
    expect(await cloud.person('robot')).to.equal(first);
    const client = await cloud.client('robot', [people()]);
    expect(await client.people.me()).to.include({ type: 'bot', displayName: 'Robot One' });
    const other = await cloud.client('ana', [people()]);
    expect(await other.people.me()).to.include({ type: 'person' });
  });

  it('receives of a group only what mentions it, and everything of a direct room (H3)', async () => {
    const { bot, ana, roomId, email } = await scene('plain', false);
    const seen: (string | undefined)[] = [];
    bot.messages.on('created', ({ text }) => seen.push(text));
    await ana.messages.create({ roomId, text: 'not for the bot' });
    const mention = nextEvent(bot.messages, 'created', { where: ({ text = '' }) => text.includes('time') });
    await ana.messages.create({ roomId, markdown: `<@personEmail:${email}|Helper> time` });
    expect((await mention).text).to.equal('Helper time');
    const direct = nextEvent(bot.messages, 'created', { where: ({ text }) => text === 'hello' });
    await ana.messages.create({ toPersonEmail: email, text: 'hello' });
    await direct;
    expect(seen).to.deep.equal(['Helper time', 'hello']);
  });

  it('with e2ee() also gets what does not mention it, as the guide says (H3)', async () => {
    const { bot, ana, roomId, email } = await scene('sealed', true);
    const me = await bot.people.me();
    const seen: [string | undefined, boolean][] = [];
    bot.messages.on('created', ({ text, mentionedPeople = [] }) =>
      seen.push([text, mentionedPeople.includes(me.id)]),
    );
    await ana.messages.create({ roomId, text: 'not for the bot' });
    const mention = nextEvent(bot.messages, 'created', { where: ({ text = '' }) => text.includes('time') });
    await ana.messages.create({ roomId, markdown: `<@personEmail:${email}|Helper> time` });
    await mention;
    expect(seen).to.deep.equal([
      ['not for the bot', false],
      ['Helper time', true],
    ]);
  });
});
