import { expectQuiet, nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { all, join, modes, part, refusal, roomOf, type Member } from '../kit/members.js';

for (const mode of modes)
  describe(`events of messages, ${mode}`, () => {
    let cloud: Cloud;
    let ana: Member;
    let ben: Member;
    before(async () => {
      cloud = await startCloud();
      [ana, ben] = await join(cloud, mode, ['ana', 'ben']);
    });
    after(() => part(cloud, ana, ben));

    it('keep the order of each room when 200 come quickly in two of them', async () => {
      const roomIds = [(await roomOf(ana, 'ben@example.com')).id, (await roomOf(ana, 'ben@example.com')).id];
      const received = new Map<string, string[]>(roomIds.map((id) => [id, []]));
      const off = ben.messages.on('created', ({ roomId, text }) => received.get(roomId)?.push(text ?? ''));
      const last = roomIds.map((id) =>
        nextEvent(ben.messages, 'created', {
          where: ({ roomId, text }) => roomId === id && text === 'end',
          timeoutMs: 15_000,
        }),
      );
      const texts = Array.from({ length: 99 }, (_, n) => String(n)).concat('end');
      await Promise.all(
        roomIds.map(async (roomId) => {
          for (const text of texts) await ana.messages.create({ roomId, text });
        }),
      );
      await Promise.all(last);
      off();
      for (const roomId of roomIds) expect(received.get(roomId)).to.deep.equal(texts);
    }).timeout(20_000);

    it('come once each, as stored, for 50 sent at the same time', async () => {
      const { id: roomId } = await roomOf(ana, 'ben@example.com');
      const received: string[] = [];
      const off = ben.messages.on('created', ({ id }) => received.push(id));
      const sent = await Promise.all(
        Array.from({ length: 50 }, (_, n) => ana.messages.create({ roomId, text: String(n) })),
      );
      const end = nextEvent(ben.messages, 'created', { where: ({ text }) => text === 'end' });
      const marker = await ana.messages.create({ roomId, text: 'end' });
      await end;
      off();
      expect(received).to.have.length(51);
      expect(new Set(received)).to.deep.equal(new Set([...sent, marker].map(({ id }) => id)));
      expect(new Set(sent.map(({ text }) => text)).size).to.equal(50);
      const stored = await all(ben.messages.list({ roomId, max: 7 }));
      expect(stored.map(({ id }) => id).reverse()).to.deep.equal(received);
    });

    it('stop with stopListening, whatever the type, and go on with listen', async () => {
      const { id: roomId } = await roomOf(ana, 'ben@example.com');
      const received: string[] = [];
      const offs = [
        ben.messages.on('created', ({ text }) => received.push(`created ${text ?? ''}`)),
        ben.messages.on('deleted', () => received.push('deleted')),
      ];
      const first = nextEvent(ben.messages, 'created');
      await ana.messages.create({ roomId, text: 'received' });
      await first;

      ben.messages.stopListening();
      // what comes later in the same room says that the one before has passed
      const passed = nextEvent(ben.rooms, 'updated');
      await ana.messages.remove(await ana.messages.create({ roomId, text: 'unheard' }));
      await ana.rooms.update({ id: roomId, title: 'Passed' });
      await passed;

      await ben.messages.listen();
      const second = nextEvent(ben.messages, 'created');
      await ana.messages.create({ roomId, text: 'received again' });
      await second;
      expect(received).to.deep.equal(['created received', 'created received again']);
      for (const off of offs) off();
    });

    it('come to everybody who listens, though one throws, and not to who has left', async () => {
      const { id: roomId } = await roomOf(ana, 'ben@example.com');
      const received: string[] = [];
      const stop = new AbortController();
      const offs = [
        ben.messages.on('created', () => {
          throw new Error('a listener that fails');
        }),
        ben.messages.on('created', ({ text }) => received.push(`on ${text ?? ''}`)),
        ben.messages.once('created', ({ text }) => received.push(`once ${text ?? ''}`)),
        ben.messages.on('created', ({ text }) => received.push(`signal ${text ?? ''}`), {
          signal: stop.signal,
        }),
      ];
      const first = nextEvent(ben.messages, 'created');
      await ana.messages.create({ roomId, text: '1' });
      await first;
      stop.abort();
      const second = nextEvent(ben.messages, 'created');
      await ana.messages.create({ roomId, text: '2' });
      await second;
      expect(received).to.deep.equal(['on 1', 'once 1', 'signal 1', 'on 2']);
      for (const off of offs) off();
    });

    it('come once to each device of a person, the one that wrote included', async () => {
      const { id: roomId } = await roomOf(ana, 'ben@example.com');
      const [other] = await join(cloud, mode, ['ana']);
      const received: [string, string][] = [];
      const offs = [
        ana.messages.on('created', ({ text }) => received.push(['writer', text ?? ''])),
        other.messages.on('created', ({ text }) => received.push(['other', text ?? ''])),
      ];
      const ends = Promise.all(
        [ana, other].map((client) =>
          nextEvent(client.messages, 'created', { where: ({ text }) => text === 'end' }),
        ),
      );
      for (const text of ['one', 'two', 'end']) await ana.messages.create({ roomId, text });
      await ends;
      for (const device of ['writer', 'other'])
        expect(received.filter(([who]) => who === device).map(([, text]) => text)).to.deep.equal([
          'one',
          'two',
          'end',
        ]);
      for (const off of offs) off();
      await other.close();
    });

    it('tell all three kinds of one message in that order, also when it hardly lived', async () => {
      const { id: roomId } = await roomOf(ana, 'ben@example.com');
      const received: string[] = [];
      const offs = (['created', 'updated', 'deleted'] as const).map((type) =>
        ben.messages.on(type, ({ id }) => received.push(`${type} ${id}`)),
      );
      const created = nextEvent(ben.messages, 'created');
      const { id } = await ana.messages.create({ roomId, text: 'one' });
      await created;
      const updated = nextEvent(ben.messages, 'updated');
      await ana.messages.update(id, { roomId, text: 'two' });
      await updated;
      const deleted = nextEvent(ben.messages, 'deleted');
      await ana.messages.remove(id);
      await deleted;
      expect(received).to.deep.equal([`created ${id}`, `updated ${id}`, `deleted ${id}`]);

      const gone = nextEvent(ben.messages, 'deleted');
      const short = await ana.messages.create({ roomId, text: 'short' });
      await ana.messages.remove(short);
      await gone;
      // by REST there may be nothing left to fetch; what is emitted is in order
      expect(received.slice(3).at(-1)).to.equal(`deleted ${short.id}`);
      expect(received.slice(3, -1).every((event) => event === `created ${short.id}`)).to.equal(true);
      for (const off of offs) off();
    });

    it('go on for others when one client closes; its calls are refused from then on', async () => {
      const { id: roomId } = await roomOf(ana, 'ben@example.com');
      const [cleo] = await join(cloud, mode, ['cleo']);
      await ana.memberships.create({ roomId, personEmail: 'cleo@example.com' });
      const received: string[] = [];
      cleo.messages.on('created', ({ text }) => received.push(text ?? ''));
      const pending = refusal(all(cleo.messages.list({ roomId })));
      await cleo.close();
      const after = nextEvent(ben.messages, 'created');
      await ana.messages.create({ roomId, text: 'after' });
      await after;
      expect(received).to.deep.equal([]);
      expect((await pending).code).to.equal('ERR_CLIENT_CLOSED');
      for (const call of [
        () => cleo.messages.create({ roomId, text: 'x' }),
        () => cleo.messages.list({ roomId }).page(),
        () => cleo.messages.listen(),
        () => cleo.people.get('me'),
      ])
        expect((await refusal(call())).code).to.equal('ERR_CLIENT_CLOSED');
      await expectQuiet(cleo);
    });

    it('are not sent when the signal aborts first', async () => {
      const { id: roomId } = await roomOf(ana, 'ben@example.com');
      const reason = new Error('changed my mind');
      const signal = AbortSignal.abort(reason);
      for (const call of [
        () => ana.messages.create({ roomId, text: 'never' }, { signal }),
        () => ana.messages.create({ toPersonEmail: 'ben@example.com', text: 'never' }, { signal }),
        () => ana.messages.list({ roomId }, { signal }).page(),
        () => ana.rooms.create({ title: 'never' }, { signal }),
        () => ana.memberships.listWithReadStatus({ roomId }, { signal }),
        () => ana.people.me({ signal }),
      ])
        expect(await call().catch((error: unknown) => error)).to.equal(reason);
      expect(await all(ana.messages.list({ roomId }))).to.deep.equal([]);
    });
  });
