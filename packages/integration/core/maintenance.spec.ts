import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import { expectQuiet, joinCloud, startCloud, type Cloud } from '@trunkline/testing';
import type { ClientOptions } from '@trunkline/core';
import { expect } from 'chai';
import { spawnService } from '../kit/service-process.js';
import { until } from '../kit/until.js';
import { startProxy } from './proxy.js';

const count = 60;
const texts = Array.from({ length: count }, (_, n) => `number ${String(n)}`);

/** Ana writes without pause, Ben listens; `disturb` is called before each of these messages. */
async function converse(
  cloud: Cloud,
  options: Partial<ClientOptions>,
  before: readonly number[],
  disturb: () => Promise<void>,
): Promise<{ received: readonly string[]; states: readonly string[]; told: readonly unknown[] }> {
  const plugins = () => [rooms(), messages(), memberships(), e2ee()] as const;
  const ana = await cloud.client('ana', plugins(), options);
  const ben = await cloud.client('ben', plugins(), options);
  const received: string[] = [];
  const states: string[] = [];
  const told: unknown[] = [];
  ben.messages.on('created', ({ text }) => received.push(text ?? ''));
  await Promise.all([ana.connect(), ben.messages.listen()]);
  const room = await ana.rooms.create({ title: 'Maintained' });
  await ana.memberships.create({ roomId: room.id, personEmail: 'ben@example.com' });
  ben.socket.on('state', ({ to }) => states.push(to));
  ben.on('maintenance', (event) => told.push(event));
  let disturbed: Promise<unknown> = Promise.resolve();
  for (const [n, text] of texts.entries()) {
    if (before.includes(n)) disturbed = disturbed.then(disturb);
    await ana.messages.create({ roomId: room.id, text });
  }
  await disturbed;
  await until(
    () => received.length >= count,
    () => `${String(received.length)} of ${String(count)} messages received`,
  );
  await new Promise((resolve) => setTimeout(resolve, 300)); // what comes twice would come now
  const seen = [...states];
  for (const client of [ana, ben]) {
    await client.close();
    await expectQuiet(client);
  }
  return { received, states: seen, told };
}

describe('maintenance while messages flow', function () {
  this.timeout(60_000);

  it('with another socket ready before the first ends: none is lost, none comes twice, and it is never away', async () => {
    const cloud = await startCloud();
    const proxy = await startProxy(cloud.url);
    const urls: string[] = [];
    try {
      const announced: number[] = [];
      const { received, states, told } = await converse(cloud, { service: proxy.url }, [20, 40], async () => {
        announced.push(proxy.announceShutdown());
        await new Promise((resolve) => setTimeout(resolve, 50));
      });
      expect(received).to.deep.equal(texts);
      expect(announced).to.deep.equal([2, 2]);
      expect(states).to.deep.equal([]);
      for (const event of told as { url: string }[]) urls.push(new URL(event.url).host);
      expect(urls).to.deep.equal(Array(2).fill(new URL(proxy.url).host));
    } finally {
      await proxy.close();
      await cloud.close();
    }
  });

  it('of a service that ends and comes back: none is lost, none comes twice', async () => {
    const service = await spawnService();
    const cloud = joinCloud(service.now);
    try {
      const { received, states, told } = await converse(
        cloud,
        { config: { mercury: { backoffBaseMs: 50, backoffMaxMs: 500 }, request: { maxRetries: 12 } } },
        [20],
        async () => {
          await service.stop();
          await service.start();
        },
      );
      expect(received).to.deep.equal(texts);
      expect(told).to.have.length(1);
      expect(states.filter((state) => state === 'open')).to.have.length(1);
    } finally {
      await service.close();
    }
  });
});
