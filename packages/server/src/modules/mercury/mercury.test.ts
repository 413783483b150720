import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Harness, startHarness, type TestSocket } from './harness.test.js';

const textOf = (frame: { data?: Readonly<Record<string, unknown>> }): string =>
  (frame.data?.['activity'] as { object: { displayName: string } }).object.displayName;

describe('mercury', () => {
  let env: Harness;
  let room: string;
  beforeEach(async () => {
    env = await startHarness();
    room = randomUUID();
  });
  afterEach(() => env.close());

  async function ana(): Promise<{ id: string; token: string; device: string }> {
    const user = await env.user('ana');
    return { ...user, device: await env.device(user.id) };
  }
  async function begun(device: string, token: string, query = ''): Promise<TestSocket> {
    const socket = await env.connect(device, token, query);
    expect((await socket.next()).data?.eventType).to.equal('mercury.buffer_state');
    return socket;
  }

  describe('handshake', () => {
    it('answers a good token with buffer_state first, then numbers every frame, pongs too', async () => {
      const { id, token, device } = await ana();
      await env.join(room, id);
      const socket = await env.connect(device, token);
      const first = await socket.next();
      expect(first.data).to.include({ eventType: 'mercury.buffer_state', replayed: 1, lost: 0 });
      expect(first.type).to.equal(undefined);
      const second = await socket.next();
      socket.send({ id: 'p', type: 'ping' });
      const pong = await socket.next();
      expect(pong).to.include({ id: 'p', type: 'pong' });
      const n = first.sequenceNumber ?? NaN;
      expect([second.sequenceNumber, pong.sequenceNumber]).to.deep.equal([n + 1, n + 2]);
    });

    it('says NEW to a device that missed nothing', async () => {
      const { token, device } = await ana();
      const socket = await env.connect(device, token);
      expect((await socket.next()).data).to.include({ bufferState: 'NEW', replayed: 0 });
    });

    it('closes 4401 for a bad token, a frame without one, and a revoked one', async () => {
      const { token, device } = await ana();
      expect((await (await env.connect(device, 'nonsense')).closed).code).to.equal(4401);
      const empty = await env.open(device);
      empty.send({ id: 'x', type: 'authorization' });
      expect((await empty.closed).code).to.equal(4401);
      await env.identity.tokens.revoke(token);
      expect((await (await env.connect(device, token)).closed).code).to.equal(4401);
    });

    it('closes 4404 for the device of another person as for one that is not registered (F23)', async () => {
      const { device } = await ana();
      const ben = await env.user('ben');
      expect((await (await env.connect(device, ben.token)).closed).code).to.equal(4404);
      expect((await (await env.connect(randomUUID(), ben.token)).closed).code).to.equal(4404);
    });

    it('closes 4403 for a token that is only good for keys', async () => {
      const { id, device } = await ana();
      const { accessToken } = await env.identity.tokens.grant(id, { scope: 'spark:kms' });
      expect((await (await env.connect(device, accessToken)).closed).code).to.equal(4403);
    });

    it('gives nothing to a socket that has not authorized', async () => {
      const { id, device } = await ana();
      const socket = await env.open(device);
      await env.join(room, id);
      socket.send({ id: 'p', type: 'ping' });
      expect(env.mercury.sendToDevice(id, device, { eventType: 'x.y' })).to.equal(false);
      socket.send({ id: 'x', type: 'authorization', data: { token: 'bad' } });
      await socket.closed;
      expect(socket.frames).to.deep.equal([]);
    });
  });

  describe('delivery', () => {
    it('gives each event to members only, in order, with URLs of the client’s own base', async () => {
      const { id, token, device } = await ana();
      const ben = await env.user('ben');
      const benDevice = await env.device(ben.id);
      const socket = await begun(device, token);
      const other = await begun(benDevice, ben.token);
      await env.join(room, id);
      for (const text of ['one', 'two', 'three']) await env.post(room, text);
      await socket.next();
      const frames = [await socket.next(), await socket.next(), await socket.next()];
      expect(frames.map(textOf)).to.deep.equal(['one', 'two', 'three']);
      expect((frames[0]?.data?.['activity'] as { url: string }).url).to.equal(
        `http://127.0.0.1:${String(env.port)}/conversation/api/v1/activities/a`,
      );
      expect(await other.settled()).to.deep.equal([]);
    });

    it('adds a member’s own tags to the conversation’s, for that member only', async () => {
      const { id, token, device } = await ana();
      const ben = await env.user('ben');
      await env.join(room, id, ['MUTED']);
      await env.join(room, ben.id);
      const [mine, other] = [await begun(device, token), await begun(await env.device(ben.id), ben.token)];
      // what was missed, and then what happens
      await mine.next();
      await mine.next();
      await env.post(room, 'hello');
      const hello = await mine.next();
      expect(textOf(hello)).to.equal('hello');
      expect(hello.data?.['headers']).to.deep.equal({ 'activity.target.tags': ['LOCKED', 'MUTED'] });
      expect((await other.next()).data).not.to.have.property('headers');
    });

    it('stops at the leave of a member, also for what was never delivered, and starts again with a new join', async () => {
      const { id, token, device } = await ana();
      const live = await begun(device, token);
      await env.post(room, 'before');
      await env.join(room, id);
      await env.post(room, 'in');
      await env.leave(room, id);
      await env.post(room, 'after');
      await env.join(room, id);
      await env.post(room, 'again');
      const expected = [id, 'in', id, id, 'again'];
      const seen = [];
      while (seen.length < expected.length) seen.push(textOf(await live.next()));
      expect(seen).to.deep.equal(expected);
      live.socket.terminate();
      await live.closed;
      const replay = await env.connect(device, token);
      expect((await replay.next()).data).to.include({ replayed: 5 });
      const replayed = [];
      while (replayed.length < expected.length) replayed.push(textOf(await replay.next()));
      expect(replayed).to.deep.equal(expected);
      expect(await replay.settled()).to.deep.equal([]);
    });

    it('hands transient events to those who are there, and keeps none', async () => {
      const { id, token, device } = await ana();
      const socket = await begun(device, token);
      env.mercury.sendToUsers([id, id], { eventType: 'status.start_typing' });
      expect(env.mercury.sendToDevice(id, device, { eventType: 'encryption.kms_message' })).to.equal(true);
      // another's device is out of reach, whatever a request names
      expect(env.mercury.sendToDevice(randomUUID(), device, { eventType: 'x.y' })).to.equal(false);
      const types = [await socket.next(), await socket.next()].map((frame) => frame.data?.eventType);
      expect(types).to.deep.equal(['status.start_typing', 'encryption.kms_message']);
      socket.socket.terminate();
      await socket.closed;
      expect((await (await env.connect(device, token)).next()).data).to.include({ replayed: 0 });
    });
  });

  describe('redelivery', () => {
    it('sends again, with the same id, what was not acknowledged, and only that', async () => {
      const { id, token, device } = await ana();
      await env.join(room, id);
      const first = await begun(device, token);
      first.ack(await first.next());
      await env.post(room, 'one');
      await env.post(room, 'two');
      await env.post(room, 'three');
      const [one, two, three] = [await first.next(), await first.next(), await first.next()];
      // a hole: two is missing, so two and three come again
      first.ack(one);
      first.ack(three);
      await first.settled();
      first.socket.terminate();
      await first.closed;
      const second = await env.connect(device, token);
      expect((await second.next()).data).to.include({ bufferState: 'REPLAYED', replayed: 2 });
      const again = [await second.next(), await second.next()];
      expect(again.map((frame) => [frame.id, frame.redelivered])).to.deep.equal([
        [two.id, true],
        [three.id, true],
      ]);
      await env.post(room, 'four');
      const four = await second.next();
      expect(textOf(four)).to.equal('four');
      expect(four.redelivered).to.equal(undefined);
    });

    it('goes on after a restart on the same folder', async () => {
      const data = mkdtempSync(path.join(tmpdir(), 'trunkline-test-'));
      try {
        const before = await startHarness({ data });
        const user = await before.user('ana');
        const device = await before.device(user.id);
        await before.join(room, user.id);
        const socket = await before.connect(device, user.token);
        await socket.next();
        const joined = await socket.next();
        socket.ack(joined);
        await before.post(room, 'one');
        const one = await socket.next();
        await before.close();
        expect((await socket.closed).code).to.equal(1001);

        const after = await startHarness({ data });
        const { token } = await after.user('ana');
        const again = await after.connect(device, token);
        expect((await again.next()).data).to.include({ replayed: 1 });
        expect((await again.next()).id).to.equal(one.id);
        await after.post(room, 'two');
        expect(textOf(await again.next())).to.equal('two');
        await after.close();
      } finally {
        rmSync(data, { recursive: true });
      }
    });

    it('replays more than a page in order, and what happens meanwhile after it, each once', async () => {
      const { id, token, device } = await ana();
      await env.join(room, id);
      const posts = Array.from({ length: 700 }, (_, n) => String(n));
      await Promise.all(posts.map((text) => env.post(room, text)));
      const socket = await env.connect(device, token);
      expect((await socket.next()).data).to.include({ replayed: 701 });
      await env.post(room, 'live');
      socket.ack(await socket.next());
      const seen: string[] = [];
      while (seen.at(-1) !== 'live') {
        const frame = await socket.next();
        socket.ack(frame);
        seen.push(textOf(frame));
      }
      expect(seen).to.deep.equal([...posts, 'live']);
      await socket.settled();
      socket.socket.close();
      await socket.closed;
      expect((await (await env.connect(device, token)).next()).data).to.include({ replayed: 0 });
    });

    it('counts exactly what fell out of the retention, until the device was informed', async () => {
      const { id, token, device } = await ana();
      await env.join(room, id);
      await env.post(room, 'old');
      await env.post(randomUUID(), 'of others');
      env.later(25 * 3_600_000);
      await env.post(room, 'new');
      await env.prune();
      const deaf = await env.connect(device, token);
      expect((await deaf.next()).data).to.include({ lost: 2, replayed: 1 });
      deaf.socket.terminate();
      await deaf.closed;
      const socket = await env.connect(device, token);
      const state = await socket.next();
      expect(state.data).to.include({ lost: 2 });
      socket.ack(state);
      expect(textOf(await socket.next())).to.equal('new');
      await socket.settled();
      socket.socket.terminate();
      await socket.closed;
      expect((await (await env.connect(device, token)).next()).data).to.include({ lost: 0, replayed: 1 });
    });
  });

  describe('several sockets of one device', () => {
    it('replaces the older with 4000', async () => {
      const { token, device } = await ana();
      const first = await begun(device, token);
      await begun(device, token);
      expect(await first.closed).to.deep.equal({ code: 4000, reason: 'replaced' });
    });

    it('keeps both with multipleConnections=true', async () => {
      const { id, token, device } = await ana();
      const first = await begun(device, token, '?multipleConnections=true');
      const second = await begun(device, token, '?multipleConnections=true');
      await env.join(room, id);
      expect((await first.next()).id).to.equal((await second.next()).id);
    });

    it('closes the one that was asked to reconnect with 4001, after its successor is there', async () => {
      const { token, device } = await ana();
      const first = await begun(device, token);
      await env.shutdown();
      expect((await first.next()).type).to.equal('shutdown');
      await begun(device, token);
      expect((await first.closed).code).to.equal(4001);
    });

    it('refuses one more than a person may have', async () => {
      const limited = await startHarness({ limits: { socketsPerUser: 1 } });
      const user = await limited.user('ana');
      const socket = await limited.connect(await limited.device(user.id), user.token);
      await socket.next();
      const more = await limited.connect(await limited.device(user.id), user.token);
      expect((await more.closed).code).to.equal(1013);
      await limited.close();
    });
  });

  describe('while connected', () => {
    it('closes 1001 when the token is revoked, and 4401 when it is shown again', async () => {
      const { token, device } = await ana();
      const socket = await begun(device, token);
      await env.identity.tokens.revoke(token);
      expect((await socket.closed).code).to.equal(1001);
      expect((await (await env.connect(device, token)).closed).code).to.equal(4401);
    });

    it('takes a fresh token of the same person, and lets the old one go', async () => {
      const { id, token, device } = await ana();
      const socket = await begun(device, token);
      const { accessToken } = await env.identity.tokens.grant(id);
      socket.send({ id: 'x', type: 'authorization', data: { token: `Bearer ${accessToken}` } });
      await socket.settled();
      await env.identity.tokens.revoke(token);
      await env.join(room, id);
      expect(textOf(await socket.next())).to.equal(id);
    });

    it('closes when the device is removed', async () => {
      const { token, device } = await ana();
      const socket = await begun(device, token);
      env.mercury.deviceRemoved(device);
      expect((await socket.closed).code).to.equal(4404);
    });

    it('survives junk', async () => {
      const { token, device } = await ana();
      const socket = await begun(device, token);
      for (const junk of [
        '',
        '{',
        'null',
        '[]',
        '7',
        '{"type":7}',
        '{"type":"ack"}',
        '{"type":"ping"}',
        '{"type":"x"}',
      ])
        socket.socket.send(junk);
      socket.socket.send(Buffer.from([0, 1, 2]));
      socket.send({ type: 'ack', messageId: 'unknown' });
      expect(await socket.settled()).to.deep.equal([]);
      socket.socket.send('x'.repeat(300_000));
      expect((await socket.closed).code).to.equal(1009);
    });

    it('closes 1009 for a frame that is too long, before and after authorization, and no other socket (F23)', async () => {
      const { token, device } = await ana();
      const ben = await env.user('ben');
      const other = await begun(await env.device(ben.id), ben.token);
      for (const socket of [await env.open(device), await begun(device, token)]) {
        socket.socket.send(JSON.stringify({ id: 'x', type: 'ping', filler: 'x'.repeat(300_000) }));
        expect((await socket.closed).code).to.equal(1009);
        other.send({ id: 'still here', type: 'ping' });
        expect(await other.next()).to.include({ id: 'still here', type: 'pong' });
      }
    });

    it('can be cut, one person or everybody', async () => {
      const { id, token, device } = await ana();
      const ben = await env.user('ben');
      const [mine, other] = [await begun(device, token), await begun(await env.device(ben.id), ben.token)];
      expect(env.sockets.drop({ userId: id })).to.equal(1);
      expect((await mine.closed).code).to.equal(1006);
      await other.settled();
      expect(env.sockets.drop()).to.equal(1);
      expect((await other.closed).code).to.equal(1006);
    });
  });
});
