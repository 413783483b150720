import type { ClientBase } from '@trunkline/core';
import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import { expectQuiet, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { until } from '../kit/until.js';

const plugins = () => [rooms(), messages(), memberships(), e2ee()] as const;
const config = { mercury: { backoffBaseMs: 20, backoffMaxMs: 100 } } as const;
const texts = Array.from({ length: 6 }, (_, n) => `number ${String(n)}`);

describe('listeners that throw, or reject', function () {
  this.timeout(20_000);
  let cloud: Cloud;
  before(async () => {
    cloud = await startCloud();
  });
  after(() => cloud.close());

  it('wherever they are stop no one else: every message is received, through a cut socket, and each failure is reported', async () => {
    const [ana, ben] = await cloud.clients(['ana', 'ben'], plugins, { config });
    const fails = (): never => {
      throw new Error('mine');
    };
    const rejects = (): Promise<never> => Promise.reject(new Error('mine, later'));
    const told = new Set<string>();
    const base: ClientBase = ben;
    base.on('error', ({ context }) => told.add(context));
    for (const bad of [fails, rejects] as readonly (() => unknown)[]) {
      base.on('error', bad);
      base.onAny(bad);
      ben.socket.on('state', bad);
      ben.socket.on('latency', bad);
      ben.socket.on('caughtUp', bad);
      ben.messages.on('created', bad);
      ben.memberships.on('created', bad);
    }
    const received: string[] = [];
    const states: string[] = [];
    ben.messages.on('created', ({ text }) => received.push(text ?? '?'));
    ben.socket.on('state', ({ to }) => states.push(to));
    await ben.messages.listen();
    const { id: roomId } = await ana.rooms.create({ title: 'Throwing' });
    await ana.memberships.create({ roomId, personEmail: 'ben@example.com' });
    for (const [n, text] of texts.entries()) {
      if (n === 3) await cloud.fault({ kind: 'drop-sockets' });
      await ana.messages.create({ roomId, text });
    }
    await until(
      () => received.length >= texts.length,
      () => `${String(received.length)} received`,
    );
    expect(received).to.deep.equal(texts);
    expect(states).to.include.members(['connecting', 'open', 'waiting']);
    expect([...told]).to.include.members([
      "a listener of socket.on('state')",
      "a listener of messages.on('created')",
      'a listener of client.onAny',
    ]);
    await Promise.all([ana.close(), ben.close()]);
    await expectQuiet(ben);
  });

  it('and a token function that throws at once is an error like any other', async () => {
    const mine = new Error('no token today');
    const client = await cloud.client('ana', plugins(), {
      token: () => {
        throw mine;
      },
    });
    const error = await client.rooms
      .list()
      .page()
      .catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'ERR_AUTH_EXPIRED', cause: mine });
    await client.close();
    await expectQuiet(client);
  });
});
