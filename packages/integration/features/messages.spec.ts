// Rows of the list of capabilities (docs/guides/capabilities.md): what is said, and who has read it.
import { nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { decodeId } from '@trunkline/wire';
import { expect } from 'chai';
import { all, refusal } from '../kit/members.js';
import { leave, meet, roomOf, type Somebody } from './kit.js';

describe('capabilities: messages', () => {
  let cloud: Cloud;
  let ana: Somebody;
  let ben: Somebody;
  let cleo: Somebody;
  let roomId: string;
  before(async () => {
    cloud = await startCloud();
    [ana, ben, cleo] = await meet(cloud, 'ana', 'ben', 'cleo');
  });
  beforeEach(async () => {
    roomId = (await roomOf(ana, 'Talk', 'ben')).id;
  });
  after(() => leave(cloud, ana, ben, cleo));

  it('row 18: a message is sent, as text, as markdown, encrypted or in clear, and arrives', async () => {
    for (const [words, arrives] of [
      [{ text: 'plain' }, { text: 'plain' }],
      [{ markdown: 'very **bold**' }, { text: 'very bold', html: 'very <strong>bold</strong>' }],
      [
        { markdown: 'in **clear**', encrypted: false },
        { text: 'in clear', html: 'in <strong>clear</strong>' },
      ],
    ] as const) {
      const received = nextEvent(ben.messages, 'created');
      const sent = await ana.messages.create({ roomId, ...words });
      const event = await received;
      expect(event).to.include({ id: sent.id, roomId, personEmail: 'ana@example.com', text: arrives.text });
      if ('html' in arrives) expect(event.html).to.include('<strong>');
    }
  });

  it('row 19: a message is edited and taken back, also at who has it on the screen', async () => {
    const sent = await ana.messages.create({ roomId, text: 'five o’clock' });
    const edited = nextEvent(ben.messages, 'updated');
    await ana.messages.update(sent, { text: 'six o’clock' });
    expect(await edited).to.include({ id: sent.id, text: 'six o’clock' });
    expect((await ben.messages.get(sent)).text).to.equal('six o’clock');
    expect((await refusal(ben.messages.update(sent, { text: 'never' }))).code).to.equal('ERR_FORBIDDEN');
    const deleted = nextEvent(ben.messages, 'deleted');
    await ana.messages.remove(sent);
    expect((await deleted).id).to.equal(sent.id);
    expect((await refusal(ben.messages.get(sent))).code).to.equal('ERR_NOT_FOUND');
  });

  it('row 20: what was said before is read page by page, also by who came later', async () => {
    for (const text of ['1', '2', '3', '4', '5']) await ana.messages.create({ roomId, text });
    await ana.memberships.create({ roomId, personEmail: 'cleo@example.com' });
    const list = cleo.messages.list({ roomId, max: 2 });
    const first = await list.page();
    expect(first.items.map(({ text }) => text)).to.deep.equal(['5', '4']);
    expect(first.hasNext).to.equal(true);
    expect((await all(list)).map(({ text }) => text)).to.deep.equal(['5', '4', '3', '2', '1']);
    const beforeMessage = first.items[1]?.id ?? '';
    const older = await cleo.messages.list({ roomId, beforeMessage }).page();
    expect(older.items.map(({ text }) => text)).to.deep.equal(['3', '2', '1']);
    expect((await cleo.messages.get(beforeMessage)).text).to.equal('4');
  });

  it('row 21: an answer stands below what it answers', async () => {
    const root = await ana.messages.create({ roomId, text: 'Lunch?' });
    await ana.messages.create({ roomId, text: 'something else' });
    const received = nextEvent(ana.messages, 'created', { where: ({ parentId }) => parentId !== undefined });
    await ben.messages.create({ roomId, parentId: root.id, text: 'Noon' });
    expect(await received).to.include({ parentId: root.id, text: 'Noon' });
    const answers = await all(ana.messages.list({ roomId, parentId: root.id }));
    expect(answers.map(({ text }) => text)).to.deep.equal(['Noon']);
    const room = decodeId(roomId)?.local ?? '';
    const { items } = await ana.conversation.listThreaded(room).page();
    expect(items.map(({ activity, replies }) => [activity.object.displayName, replies.length])).to.deep.equal(
      [
        ['Lunch?', 1],
        ['something else', 0],
      ],
    );
  });

  it('row 22: a new message arrives at once for every member of the room and for no one else', async () => {
    const outsider: unknown[] = [];
    cleo.messages.on('created', (message) => outsider.push(message));
    const received = Promise.all([ana, ben].map((who) => nextEvent(who.messages, 'created')));
    const { id } = await ana.messages.create({ roomId, text: 'now' });
    for (const event of await received) expect(event).to.include({ id, text: 'now', roomType: 'group' });
    const direct = nextEvent(cleo.messages, 'created'); // the next that is for Cleo is her own
    await ben.messages.create({ toPersonEmail: 'cleo@example.com', text: 'for you' });
    expect((await direct).text).to.equal('for you');
    expect(outsider).to.have.length(1);
  });

  it('row 23: who has read how far is said, and seen by the others', async () => {
    const sent = await ana.messages.create({ roomId, text: 'read this' });
    const { lastSeenActivityDate: before } = await ben.rooms.getWithReadStatus(roomId);
    expect(Date.parse(before)).to.be.lessThan(Date.parse(sent.created));
    const seen = nextEvent(ana.memberships, 'seen');
    await ben.memberships.updateLastSeen(sent);
    const { id: personId } = await ben.people.me();
    expect(await seen).to.include({ roomId, personId, lastSeenId: sent.id });
    const { items } = await ana.memberships.listWithReadStatus({ roomId });
    const status = items.find((item) => item.personId === personId);
    expect(status).to.include({ lastSeenId: sent.id, lastSeenDate: sent.created });
    expect((await ben.rooms.getWithReadStatus(roomId)).lastSeenActivityDate).to.equal(sent.created);
  });

  it('row 24: people are mentioned, one by one and all, and find where', async () => {
    await ana.memberships.create({ roomId, personEmail: 'cleo@example.com' });
    const { id: benId } = await ben.people.me();
    const received = nextEvent(ben.messages, 'created');
    const sent = await ana.messages.create({
      roomId,
      markdown: `<@personId:${benId}|Ben>, look at **this**`,
    });
    expect((await received).mentionedPeople).to.deep.equal([benId]);
    const toAll = nextEvent(cleo.messages, 'created', {
      where: ({ text }) => text?.includes('come') === true,
    });
    const everybody = await ana.messages.create({ roomId, markdown: '<@all> come' });
    expect((await toAll).mentionedGroups).to.deep.equal(['all']);
    const forBen = await all(ben.messages.list({ roomId, mentionedPeople: 'me' }));
    expect(forBen.map(({ id }) => id)).to.include(sent.id);
    const forCleo = await all(cleo.messages.list({ roomId, mentionedPeople: 'me' }));
    expect(forCleo.map(({ id }) => id)).not.to.include(sent.id);
    const mentions = await all(ben.conversation.listMentions());
    expect(mentions.map(({ id }) => id)).to.include(decodeId(sent.id)?.local);
    expect(everybody.mentionedPeople ?? []).to.deep.equal([]);
  });
});
