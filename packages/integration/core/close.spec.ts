import type { ClientBase } from '@trunkline/core';
import { e2ee } from '@trunkline/encryption';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import { expectQuiet, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { devicesOf, failure } from './tools.js';

const me = { service: 'hydra', path: 'people/me' } as const;

/** What a piece of work came to: `done`, or the code of its error. */
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );

describe('closing', function () {
  this.timeout(15_000);
  let cloud: Cloud;
  beforeEach(async () => {
    cloud = await startCloud();
  });
  afterEach(() => cloud.close());

  const endsQuietly = async (client: ClientBase, ...work: Promise<unknown>[]): Promise<string[]> => {
    const outcomes = work.map(outcome);
    await client.close();
    const ended = await Promise.all(outcomes);
    await expectQuiet(client);
    expect((await failure(client.request(me))).code).to.equal('ERR_CLIENT_CLOSED');
    expect((await failure(client.connect())).code).to.equal('ERR_CLIENT_CLOSED');
    expect((await failure(client.ready())).code).to.equal('ERR_CLIENT_CLOSED');
    await client.close();
    expect(await devicesOf(cloud.url, await cloud.person('ana'))).to.deep.equal([]);
    return ended;
  };

  for (const [what, path, start] of [
    ['while it gets ready', '/u2c', (client: ClientBase) => client.ready()],
    ['while it registers', '/wdm', (client: ClientBase) => client.connect()],
    ['in the middle of a request', '/v1/people', (client: ClientBase) => client.request(me)],
  ] as const)
    it(what, async () => {
      const client = await cloud.client('ana', []);
      await cloud.fault({ kind: 'delay', delayMs: 200, match: { path } });
      const work = start(client);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await endsQuietly(client, work)).to.deep.equal(['ERR_CLIENT_CLOSED']);
    });

  it('while it waits to try the socket again', async () => {
    const client = await cloud.client('ana', [], { config: { mercury: { backoffBaseMs: 60_000 } } });
    await cloud.fault({ kind: 'refuse-sockets' });
    const waiting = new Promise((resolve) => {
      client.socket.on('state', ({ to }) => {
        if (to === 'waiting') resolve(to);
      });
    });
    const connect = client.connect();
    await waiting;
    expect(await endsQuietly(client, connect)).to.deep.equal(['ERR_CLIENT_CLOSED']);
  });

  it('while it waits to try a request again, or for its turn', async () => {
    const client = await cloud.client('ana', []);
    await client.ready();
    await cloud.fault({ kind: 'status', status: 429, retryAfterS: 30, match: { path: '/v1/people' } });
    await cloud.fault({ kind: 'status', status: 503, retryAfterS: 30, match: { path: '/v1/rooms' } });
    const limited = new Promise((resolve) => {
      client.on('rateLimited', resolve);
    });
    const work = [client.request(me), client.request({ service: 'hydra', path: 'rooms' })];
    await limited;
    expect(await endsQuietly(client, ...work)).to.deep.equal(['ERR_CLIENT_CLOSED', 'ERR_CLIENT_CLOSED']);
  });

  it('when it was connected, twice at once, also by a state listener', async () => {
    const client = await cloud.client('ana', []);
    await client.connect();
    expect(await devicesOf(cloud.url, await cloud.person('ana'))).to.have.length(1);
    const states: string[] = [];
    client.socket.on('state', ({ to }) => states.push(to));
    await Promise.all([client.close(), client.close()]);
    expect(states).to.deep.equal(['closed']);
    await endsQuietly(client);
    const other = await cloud.client('ana', []);
    const ended = new Promise((resolve) => {
      other.socket.on('state', ({ to }) => {
        if (to === 'open') resolve(other.close());
      });
    });
    await outcome(other.connect());
    await ended;
    await endsQuietly(other);
  });

  it('at any moment of connecting leaves nothing behind', async () => {
    for (let afterMs = 0; afterMs < 40; afterMs += 2) {
      const client = await cloud.client('ana', []);
      const work = client.connect();
      if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs));
      const [ended] = await endsQuietly(client, work);
      expect(ended, `after ${String(afterMs)} ms`).to.be.oneOf(['done', 'ERR_CLIENT_CLOSED']);
    }
  });

  it('at any moment of a first encrypted message leaves nothing behind', async () => {
    const room = (await cloud.client('ana', [rooms()] as const)).rooms.create({ title: 'Closing' });
    const { id: roomId } = await room;
    for (let afterMs = 0; afterMs < 60; afterMs += 6) {
      const client = await cloud.client('ana', [messages(), e2ee()] as const);
      const work = [client.messages.listen(), client.messages.create({ roomId, text: String(afterMs) })];
      if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs));
      for (const ended of await endsQuietly(client, ...work))
        expect(ended, `after ${String(afterMs)} ms`).to.be.oneOf(['done', 'ERR_CLIENT_CLOSED']);
    }
  });
});
