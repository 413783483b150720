import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import { joinCloud } from '@trunkline/testing';
import { expect } from 'chai';
import { spawnService } from '../kit/service-process.js';
import { until } from '../kit/until.js';

describe('the service stopped by SIGTERM and started again', function () {
  this.timeout(60_000);

  it('asks sockets to move first; clients come back and miss nothing', async () => {
    const service = await spawnService();
    const cloud = joinCloud(service.now);
    const plugins = () => [rooms(), messages(), memberships()];
    const config = {
      config: { mercury: { backoffBaseMs: 50, backoffMaxMs: 500 }, request: { maxRetries: 12 } },
    };
    const ana = await cloud.client('ana', plugins(), config);
    const ben = await cloud.client('ben', plugins(), config);
    try {
      const frames: unknown[] = [];
      ben.onAny(({ event }) => frames.push(event));
      const received: string[] = [];
      ben.messages.on('created', ({ text }) => {
        received.push(text ?? '');
      });
      await ben.messages.listen();
      const room = await ana.rooms.create({ title: 'Restart' });
      await ana.memberships.create({ roomId: room.id, personEmail: 'ben@example.com' });
      await ana.messages.create({ roomId: room.id, text: '0' });
      for (let restart = 1; restart <= 3; restart += 1) {
        await service.stop();
        await service.start();
        await ana.messages.create({ roomId: room.id, text: String(restart) });
      }
      await until(
        () => received.length >= 4,
        () => `${String(received.length)} of 4 received`,
      );
      expect(received).to.deep.equal(['0', '1', '2', '3']);
      expect(JSON.stringify(frames)).to.include('maintenance');
    } finally {
      await cloud.close();
      await service.close();
    }
  });
});
