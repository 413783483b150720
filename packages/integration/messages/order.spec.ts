import { nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { all, join, modes, part, roomOf, type Member } from './members.js';

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
      const heard = new Map<string, string[]>(roomIds.map((id) => [id, []]));
      const off = ben.messages.on('created', ({ roomId, text }) => heard.get(roomId)?.push(text ?? ''));
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
      for (const roomId of roomIds) expect(heard.get(roomId)).to.deep.equal(texts);
    }).timeout(20_000);

    it('come once each, as stored, for 50 sent at the same time', async () => {
      const { id: roomId } = await roomOf(ana, 'ben@example.com');
      const heard: string[] = [];
      const off = ben.messages.on('created', ({ id }) => heard.push(id));
      const sent = await Promise.all(
        Array.from({ length: 50 }, (_, n) => ana.messages.create({ roomId, text: String(n) })),
      );
      const end = nextEvent(ben.messages, 'created', { where: ({ text }) => text === 'end' });
      const marker = await ana.messages.create({ roomId, text: 'end' });
      await end;
      off();
      expect(heard).to.have.length(51);
      expect(new Set(heard)).to.deep.equal(new Set([...sent, marker].map(({ id }) => id)));
      expect(new Set(sent.map(({ text }) => text)).size).to.equal(50);
      const stored = await all(ben.messages.list({ roomId, max: 7 }));
      expect(stored.map(({ id }) => id).reverse()).to.deep.equal(heard);
    });

    it('stop with stopListening, whatever the type, and go on with listen', async () => {
      const { id: roomId } = await roomOf(ana, 'ben@example.com');
      const heard: string[] = [];
      const offs = [
        ben.messages.on('created', ({ text }) => heard.push(`created ${text ?? ''}`)),
        ben.messages.on('deleted', () => heard.push('deleted')),
      ];
      const first = nextEvent(ben.messages, 'created');
      await ana.messages.create({ roomId, text: 'heard' });
      await first;

      ben.messages.stopListening();
      // what comes later in the same room says that the one before has passed
      const passed = nextEvent(ben.rooms, 'updated');
      await ana.messages.remove(await ana.messages.create({ roomId, text: 'unheard' }));
      await ana.rooms.update({ id: roomId, title: 'Passed' });
      await passed;

      await ben.messages.listen();
      const second = nextEvent(ben.messages, 'created');
      await ana.messages.create({ roomId, text: 'heard again' });
      await second;
      expect(heard).to.deep.equal(['created heard', 'created heard again']);
      for (const off of offs) off();
    });

    it('come to everybody who listens, though one throws, and not to who has left', async () => {
      const { id: roomId } = await roomOf(ana, 'ben@example.com');
      const heard: string[] = [];
      const stop = new AbortController();
      const offs = [
        ben.messages.on('created', () => {
          throw new Error('a listener that fails');
        }),
        ben.messages.on('created', ({ text }) => heard.push(`on ${text ?? ''}`)),
        ben.messages.once('created', ({ text }) => heard.push(`once ${text ?? ''}`)),
        ben.messages.on('created', ({ text }) => heard.push(`signal ${text ?? ''}`), { signal: stop.signal }),
      ];
      const first = nextEvent(ben.messages, 'created');
      await ana.messages.create({ roomId, text: '1' });
      await first;
      stop.abort();
      const second = nextEvent(ben.messages, 'created');
      await ana.messages.create({ roomId, text: '2' });
      await second;
      expect(heard).to.deep.equal(['on 1', 'once 1', 'signal 1', 'on 2']);
      for (const off of offs) off();
    });
  });
