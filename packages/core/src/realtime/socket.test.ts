import { expect } from 'chai';
import {
  failure,
  inTurn,
  device,
  json,
  offline,
  spy,
  stage,
  TOKEN,
  turn,
  until,
  type Stage,
} from '../../test/kit.js';
import type { ClientOptions } from '../kernel/client.js';
import type { SocketEvents } from '../kernel/socket.js';

const connected = async (s: Stage, options: Partial<ClientOptions> = {}, extra: object = {}) => {
  const client = s.client(options).use(spy());
  const states: SocketEvents['state'][] = [];
  const told: unknown[] = [];
  const errors: unknown[] = [];
  client.socket.on('state', (event) => states.push(event));
  for (const type of ['caughtUp', 'gap', 'maintenance'] as const)
    client.socket.on(type, (event) => told.push([type, event]));
  client.on('error', ({ error }) => errors.push(error));
  const result = client.connect();
  await until(() => s.sockets.length === 1);
  s.socket.welcome(extra);
  await result;
  return { client, states, told, errors };
};
/** The next socket, after whatever backoff. */
const again = async (s: Stage, count: number): Promise<void> => {
  for (let second = 0; second < 33 && s.sockets.length < count; second += 1) await s.clock.advance(1_000);
  expect(s.sockets).to.have.length(count);
};
const redelivering = { replayed: 0, lost: 0 };

