import { nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { decodeId, encodeId } from '@trunkline/wire';
import { expect } from 'chai';
import { all, join, modes, part, refusal, roomOf, type Member } from '../kit/members.js';

const nowhere = '00000000-0000-4000-8000-000000000000';
const card = {
  contentType: 'application/vnd.microsoft.card.adaptive',
  content: { type: 'AdaptiveCard', version: '1.3', body: [{ type: 'TextBlock', text: 'Lunch?' }] },
};

for (const mode of modes)
  describe(`messages, ${mode}`, () => {
    let cloud: Cloud;
    let ana: Member;
    let ben: Member;
    let roomId: string;
    before(async () => {
      cloud = await startCloud();
      [ana, ben] = await join(cloud, mode, ['ana', 'ben']);
      roomId = (await roomOf(ana, 'ben@example.com')).id;
    });
    after(() => part(cloud, ana, ben));

    it('in plain words arrive as they were written, at both', async () => {
      const text = 'Grüße, 世界 👋 <b>not bold</b> & "quoted"\nsecond line';
      const received = Promise.all([ana, ben].map((client) => nextEvent(client.messages, 'created')));
      const sent = await ana.messages.create({ roomId, text });
      const { id: personId } = await ana.people.me();
      const expected = {
        id: sent.id,
        roomId,
        roomType: 'group',
        text,
        personId,
        personEmail: 'ana@example.com',
      };
      expect(sent).to.include(expected);
      expect(sent).not.to.have.property('html');
      for (const event of await received) expect(event).to.include({ ...expected, created: sent.created });
      for (const given of [sent, sent.id, decodeId(sent.id)?.local ?? ''])
        expect(await ben.messages.get(given)).to.include(expected);
    });

    it('in markdown arrive as safe HTML', async () => {
      const received = nextEvent(ben.messages, 'created');
      const markdown =
        '**bold** _soft_ `code` [site](https://example.com/?a=1&b=2) <img src=x onerror=alert(1)>';
      await ana.messages.create({ roomId, markdown });
      const { html = '', id } = await received;
      expect(html).to.contain('<strong>bold</strong>').and.contain('<em>soft</em>');
      expect(html)
        .to.contain('<code>code</code>')
        .and.contain('<a href="https://example.com/?a=1&amp;b=2">site</a>');
      expect(html).not.to.contain('<img');
      const fetched = await ben.messages.get(id);
      expect(fetched.html).to.contain('<strong>bold</strong>').and.not.contain('<img');
      expect(fetched.text).to.contain('bold').and.contain('code');
    });

    it('mention people by id and by address, and everybody', async () => {
      const [anaPerson, benPerson] = await Promise.all([ana.people.me(), ben.people.me()]);
      const markdown = `<@personEmail:ben@example.com|Benny> and <@personId:${anaPerson.id}|A> and <@all> and <@personEmail:no@example.com|No one>`;
      const received = nextEvent(ben.messages, 'created');
      const sent = await ana.messages.create({ roomId, markdown });
      for (const message of [sent, await received, await ben.messages.get(sent.id)]) {
        expect(message.mentionedPeople).to.have.members([benPerson.id, anaPerson.id]);
        expect(message.mentionedGroups).to.deep.equal(['all']);
        expect(message.html).to.contain(`data-object-id="${benPerson.id}">Benny</spark-mention>`);
        expect(message.html).to.contain(`data-object-id="${anaPerson.id}">A</spark-mention>`);
        expect(message.html).to.contain('data-group-type="all">All</spark-mention>');
        expect(message.html).to.contain('No one').and.not.contain('no@example.com');
      }
      await ana.messages.create({ roomId, text: 'no one is meant' });
      const unlabelled = `<@personId:${benPerson.id}>, <@personEmail:ana@example.com>: **now**`;
      const named = await ana.messages.create({ roomId, markdown: unlabelled });
      expect(named).to.include({ text: 'Ben, Ana: now' });
      expect(named.html).to.contain(`data-object-id="${benPerson.id}">Ben</spark-mention>`);
      // the newest words say who is meant
      await ana.messages.update(named.id, { roomId, text: 'never mind' });
      const mine = await all(ben.messages.list({ roomId, mentionedPeople: 'me' }));
      expect(mine.map(({ id }) => id)).to.deep.equal([sent.id]);
    });

    it('answer others in threads, one deep', async () => {
      const root = await ana.messages.create({ roomId, text: 'a question' });
      const received = nextEvent(ana.messages, 'created', { where: ({ text }) => text === 'an answer' });
      const answer = await ben.messages.create({ roomId, text: 'an answer', parentId: root.id });
      const second = await ana.messages.create({
        roomId,
        text: 'another',
        parentId: decodeId(root.id)?.local ?? '',
      });
      expect(answer.parentId).to.equal(root.id);
      expect(second.parentId).to.equal(root.id);
      expect((await received).parentId).to.equal(root.id);
      const answers = await all(ana.messages.list({ roomId, parentId: root.id, max: 1 }));
      expect(answers.map(({ text }) => text)).to.deep.equal(['another', 'an answer']);
      const deeper = refusal(ana.messages.create({ roomId, text: 'deeper', parentId: answer.id }));
      expect((await deeper).code).to.equal('ERR_BAD_REQUEST');
      const lost = refusal(ana.messages.create({ roomId, text: 'lost', parentId: nowhere }));
      expect((await lost).code).to.equal('ERR_NOT_FOUND');
    });

    it('change: the others receive new content of the same message', async () => {
      const sent = await ana.messages.create({ roomId, text: 'frist' });
      const received = nextEvent(ben.messages, 'updated');
      const edited = await ana.messages.update(sent.id, { roomId, markdown: '**first**' });
      const event = await received;
      for (const message of [edited, event, await ben.messages.get(sent.id)]) {
        expect(message).to.include({ id: sent.id, roomId, created: sent.created });
        expect(message.html).to.contain('<strong>first</strong>');
        expect(Date.parse(message.updated ?? '')).to.be.greaterThan(Date.parse(sent.created));
      }
      const again = nextEvent(ben.messages, 'updated');
      const fetched = await ana.messages.get(sent);
      await ana.messages.update({ ...fetched, text: 'second', markdown: '_second_' });
      expect(await again).to.include({ id: sent.id, text: 'second' });
      const listed = await all(ben.messages.list({ roomId, max: 3 }));
      expect(listed.filter(({ id }) => id === sent.id).map(({ text }) => text)).to.deep.equal(['second']);
      const others = refusal(ben.messages.update(sent.id, { roomId, text: 'mine' }));
      expect((await others).code).to.equal('ERR_FORBIDDEN');
    });

    it('are removed: the others receive who did it, and nothing of them is left', async () => {
      const sent = await ana.messages.create({ roomId, text: 'oops' });
      expect((await refusal(ben.messages.remove(sent))).code).to.equal('ERR_FORBIDDEN');
      const received = nextEvent(ben.messages, 'deleted');
      await ana.messages.remove(decodeId(sent.id)?.local ?? '');
      const { id: personId } = await ana.people.me();
      expect(await received).to.deep.equal({
        id: sent.id,
        roomId,
        roomType: 'group',
        personId,
        personEmail: 'ana@example.com',
      });
      expect((await refusal(ben.messages.get(sent))).code).to.equal('ERR_NOT_FOUND');
      expect((await refusal(ana.messages.remove(sent))).code).to.equal('ERR_NOT_FOUND');
      const edit = refusal(ana.messages.update(sent.id, { roomId, text: 'no' }));
      expect((await edit).code).to.equal(mode === 'rest' ? 'ERR_NOT_FOUND' : 'ERR_BAD_REQUEST');
      expect((await all(ben.messages.list({ roomId }))).map(({ id }) => id)).not.to.include(sent.id);
    });

    it('are listed newest first, page by page, before a date or a message', async () => {
      const room = await roomOf(ana, 'ben@example.com');
      const sent: { readonly id: string; readonly created: string }[] = [];
      for (let n = 0; n < 7; n += 1)
        sent.push(await ana.messages.create({ roomId: room.id, text: String(n) }));
      const texts = async (query: object): Promise<string> =>
        (await all(ben.messages.list({ roomId: room.id, ...query }))).map(({ text }) => text).join('');
      expect(await texts({})).to.equal('6543210');
      expect(await texts({ max: 3 })).to.equal('6543210');
      expect(await texts({ max: 2, beforeMessage: sent[5]?.id })).to.equal('43210');
      expect(await texts({ beforeMessage: decodeId(sent[2]?.id ?? '')?.local })).to.equal('10');
      expect(await texts({ max: 1, before: sent[3]?.created })).to.equal('210');
      expect(await texts({ before: sent[0]?.created })).to.equal('');
      const page = await ben.messages.list({ roomId: room.id, max: 7 }).page();
      expect([page.items.length, page.hasNext]).to.deep.equal([7, false]);
      expect((await refusal(page.next())).code).to.equal('ERR_ARGUMENT');

      const stop = new AbortController();
      const reason = new Error('enough');
      let count = 0;
      let thrown: unknown;
      try {
        for await (const { text } of ben.messages.list(
          { roomId: room.id, max: 2 },
          { signal: stop.signal },
        )) {
          count += 1;
          if (text === '5') stop.abort(reason);
        }
      } catch (error) {
        thrown = error;
      }
      expect(thrown).to.equal(reason);
      expect(count).to.equal(2);
    });

    it('go to one person by address and by id, into one room', async () => {
      const [anaPerson, benPerson] = await Promise.all([cloud.person('ana'), cloud.person('ben')]);
      const received = nextEvent(ben.messages, 'created');
      const first = await ana.messages.create({ toPersonEmail: 'Ben@example.com', text: 'by address' });
      expect(first.roomType).to.equal('direct');
      expect(await received).to.include({
        id: first.id,
        text: 'by address',
        roomType: 'direct',
        roomId: first.roomId,
      });
      const second = await ana.messages.create({ toPersonId: benPerson.id, text: 'by uuid' });
      const publicId = encodeId('PEOPLE', anaPerson.id);
      const third = await ben.messages.create({ toPersonId: publicId, markdown: '*back*', text: 'back' });
      expect([second.roomId, third.roomId]).to.deep.equal([first.roomId, first.roomId]);

      const mine = await all(ana.messages.listDirect({ personEmail: 'ben@example.com' }));
      expect(mine.map(({ text }) => text)).to.deep.equal(['back', 'by uuid', 'by address']);
      expect(await all(ben.messages.listDirect({ personId: publicId }))).to.deep.equal(mine);
      await cloud.person('cleo');
      const none = ana.messages.listDirect({ personEmail: 'cleo@example.com' }).page();
      expect((await refusal(none)).code).to.equal('ERR_NOT_FOUND');
    });

    it('are no one else’s', async () => {
      const [eve] = await join(cloud, mode, [`eve-${mode}`]);
      const received: string[] = [];
      eve.messages.on('created', ({ text }) => received.push(text ?? ''));
      eve.messages.on('deleted', ({ id }) => received.push(id));
      const message = await ana.messages.create({ roomId, text: 'between us' });
      for (const attempt of [
        () => eve.messages.get(message.id),
        () => eve.messages.list({ roomId }).page(),
        () => eve.messages.create({ roomId, text: 'me too' }),
        () => eve.messages.update(message.id, { roomId, text: 'mine now' }),
        () => eve.messages.remove(message.id),
        () => eve.memberships.updateLastSeen(message),
      ])
        expect((await refusal(attempt())).code).to.equal('ERR_NOT_FOUND');
      await ana.messages.remove(message);
      // what comes later says that nothing else came before
      const marker = nextEvent(eve.messages, 'created');
      await ana.messages.create({ toPersonEmail: `eve-${mode}@example.com`, text: 'to you' });
      await marker;
      expect(received).to.deep.equal(['to you']);
      await eve.close();
    });

    it('bear a card, and in clear one only', async () => {
      const message = { roomId, text: 'Lunch?', attachments: [card] };
      const first = nextEvent(ben.messages, 'created');
      const own = await ana.messages.create(message);
      expect(own.attachments).to.deep.equal([card]);
      expect(await first).to.deep.include({ id: own.id, text: 'Lunch?' });
      expect((await ben.messages.get(own)).attachments).to.deep.equal([card]);
      const received = nextEvent(ben.messages, 'created');
      const sent = await ana.messages.create({ ...message, encrypted: false });
      expect(sent.attachments).to.deep.equal([card]);
      expect(await received).to.include({ id: sent.id, text: 'Lunch?' });
      expect((await ben.messages.get(sent)).attachments).to.deep.equal([card]);
      const two = { ...message, attachments: [card, card], encrypted: false } as const;
      expect((await refusal(ana.messages.create(two))).code).to.equal('ERR_BAD_REQUEST');
      const bare = { roomId, attachments: [card], encrypted: false } as const;
      expect((await refusal(ana.messages.create(bare))).code).to.equal('ERR_BAD_REQUEST');
    });

    it('are refused for what is wrong or not there', async () => {
      const code = async (work: Promise<unknown>): Promise<string> => (await refusal(work)).code;
      expect(await code(ana.messages.create({ roomId }))).to.equal('ERR_ARGUMENT');
      expect(await code(ana.messages.create({ roomId, text: '' }))).to.equal('ERR_ARGUMENT');
      expect(await code(ana.messages.create({ text: 'to no one' }))).to.equal('ERR_ARGUMENT');
      const both = { roomId, toPersonEmail: 'ben@example.com', text: 'both' };
      expect(await code(ana.messages.create(both))).to.equal('ERR_ARGUMENT');
      const noRoom = encodeId('ROOM', nowhere);
      expect(await code(ana.messages.create({ roomId: noRoom, text: 'hi' }))).to.equal('ERR_NOT_FOUND');
      expect(await code(ana.messages.list({ roomId: noRoom }).page())).to.equal('ERR_NOT_FOUND');
      expect(() => ana.messages.list({ roomId: '' })).to.throw('roomId');
      expect(() => ana.messages.listDirect({})).to.throw('exactly one');
      expect(await code(ana.messages.get(''))).to.equal('ERR_ARGUMENT');
      expect(await code(ana.messages.get(encodeId('MESSAGE', nowhere)))).to.equal('ERR_NOT_FOUND');
      expect(await code(ana.messages.update(encodeId('MESSAGE', nowhere), { roomId, text: 'x' }))).to.equal(
        'ERR_NOT_FOUND',
      );
      expect(await code(ana.messages.update(nowhere, { text: 'x' }))).to.equal('ERR_ARGUMENT');
      expect(await code(ana.messages.update(nowhere, { roomId }))).to.equal('ERR_ARGUMENT');
      const nobody = ana.messages.create({ toPersonEmail: 'nobody@example.com', text: 'hi' });
      expect(await code(nobody)).to.equal(mode === 'e2ee' ? 'ERR_NOT_FOUND' : 'ERR_BAD_REQUEST');
      const myself = ana.messages.create({ toPersonEmail: 'ana@example.com', text: 'hi' });
      expect(await code(myself)).to.equal(mode === 'rest' ? 'ERR_BAD_REQUEST' : 'ERR_ARGUMENT');
    });
  });
