import { startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { join, part, type Member } from '../kit/members.js';
import { until } from '../kit/until.js';
import { start, type Program } from './program.js';

describe('the sample bot', () => {
  let cloud: Cloud;
  let ana: Member;
  let bot: Program;
  const received: { readonly text?: string; readonly parentId?: string }[] = [];
  before(async () => {
    cloud = await startCloud();
    [ana] = await join(cloud, 'e2ee', ['ana']);
    const { accessToken } = await cloud.person('robo');
    bot = await start('bot/bot.mjs', { SERVICE: cloud.url, TOKEN: accessToken });
    ana.messages.on('created', (message) => void received.push(message));
  });
  after(() => part(cloud, ana));

  const answerTo = async (id: string): Promise<string | undefined> => {
    await until(
      () => received.some(({ parentId }) => parentId === id),
      () => `no answer to ${id}`,
    );
    return received.find(({ parentId }) => parentId === id)?.text;
  };

  it('says that it listens', () => {
    expect(bot.firstLine).to.equal('Robo listens');
  });
  it('answers who speaks to it alone', async () => {
    const { id } = await ana.messages.create({ toPersonEmail: 'robo@example.com', text: 'hello' });
    expect(await answerTo(id)).to.equal('You said: hello');
  });
  it('answers a mention in a room, and nothing else there', async () => {
    const { id: roomId } = await ana.rooms.create({ title: 'Robots' });
    await ana.memberships.create({ roomId, personEmail: 'robo@example.com' });
    const plain = await ana.messages.create({ roomId, text: 'not for you' });
    const markdown = '<@personEmail:robo@example.com|Robo> time';
    const { id } = await ana.messages.create({ roomId, markdown });
    expect(await answerTo(id)).to.match(/^It is \d{4}-/);
    expect(received.filter(({ parentId }) => parentId === plain.id)).to.deep.equal([]);
  });
  it('ends when it is asked to', async () => {
    expect(await bot.end()).to.equal(0);
  });
});