describe('the socket', () => {
  it('opens once for all callers, as the protocol has it', async () => {
    const s = stage();
    const client = s.client();
    expect(client.socket.state).to.equal('idle');
    const calls = [client.connect(), client.connect()];
    await until(() => s.sockets.length === 1);
    const url = new URL(s.socket.url);
    expect(Object.fromEntries(url.searchParams)).to.deep.equal({
      kept: '1',
      outboundWireFormat: 'text',
      bufferStates: 'true',
      aliasHttpStatus: 'true',
      clientTimestamp: String(s.clock.now()),
    });
    expect(s.socket.sent).to.have.length(0);
    s.socket.open();
    expect(s.socket.frames[0]).to.deep.include({ type: 'authorization', data: { token: `Bearer ${TOKEN}` } });
    expect(client.socket.state).to.equal('connecting');
    s.socket.receive({
      id: 'first',
      data: { eventType: 'mercury.buffer_state', bufferState: 'NEW' },
      sequenceNumber: 1,
    });
    expect(client.socket.state).to.equal('open');
    expect((await Promise.all(calls)).map(({ url: at }) => at)).to.deep.equal([device().url, device().url]);
    expect(s.socket.frames.slice(1).map(({ type }) => type)).to.deep.equal(['ack', 'ping']);
    expect(s.socket.acks).to.deep.equal(['first']);
    expect(await client.connect()).to.equal(client.device);
    expect(s.sent.filter(({ method }) => method === 'POST')).to.have.length(1);
    await client.close();
    expect(s.socket.closedWith).to.deep.equal({ code: 1000, reason: 'Done' });
    expect(s.sent.at(-1)?.method).to.equal('DELETE');
    expect(s.clock.pending).to.equal(0);
  });
  it('also takes registration_status as the first frame', async () => {
    const s = stage();
    const client = s.client();
    const result = client.connect();
    await until(() => s.sockets.length === 1);
    s.socket.open();
    s.socket.receive({ id: 'other', data: { eventType: 'test.event' } });
    expect(client.socket.state).to.equal('connecting');
    s.socket.receive({ id: 'first', data: { eventType: 'mercury.registration_status' } });
    await result;
    await client.close();
  });

  describe('frames', () => {
    it('reach listeners in order, each once, and are acknowledged even when known', async () => {
      const s = stage();
      const { client } = await connected(s);
      const seen: unknown[] = [];
      client.spy.onWire('test.event', ({ n }) => void seen.push(n));
      s.socket.event('a', { n: 1 });
      s.socket.event('b', { n: 2 });
      s.socket.event('a', { n: 1 });
      expect(seen).to.deep.equal([1, 2]);
      expect(s.socket.acks.slice(1)).to.deep.equal(['a', 'b', 'a']);
      await client.close();
    });
    it('are acknowledged after a listener’s promise, also one that fails, also when they come again meanwhile', async () => {
      const s = stage();
      const { client, errors } = await connected(s);
      const ends: ((error?: Error) => void)[] = [];
      client.spy.onWire(
        'test.event',
        () =>
          new Promise(
            (resolve, reject) =>
              void ends.push((error) => {
                if (error) reject(error);
                else resolve();
              }),
          ),
      );
      s.socket.event('a');
      s.socket.event('b');
      s.socket.event('a');
      expect(s.socket.acks).to.have.length(1);
      const wrong = new Error('wrong');
      ends[1]?.(wrong);
      await turn();
      expect(s.socket.acks.slice(1)).to.deep.equal(['b']);
      expect(errors).to.deep.equal([wrong]);
      ends[0]?.();
      await turn();
      expect(s.socket.acks.slice(1)).to.deep.equal(['b', 'a', 'a']);
      await client.close();
    });
    it('a throwing listener stops no other, and one can leave meanwhile', async () => {
      const s = stage();
      const { client, errors } = await connected(s);
      const seen: string[] = [];
      client.spy.onWire('test.event', () => {
        throw new Error('mine');
      });
      const off = client.spy.onWire('test.event', () => {
        seen.push('one');
        off();
      });
      client.spy.onWire('test.event', () => void seen.push('two'));
      s.socket.event('a');
      s.socket.event('b');
      expect(seen).to.deep.equal(['one', 'two', 'two']);
      expect(errors).to.have.length(2);
      expect(s.socket.acks.slice(1)).to.deep.equal(['a', 'b']);
      await client.close();
    });
    it('have their headers written into data', async () => {
      const s = stage();
      const { client } = await connected(s);
      const seen: unknown[] = [];
      client.spy.onWire('test.event', (data) => void seen.push(data));
      s.socket.event('a', { headers: { n: 5, 'a.b': 1, '__proto__.bad': 1 } });
      expect(seen).to.have.length(1);
      expect(seen[0]).to.include({ n: 5 }).and.to.have.nested.property('a.b', 1);
      await client.close();
    });
    it('that make no sense are ignored', async () => {
      const s = stage();
      const { client } = await connected(s);
      const seen: unknown[] = [];
      client.spy.onWire('test.event', (data) => void seen.push(data));
      for (const frame of [
        '{',
        'null',
        '7',
        '[]',
        '"x"',
        '{"id":"q","type":"unknown"}',
        '{"id":"r","data":{}}',
        '{"id":"r2","data":null}',
        '{"data":{"eventType":"test.event"}}',
        `{"id":"huge","data":"${'x'.repeat(17 * 1024 * 1024)}"}`,
      ])
        s.socket.receive(frame);
      (s.socket.onmessage as unknown as (event: object) => void)({ data: { blob: true } });
      expect(seen).to.have.length(0);
      s.socket.event('fine');
      expect(seen).to.have.length(1);
      expect(client.socket.state).to.equal('open');
      expect(s.socket.acks.slice(1)).to.deep.equal(['q', 'r', 'r2', 'huge', 'fine']);
      await client.close();
    });
    it('forgets ids after a while, not before', async () => {
      const s = stage();
      const { client } = await connected(s);
      let seen = 0;
      client.spy.onWire('test.event', () => void (seen += 1));
      for (let n = 0; n < 5_000; n += 1) s.socket.event(`x${String(n)}`);
      s.socket.event('x0');
      expect(seen).to.equal(5_000);
      for (let n = 0; n < 10_000; n += 1) s.socket.event(`y${String(n)}`);
      s.socket.event('x0');
      expect(seen).to.equal(15_001);
      await client.close();
    });
    it('that are missing make it connect again; unnumbered ones do not', async () => {
      const s = stage();
      const { client, states, told } = await connected(s, {}, redelivering);
      const seen: unknown[] = [];
      client.spy.onWire('test.event', ({ n }) => void seen.push(n));
      s.socket.event('a', { n: 1 }, { sequenceNumber: 4 });
      s.socket.event('b', { n: 2 });
      s.socket.event('c', { n: 3 }, { sequenceNumber: 9 });
      s.socket.event('late', { n: 4 }, { sequenceNumber: 8 });
      expect(client.socket.state).to.equal('open');
      s.socket.event('f', { n: 7 }, { sequenceNumber: 12 });
      expect(seen).to.deep.equal([1, 2, 3, 4]);
      expect(s.socket.acks).not.to.include('f');
      expect(states.at(-1)).to.include({ to: 'waiting', reason: 'sequence gap' });
      await again(s, 2);
      s.socket.welcome({ replayed: 2, lost: 0 });
      s.socket.event('e', { n: 6 }, { redelivered: true });
      s.socket.event('f', { n: 7 }, { redelivered: true });
      expect(seen).to.deep.equal([1, 2, 3, 4, 6, 7]);
      expect(told).to.have.length(1);
      expect(told[0]).to.have.nested.property('[1].missed', 2);
      await client.close();
    });
    it('stops looking at the numbers of a service that counts otherwise', async () => {
      const s = stage();
      const { client } = await connected(s);
      for (const count of [1, 2, 3]) {
        s.socket.event(`a${String(count)}`, {}, { sequenceNumber: 1 });
        s.socket.event(`b${String(count)}`, {}, { sequenceNumber: 5 });
        if (count === 3) break;
        expect(client.socket.state).to.equal('waiting');
        await s.clock.advance(2_000);
        s.socket.welcome();
      }
      expect(client.socket.state).to.equal('open');
      await client.close();
    });
  });

  describe('ping', () => {
    it('is sent and answered, and reports the round-trip time', async () => {
      const s = stage();
      const { client } = await connected(s);
      const latencies: number[] = [];
      client.socket.on('latency', ({ ms }) => latencies.push(ms));
      await s.clock.advance(120);
      s.socket.pong();
      expect(latencies).to.deep.equal([120]);
      const pings = () => s.socket.frames.filter(({ type }) => type === 'ping').length;
      await s.clock.advance(14_999);
      expect(pings()).to.equal(1);
      await s.clock.advance(1);
      expect(pings()).to.equal(2);
      await client.close();
    });
    for (const [what, act, reason] of [
      ['no pong', (s: Stage) => s.clock.advance(14_000), 'Pong not received'],
      [
        'a wrong pong',
        (s: Stage) => {
          s.socket.receive({ id: 'wrong', type: 'pong' });
          return turn();
        },
        'Pong mismatch',
      ],
    ] as const)
      it(`${what} makes it connect again, without waiting for the dead line`, async () => {
        const s = stage();
        const { client, states } = await connected(s);
        s.socket.polite = false;
        await act(s);
        expect(s.sockets[0]?.closedWith).to.deep.equal({ code: 1000, reason });
        expect(states.some((state) => state.to === 'waiting' && state.reason === reason)).to.equal(true);
        await s.clock.advance(3_000);
        expect(s.sockets[0]?.terminated).to.equal(true);
        s.socket.welcome();
        expect(client.socket.state).to.equal('open');
        await client.close();
      });
  });

  describe('an end', () => {
    // code, reason, what follows
    const table: readonly [number, string, 'again' | 'closed' | 'refresh' | 'token'][] = [
      [1006, '', 'again'],
      [1001, '', 'again'],
      [1005, '', 'again'],
      [1011, '', 'again'],
      [1000, 'idle', 'again'],
      [1000, 'Done (forced)', 'again'],
      [3050, 'done (forced)', 'again'],
      [1000, 'Done', 'closed'],
      [3050, 'logout', 'closed'],
      [1003, '', 'closed'],
      [4001, '', 'closed'],
      [4000, 'replaced', 'closed'],
      [4400, '', 'closed'],
      [4401, '', 'token'],
    ];
    for (const [code, reason, what] of table)
      it(`${String(code)} ${reason} → ${what}`, async () => {
        const s = stage();
        let tokens = 0;
        const { client, states } = await connected(s, {
          token: () => Promise.resolve(`token-${String((tokens += 1))}`),
        });
        s.socket.end(code, reason);
        await turn();
        if (what === 'closed') {
          await s.clock.advance(60_000);
          expect(client.socket.state).to.equal('closed');
          expect(s.sockets).to.have.length(1);
          if (code === 4000) expect(states.at(-1)?.reason).to.equal('replaced');
          const reconnected = client.connect();
          await until(() => s.sockets.length === 2);
          s.socket.welcome();
          await reconnected;
        } else {
          await again(s, 2);
          s.socket.open();
          expect(s.socket.frames[0]?.data?.token).to.equal(
            what === 'token' ? 'Bearer token-2' : 'Bearer token-1',
          );
          s.socket.welcome();
        }
        expect(client.socket.state).to.equal('open');
        await client.close();
      });
    const before: readonly [number, string][] = [
      [4403, 'ERR_FORBIDDEN'],
      [4400, 'ERR_SOCKET_REFUSED'],
      [4000, 'ERR_SOCKET_REPLACED'],
    ];
    for (const [code, expected] of before)
      it(`${String(code)} before the first frame rejects connect with ${expected}`, async () => {
        const s = stage();
        const client = s.client();
        const result = failure(client.connect());
        await until(() => s.sockets.length === 1);
        s.socket.open();
        s.socket.end(code);
        expect((await result).code).to.equal(expected);
        expect(client.socket.state).to.equal('closed');
        await client.close();
      });
    it('that says the device is unknown refreshes it, and registers it again when it is gone', async () => {
      const s = stage({
        'PUT /wdm/api/v1/devices/1': () => json({}, 404),
        'POST /wdm/api/v1/devices': inTurn(
          () => json(device(1)),
          () => json(device(2)),
        ),
      });
      const client = s.client();
      const result = client.connect();
      await until(() => s.sockets.length === 1);
      s.socket.end(4404);
      await s.clock.advance(1_000);
      expect(s.socket.url).to.include('/socket/2');
      s.socket.welcome();
      expect((await result).url).to.equal(device(2).url);
      await client.close();
    });
    it('a string token that is refused rejects with ERR_AUTH_EXPIRED', async () => {
      const s = stage();
      const client = s.client();
      const result = failure(client.connect());
      await until(() => s.sockets.length === 1);
      s.socket.end(4401);
      expect((await result).code).to.equal('ERR_AUTH_EXPIRED');
      await client.close();
    });
    it('work resumes when a good token appears', async () => {
      const s = stage();
      let answer = 'one';
      const { client } = await connected(s, { token: () => Promise.resolve(answer) });
      const expired: unknown[] = [];
      client.on('authExpired', (event) => expired.push(event));
      s.socket.end(4401);
      await turn();
      expect(client.socket.state).to.equal('waiting');
      expect((await failure(client.request({ service: 'hydra', path: 'x' }))).code).to.equal(
        'ERR_AUTH_EXPIRED',
      );
      expect(expired).to.have.length(1);
      answer = 'two';
      await client.request({ service: 'hydra', path: 'x' });
      await until(() => s.sockets.length === 2); // woken, not by time
      s.socket.welcome();
      expect(client.socket.state).to.equal('open');
      await client.close();
    });
  });

  describe('backoff', () => {
    it('doubles within its bounds, never gives up, and starts again after a while of being open', async () => {
      const s = stage();
      const client = s.client();
      const states: SocketEvents['state'][] = [];
      client.socket.on('state', (event) => states.push(event));
      const result = client.connect();
      for (let n = 0; n < 12; n += 1) {
        await until(() => s.sockets.length === n + 1);
        s.socket.onerror?.({} as never);
        s.socket.end(1006);
        expect(states.at(-1)?.retryInMs).to.be.within(0, Math.min(32_000, 1_000 * 2 ** n));
        await again(s, n + 2);
      }
      s.socket.welcome();
      await result;
      await s.clock.advance(2_000);
      s.socket.end(1006);
      expect(states.at(-1)?.retryInMs).to.be.within(0, 1_000);
      await client.close();
    });
    it('stays near when connections open and are cut at once, again and again', async () => {
      const s = stage();
      const { client } = await connected(s);
      const delays: (number | undefined)[] = [];
      client.socket.on('state', ({ to, retryInMs }) => {
        if (to === 'waiting') delays.push(retryInMs);
      });
      for (let n = 0; n < 20; n += 1) {
        s.socket.end(1006);
        await again(s, n + 2);
        s.socket.welcome();
      }
      expect(delays).to.have.length(20);
      for (const delayMs of delays) expect(delayMs).to.be.within(0, 2_000);
      await client.close();
    });
    it('covers a registration that fails, and a service that says nothing', async () => {
      const s = stage({
        'POST /wdm/api/v1/devices': inTurn(
          offline,
          () => json({}, 503),
          () => json(device()),
        ),
      });
      const client = s.client();
      const result = client.connect();
      await s.clock.advance(6_000);
      expect(s.sockets).to.have.length(1);
      s.socket.open();
      await again(s, 2);
      s.socket.open();
      await again(s, 3);
      s.socket.welcome();
      await result;
      await client.close();
      expect(s.clock.pending).to.equal(0);
    });
    it('ends with maxRetries', async () => {
      const s = stage();
      const client = s.client({ config: { mercury: { maxRetries: 1 } } });
      const result = failure(client.connect());
      await until(() => s.sockets.length === 1);
      s.socket.end(1006);
      await again(s, 2);
      s.socket.end(1006);
      expect((await result).code).to.equal('ERR_SOCKET_REFUSED');
      await client.close();
    });
    it('wakes on `online`, and leaves no listener behind', async () => {
      const target = globalThis as unknown as Record<string, unknown>;
      const own = Object.hasOwn(target, 'addEventListener') ? target['addEventListener'] : undefined;
      const ownRemove = Object.hasOwn(target, 'removeEventListener')
        ? target['removeEventListener']
        : undefined;
      const wakers = new Set<() => void>();
      target['addEventListener'] = (_type: string, run: () => void) => wakers.add(run);
      target['removeEventListener'] = (_type: string, run: () => void) => wakers.delete(run);
      try {
        const s = stage();
        const { client } = await connected(s);
        s.socket.end(1006);
        expect(wakers.size).to.equal(1);
        for (const wake of [...wakers]) wake();
        await until(() => s.sockets.length === 2);
        expect(wakers.size).to.equal(0);
        s.socket.end(1006);
        expect(wakers.size).to.equal(1);
        await client.close();
        expect(wakers.size).to.equal(0);
      } finally {
        if (own === undefined) Reflect.deleteProperty(target, 'addEventListener');
        else target['addEventListener'] = own;
        if (ownRemove === undefined) Reflect.deleteProperty(target, 'removeEventListener');
        else target['removeEventListener'] = ownRemove;
      }
    });
  });

  describe('after a gap', () => {
    const away = async (s: Stage, extra: object) => {
      s.socket.end(1006);
      await again(s, s.sockets.length + 1);
      s.socket.welcome(extra);
      await turn();
    };
    it('reports how many came late when the service sends them again', async () => {
      const s = stage();
      const { client, told } = await connected(s, {}, redelivering);
      expect(told).to.deep.equal([]);
      s.socket.event('known');
      await away(s, { replayed: 2, lost: 0 });
      s.socket.event('known', {}, { redelivered: true });
      expect(told).to.deep.equal([]);
      s.socket.event('new', {}, { redelivered: true });
      s.socket.event('usual');
      expect(told).to.have.length(1);
      expect(told[0]).to.have.nested.property('[0]', 'caughtUp');
      expect(told[0]).to.have.nested.property('[1].missed', 1); // the other one had arrived
      await away(s, redelivering);
      expect(told[1]).to.have.nested.property('[1].missed', 0);
      await away(s, { replayed: 0, lost: 3 });
      expect(told[2]).to.have.nested.property('[0]', 'gap');
      expect(told[2]).to.have.nested.property('[1].lost', 3);
      await client.close();
    });
    it('asks before it hands on the next frame, also when that came in the same breath', async () => {
      const s = stage();
      const { client } = await connected(s);
      const order: string[] = [];
      client.spy.onGap(() => {
        order.push('gap');
        return Promise.resolve({ missed: 0 });
      });
      client.spy.onWire('test.event' as never, () => void order.push('live'));
      s.socket.end(1006);
      await again(s, 2);
      // one turn, as when both frames stand in one packet
      s.socket.welcome();
      s.socket.event('live');
      expect(order).to.deep.equal(['gap', 'live']);
      await client.close();
    });
    it('asks those who can fetch, else says gap', async () => {
      const s = stage();
      const { client, told, errors } = await connected(s);
      await away(s, {});
      expect(told[0]).to.have.nested.property('[0]', 'gap');
      const gap = (told[0] as [string, { sinceMs: number; untilMs: number }])[1];
      expect(gap.untilMs).to.be.greaterThan(gap.sinceMs - 1);
      expect(gap).to.have.property('lost', undefined);
      const off = [2, 3].map((missed) => client.spy.onGap(() => Promise.resolve({ missed })));
      await away(s, {});
      expect(told[1]).to.have.nested.property('[1].missed', 5);
      client.spy.onGap(() => {
        throw new Error('cannot');
      });
      await away(s, {});
      expect(told[2]).to.have.nested.property('[0]', 'gap');
      expect(errors).to.have.length(1);
      for (const leave of off) leave();
      await client.close();
    });
    it('a new device has nothing to send again: someone must fetch', async () => {
      const s = stage({
        'PUT /wdm/api/v1/devices/1': () => json({}, 404),
        'POST /wdm/api/v1/devices': inTurn(
          () => json(device(1)),
          () => json(device(2)),
        ),
      });
      const { client, told } = await connected(s, {}, redelivering);
      s.socket.end(1006);
      await again(s, 2);
      s.socket.end(4404);
      await s.clock.advance(2_000);
      s.socket.welcome(redelivering);
      await turn();
      expect(told[0]).to.have.nested.property('[0]', 'gap');
      await client.close();
    });
  });

  describe('maintenance', () => {
    it('switches over while the first socket still delivers', async () => {
      const s = stage();
      const { client, told, states } = await connected(s, {}, redelivering);
      const seen: string[] = [];
      client.spy.onWire('test.event', (_data, { id }) => void seen.push(id));
      const first = s.socket;
      first.receive({ type: 'shutdown' });
      expect(told).to.deep.equal([['maintenance', { url: device().webSocketUrl }]]);
      await until(() => s.sockets.length === 2);
      first.receive({ type: 'shutdown' }); // no third one
      first.event('a');
      s.socket.welcome({ replayed: 1, lost: 0 });
      s.socket.event('a', {}, { redelivered: true });
      first.event('b');
      s.socket.event('b');
      s.socket.event('c');
      first.end(4001);
      s.socket.event('d');
      expect(seen).to.deep.equal(['a', 'b', 'c', 'd']);
      expect(first.acks.slice(1)).to.deep.equal(['a', 'b']);
      expect(states.map(({ to }) => to)).to.deep.equal(['connecting', 'open']);
      await turn();
      expect(s.sockets).to.have.length(2);
      s.socket.end(1006); // the new one is watched like any
      await again(s, 3);
      await client.close();
      expect(s.clock.pending).to.equal(0);
    });
    it('goes on trying when the second cannot be opened, and copes when the first goes early', async () => {
      const s = stage();
      const { client } = await connected(s);
      const first = s.socket;
      first.receive({ type: 'shutdown', id: 'x' });
      await until(() => s.sockets.length === 2);
      s.socket.end(1006);
      await again(s, 3);
      expect(client.socket.state).to.equal('open');
      first.end(4001);
      expect(client.socket.state).to.equal('waiting');
      await s.clock.advance(1_000);
      s.socket.welcome();
      expect(client.socket.state).to.equal('open');
      await client.close();
      expect(s.clock.pending).to.equal(0);
    });
  });

  describe('connect', () => {
    it('rejects for the caller who aborts, and for no one else', async () => {
      const s = stage();
      const client = s.client();
      const abort = new AbortController();
      const mine = failure(client.connect({ signal: abort.signal }));
      const other = client.connect();
      const limited = failure(client.connect({ timeoutMs: 20 }));
      await until(() => s.sockets.length === 1);
      const reason = new Error('mine');
      abort.abort(reason);
      expect(await mine).to.equal(reason);
      await s.clock.advance(20);
      expect((await limited).code).to.equal('ERR_TIMEOUT');
      s.socket.welcome();
      await other;
      await client.close();
    });
    it('close at any moment rejects it and leaves nothing', async () => {
      for (let moment = 0; moment < 30; moment += 1) {
        const s = stage();
        const client = s.client();
        const result = client.connect().then(
          () => 'open',
          (error: unknown) => (error as { code: string }).code,
        );
        for (let tick = 0; tick < moment; tick += 1) await Promise.resolve();
        if (moment > 20) {
          await turn();
          s.sockets[0]?.open();
        }
        await client.close();
        expect(await result, String(moment)).to.equal('ERR_CLIENT_CLOSED');
        await turn();
        expect(s.clock.pending, String(moment)).to.equal(0);
        expect(s.sockets.every(({ closedWith }) => closedWith !== undefined)).to.equal(true);
      }
    });
  });
});
