import type { ClientOptions } from '@trunkline/core';
import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import { expectQuiet, nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { devicesOf } from '../core/tools.js';

const plugins = () => [rooms(), messages(), memberships(), e2ee()] as const;

/** A network that calls `step` at each point at which the client waits for it: before and after it answers. */
function stepping(step: () => void): Pick<ClientOptions, 'fetch' | 'WebSocket'> {
  class SteppingSocket extends WebSocket {
    override emit(type: string, ...values: unknown[]): boolean {
      if (type !== 'open' && type !== 'message') return super.emit(type, ...values);
      step();
      const received = super.emit(type, ...values);
      step();
      return received;
    }
  }
  return {
    WebSocket: SteppingSocket,
    fetch: async (input, init) => {
      step();
      const response = await fetch(input, init);
      step();
      // the body is a wait of its own
      for (const read of ['text', 'arrayBuffer'] as const) {
        const original = response[read].bind(response) as () => Promise<never>;
        Object.defineProperty(response, read, {
          value: async () => {
            step();
            const body = await original();
            step();
            return body;
          },
        });
      }
      return response;
    },
  };
}

describe('close()', function () {
  this.timeout(120_000);
  let cloud: Cloud;
  before(async () => {
    cloud = await startCloud();
  });
  after(() => cloud.close());

  it('at every point at which a client waits ends all calls, and leaves neither work, device nor lost message', async () => {
    const ana = await cloud.client('ana', plugins());
    const ben = await cloud.person('ben');
    const { id: roomId } = await ana.rooms.create({ title: 'Closing' });
    await ana.memberships.create({ roomId, personEmail: 'ben@example.com' });
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    const acknowledged: string[] = [];
    let steps = 0;
    let total = 0;
    try {
      // closes at step 1, then at step 2, … until one run needs no more steps
      for (let at = 1; ; at += 1) {
        steps = 0;
        let closing: Promise<void> | undefined;
        const client = await cloud.client('ben', plugins(), {
          ...stepping(() => {
            steps += 1;
            if (steps === at) closing = client.close();
          }),
        });
        const errors: unknown[] = [];
        const received = nextEvent(client.messages, 'created', { timeoutMs: 600 }).catch(() => undefined);
        const work = [
          client.ready(),
          client.messages.listen(),
          client.rooms.list().page(),
          client.messages.create({ roomId, text: `at ${String(at)}` }).then(({ text, id }) => {
            acknowledged.push(id);
            return text;
          }),
        ];
        for (const one of work)
          one.catch((error: unknown) => {
            errors.push(error);
          });
        await Promise.allSettled(work);
        const done = closing === undefined;
        if (done) await received;
        total = Math.max(total, steps);
        await (closing ?? client.close());
        for (const error of errors)
          expect(error, `closed at step ${String(at)}`).to.have.property('code', 'ERR_CLIENT_CLOSED');
        await expectQuiet(client);
        expect(await devicesOf(cloud.url, ben), `devices after step ${String(at)}`).to.deep.equal([]);
        if (done) break;
        if (at > 300) throw new Error('it never comes to an end');
      }
      // a turn for what no one caught
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(unhandled).to.deep.equal([]);
      expect(total).to.be.greaterThan(20);
      const stored: string[] = [];
      for await (const { id } of ana.messages.list({ roomId })) stored.push(id);
      expect(stored).to.include.members(acknowledged);
      expect(acknowledged).to.have.length.greaterThan(0);
    } finally {
      process.off('unhandledRejection', note);
    }
    await ana.close();
  });
});
