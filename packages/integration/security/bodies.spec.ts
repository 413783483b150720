import { connect } from 'node:net';
import { once } from 'node:events';
import { expect } from 'chai';
import { admin, send, startWatched, type Watched } from './kit.js';

const mebi = 1024 * 1024;
const json = { 'content-type': 'application/json' };
/** the costliest JSON there is by the byte */
const objects = (bytes: number): string => `[${'{},'.repeat(Math.floor(bytes / 3))}{}]`;

describe('large and slow bodies', function () {
  this.timeout(60_000);
  let service: Watched;
  let idle: Watched;
  let token: string;
  before(async () => {
    idle = await startWatched({ logLevel: 'silent' });
    service = await startWatched({ logLevel: 'error', limits: { bodyMs: 1500 } });
    const person = await admin<{ accessToken: string }>(service, 'users', {
      email: 'ana@example.com',
      displayName: 'Ana',
    });
    token = person.accessToken;
  });
  after(() => Promise.all([service.close(), idle.close()]));

  const median = (times: readonly number[]): number =>
    [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;

  /**
   * Asks for /healthz while `work` runs: ms of each answer, and of one that has nothing to do. What both wait for is the
   * machine, which other programs use as well.
   */
  async function healthDuring(work: Promise<unknown>): Promise<{ busy: number[]; idle: number[] }> {
    const ask = async (url: string, times: number[]): Promise<void> => {
      const start = performance.now();
      expect((await send(url, { method: 'GET', path: '/healthz' })).status).to.equal(200);
      times.push(performance.now() - start);
    };
    const times = { busy: [] as number[], idle: [] as number[] };
    const state = { working: true };
    const ended = work.finally(() => {
      state.working = false;
    });
    do await Promise.all([ask(service.url, times.busy), ask(idle.url, times.idle)]);
    while (state.working);
    await ended;
    return times;
  }

  it('without a token are not read: 20 MiB of JSON leave /healthz under 100 ms on every route (F1)', async () => {
    const body = Buffer.from(objects(20 * mebi));
    const routes = [
      ['POST', '/v1/messages', 401],
      ['POST', '/v1/rooms', 401],
      ['PUT', '/files/v1/uploads/x/y/z', 404],
      ['PUT', '/client-logs/api/v1/logs/uploads/x/y/z', 404],
      ['POST', '/conversation/api/v1/conversations', 401],
      ['POST', '/metrics/api/v1/clientmetrics-prelogin', 413],
      ['POST', '/idbroker/idb/oauth2/v1/access_token', 413],
      ['POST', '/admin/v1/users', 401],
      ['POST', '/there/is/nothing', 404],
    ] as const;
    await service.stall();
    const measured: string[] = [];
    for (const [method, path, status] of routes) {
      // 413 closes the connection while the body is on its way, which some writers see as a broken pipe
      const one = () =>
        send(service.url, { method, path, headers: json, body }).then(
          (reply) => {
            expect(reply.status, path).to.equal(status);
          },
          (error: unknown) => {
            if (status !== 413) throw error;
          },
        );
      // three in a row: a single answer also waits for other programs of this machine
      const times = await healthDuring(one().then(one).then(one));
      const { ms } = await service.stall();
      const took = [Math.max(...times.busy), Math.max(...times.idle), ms].map((each) => each.toFixed(0));
      const [busy = '', unused = '', blocked = ''] = took;
      measured.push(`${path}: /healthz ${busy} ms (idle service: ${unused} ms), blocked for ${blocked} ms`);
      expect(median(times.busy) - median(times.idle), `${path}: /healthz`).to.be.below(100);
      expect(ms, `${path}: the event loop was blocked`).to.be.below(100);
    }
    console.log(`      ${measured.join('\n      ')}`);
  });

  it('of JSON are limited to 1 MiB for known callers, too, and never block for 100 ms (F1)', async () => {
    const headers = { ...json, authorization: `Bearer ${token}` };
    for (const path of ['/v1/messages', '/v1/rooms', '/v1/webhooks', '/conversation/api/v1/conversations']) {
      const large = await send(service.url, { method: 'POST', path, headers, body: objects(0.9 * mebi) });
      expect(large.status, path).to.equal(400);
      const over = send(service.url, { method: 'POST', path, headers, body: `"${'x'.repeat(2 * mebi)}"` });
      const status = await over.then(
        (reply) => reply.status,
        () => 413,
      );
      expect(status, path).to.equal(413);
    }
    const many = Array.from({ length: 10 }, () =>
      send(service.url, { method: 'POST', path: '/v1/rooms', headers, body: objects(0.9 * mebi) }),
    );
    await Promise.all(many);
    expect((await service.stall()).ms).to.be.below(100);
  });

  it('do not fill a small heap: 60 MiB of JSON without a token to a service with 128 MiB (F1)', async () => {
    const small = await startWatched({ logLevel: 'silent' }, ['--max-old-space-size=128']);
    try {
      const body = Buffer.from(objects(60 * mebi));
      for (const [method, path] of [
        ['POST', '/v1/messages'],
        ['PUT', '/files/v1/uploads/x/y/z'],
      ] as const)
        await send(small.url, { method, path, headers: json, body });
      expect(small.ended()).to.equal(undefined);
      expect((await small.stall()).rss).to.be.below(400 * mebi);
    } finally {
      await small.close();
    }
  });

  /** Sends the head, then a byte now and then, until the service ends it. */
  async function drip(head: string): Promise<{ readonly ms: number; readonly answer: string }> {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (part: Buffer) => (answer += part.toString()));
    socket.on('error', () => undefined);
    const start = performance.now();
    socket.write(head);
    const timer = setInterval(() => socket.write('x'), 200);
    await once(socket, 'close');
    clearInterval(timer);
    return { ms: performance.now() - start, answer };
  }

  it('that come a byte now and then end with 408, and after a refusal the connection is closed (F23)', async () => {
    const head = (line: string, more = ''): string =>
      `${line} HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n${more}\r\n`;
    const authorization = `authorization: Bearer ${token}\r\n`;
    const type = 'content-type: application/json\r\n';
    const form = 'content-type: multipart/form-data; boundary=b\r\n';
    const [known, unknown, page, parts] = await Promise.all([
      drip(head('POST /v1/rooms', type + authorization)),
      drip(head('POST /v1/rooms', type)),
      drip(head('POST /idbroker/account', type)),
      drip(head('POST /v1/messages', form + authorization) + '--b\r\n'),
    ]);
    expect(known.answer).to.include('408');
    expect(parts.answer).to.include('408');
    expect(unknown.answer).to.include('401');
    expect(page.answer).to.include('413');
    for (const { ms } of [known, unknown, page, parts]) expect(ms).to.be.below(15_000);
    expect(service.ended()).to.equal(undefined);
    expect(service.log.join('')).to.equal('');
  });
});
