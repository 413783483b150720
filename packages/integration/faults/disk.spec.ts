import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import { expectQuiet, joinCloud } from '@trunkline/testing';
import { expect } from 'chai';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spawnService } from '../kit/service-process.js';
import { refusal } from './tools.js';

const plugins = () => [rooms(), messages()] as const;

describe('a service whose disk is full', function () {
  this.timeout(60_000);

  it('refuses what it cannot store, goes on answering, and has all that it acknowledged when there is room', async function () {
    if (process.platform === 'win32') this.skip();
    const data = await mkdtemp(path.join(tmpdir(), 'trunkline-test-'));
    let service = await spawnService({ data, maxFileKiB: 2_000 });
    try {
      const full = joinCloud(service.now);
      const person = await full.person('ana');
      const ana = await full.client('ana', plugins());
      const { id: roomId } = await ana.rooms.create({ title: 'Full' });
      const text = 'x'.repeat(7_000);
      const stored: string[] = [];
      const write = async (): Promise<string> => (await ana.messages.create({ roomId, text })).id;
      let refused;
      for (let n = 0; n < 500 && refused === undefined; n += 1) {
        const work = write().then((id) => void stored.push(id));
        refused = await work.then(
          () => undefined,
          () => refusal(work, person.accessToken),
        );
      }
      expect([refused?.code, refused?.status, refused?.retryable, refused?.errorCode]).to.deep.equal([
        'ERR_UNAVAILABLE',
        503,
        true,
        507,
      ]);
      expect(refused?.message).to.contain('no room to store this now; nothing of it was stored');
      expect(stored.length).to.be.greaterThan(3);
      // again and again, and what reads is not in trouble
      for (let n = 0; n < 5; n += 1)
        expect((await refusal(write(), person.accessToken)).code).to.equal('ERR_UNAVAILABLE');
      expect((await ana.rooms.get(roomId)).title).to.equal('Full');
      await ana.close();
      await expectQuiet(ana);
      await service.stop();

      service = await spawnService({ data });
      const roomy = joinCloud(service.now);
      const again = await roomy.client(person, plugins());
      const listed: string[] = [];
      for await (const { id } of again.messages.list({ roomId })) listed.unshift(id);
      expect(listed).to.deep.equal(stored);
      await again.messages.create({ roomId, text });
      await again.close();
    } finally {
      await service.close();
    }
  });
});
