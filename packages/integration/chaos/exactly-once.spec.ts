import { createClient, refreshToken } from '@trunkline/core';
import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import { joinCloud, type Cloud, type CloudPerson } from '@trunkline/testing';
import { expect } from 'chai';
import { spawnService, type ServiceProcess } from '../kit/service-process.js';
import { seededRandom, until } from '../kit/until.js';

const perSender = 500;
const drops = 100;

describe('two senders and one reader, through cut sockets, a killed service and an expired token', function () {
  this.timeout(180_000);
  let service: ServiceProcess;
  let cloud: Cloud;
  before(async () => {
    service = await spawnService();
    cloud = joinCloud(service.now);
  });
  after(() => service.close());

  const clientOf = (person: CloudPerson) =>
    createClient({
      service: service.now.url,
      token: refreshToken({
        accessToken: person.accessToken,
        refreshToken: person.refreshToken,
        clientId: 'chaos',
        clientSecret: 'none',
      }),
      plugins: [rooms(), messages(), memberships(), e2ee()],
      config: { mercury: { backoffBaseMs: 50, backoffMaxMs: 500 }, request: { maxRetries: 12 } },
    });

  it('delivers each message exactly once, in order per sender', async () => {
    const seed = Number(process.env['TRUNKLINE_SEED'] ?? Date.now() % 100_000);
    const random = seededRandom(seed);
    console.log(`      seed ${String(seed)}`);
    const people = await Promise.all(['ana', 'ben', 'cleo'].map((name) => cloud.person(name)));
    const [ana, ben, cleo] = people.map(clientOf) as [
      ReturnType<typeof clientOf>,
      ReturnType<typeof clientOf>,
      ReturnType<typeof clientOf>,
    ];
    let reconnects = 0;
    for (const { socket } of [ana, ben, cleo])
      socket.on('state', ({ to }) => {
        if (to === 'waiting') reconnects += 1;
      });
    try {
      const received: string[] = [];
      cleo.messages.on('created', ({ text }) => {
        received.push(text ?? '(nothing)');
      });
      await cleo.messages.listen();
      await Promise.all([ana.connect(), ben.connect()]);
      const room = await ana.rooms.create({ title: 'Chaos' });
      for (const email of ['ben@example.com', 'cleo@example.com'])
        await ana.memberships.create({ roomId: room.id, personEmail: email });

      let sent = 0;
      const send = async (client: typeof ana, name: string): Promise<void> => {
        for (let n = 0; n < perSender; n += 1) {
          await client.messages.create({ roomId: room.id, text: `${name} ${String(n)}` });
          sent += 1;
        }
      };
      const cut = async (): Promise<void> => {
        for (let n = 0; n < drops; n += 1) {
          await until(
            () => sent >= (n * perSender * 2) / drops,
            () => `${String(sent)} messages sent`,
            120_000,
          );
          const victim = people[Math.floor(random() * people.length)];
          // while the service is down there is nothing to cut
          await cloud
            .admin('POST', 'faults', { kind: 'drop-sockets', match: { userId: victim?.id } })
            .catch(() => undefined);
          if (n === 30)
            await cloud.admin('POST', 'faults', { kind: 'expire-tokens', match: { userId: people[2]?.id } });
          if (n === 60) {
            await service.kill();
            cloud = joinCloud(await service.start());
          }
        }
      };
      await Promise.all([send(ana, 'ana'), send(ben, 'ben'), cut()]);
      await until(
        () => received.length >= perSender * 2,
        () => `${String(received.length)} of ${String(perSender * 2)} messages received`,
        60_000,
      );
      await new Promise((resolve) => setTimeout(resolve, 1_000)); // what comes twice would come now
      for (const name of ['ana', 'ben'])
        expect(received.filter((text) => text.startsWith(name))).to.deep.equal(
          Array.from({ length: perSender }, (_, n) => `${name} ${String(n)}`),
        );
      expect(received).to.have.length(perSender * 2);
      // a cut that meets no one proves nothing
      console.log(`      ${String(reconnects)} sockets were cut and came back`);
      expect(reconnects).to.be.greaterThan(10);
    } finally {
      await Promise.all([ana.close(), ben.close(), cleo.close()]);
    }
  });
});
