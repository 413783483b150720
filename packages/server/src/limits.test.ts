import { expect } from 'chai';
import { once } from 'node:events';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { type RunningServer, startServer } from './index.js';
import { addressKey, Windows } from './kernel/http/rate-limits.js';

describe('limits', function () {
  this.timeout(20_000);
  let server: RunningServer;
  const start = async (limits: NonNullable<Parameters<typeof startServer>[0]>['limits']): Promise<void> => {
    server = await startServer({ port: 0, logLevel: 'silent', ...(limits && { limits }) });
  };
  afterEach(() => server.close());
  const get = (token?: string): Promise<Response> =>
    fetch(
      `${server.url}/v1/region`,
      token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
    );
  const raw = async (text: string): Promise<string> => {
    const socket = connect(server.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (part: Buffer) => (answer += part.toString()));
    socket.on('error', () => undefined);
    socket.write(text);
    await once(socket, 'close');
    return answer;
  };

  it('of requests by token: 429 in the usual shape, with Retry-After; others go on', async () => {
    await start({ requestsPerTokenPerMinute: 3 });
    for (let n = 0; n < 3; n += 1) expect((await get('one')).status).to.equal(200);
    const refused = await get('one');
    expect(refused.status).to.equal(429);
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 60);
    expect(refused.headers.get('access-control-allow-origin')).to.equal('*');
    expect(await refused.json()).to.have.all.keys('message', 'errors', 'trackingId');
    expect((await get('two')).status).to.equal(200);
    expect((await get()).status).to.equal(200);
  });

  it('of requests by address, however many tokens are shown', async () => {
    await start({ requestsPerAddressPerMinute: 3 });
    for (let n = 0; n < 3; n += 1) expect((await get(`token ${String(n)}`)).status).to.equal(200);
    expect((await get('another')).status).to.equal(429);
  });

  it('of requests by address, which others there cannot use up for someone with a valid token (F4)', async () => {
    await start({ requestsPerAddressPerMinute: 5 });
    const admin = (path: string, body: object): Promise<Response> =>
      fetch(`${server.url}/admin/v1/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const made = await admin('users', { email: 'ana@example.com', displayName: 'Ana' });
    const { accessToken } = (await made.json()) as { accessToken: string };
    const me = async (): Promise<number> =>
      (await fetch(`${server.url}/v1/people/me`, { headers: { authorization: `Bearer ${accessToken}` } }))
        .status;
    expect(await me()).to.equal(200);
    for (let n = 0; n < 20; n += 1) await get(`junk ${String(n)}`);
    expect((await get('another')).status).to.equal(429);
    for (let n = 0; n < 10; n += 1) expect(await me()).to.equal(200);
  });

  it('do not count programs on this machine unless they were set', async () => {
    await start({});
    const answers = await Promise.all(Array.from({ length: 200 }, () => get('one')));
    expect(answers.every((answer) => answer.status === 200)).to.equal(true);
  });

  it('of sockets that show no token: how many, and how long', async () => {
    await start({ unauthorizedSocketsPerAddress: 2, authorizationMs: 300 });
    const url = `${server.url.replace('http', 'ws')}/mercury/v1/apps/wx2/registrations/${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}/messages`;
    const sockets = [new WebSocket(url), new WebSocket(url)];
    await Promise.all(sockets.map((socket) => once(socket, 'open')));
    const third = new WebSocket(url);
    const [error] = (await once(third, 'error')) as [Error];
    expect(error.message).to.include('503');
    const closes = await Promise.all(sockets.map((socket) => once(socket, 'close')));
    expect(closes.map(([code]) => code as number)).to.deep.equal([1008, 1008]);
    const fourth = new WebSocket(url);
    await once(fourth, 'open');
    fourth.terminate();
  });

  it('of the head of a request: its size, and the time it may take', async () => {
    await start({ headerBytes: 4096, headersMs: 300 });
    expect(await raw(`GET / HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(5000)}\r\n\r\n`)).to.include('431');
    // one byte now and then, for ever: cut
    expect(await raw('GET / HTTP/1.1\r\nhost: x\r\nx-slow: ')).to.include('408');
    expect((await get()).status).to.equal(200);
  });

  it('end with their minute, not with what the wall clock says', async () => {
    await start({});
    let ticks = 0;
    const windows = new Windows(1, () => ticks);
    expect(windows.take('a')).to.equal(0);
    ticks = 59_000;
    expect(windows.take('a')).to.equal(1000);
    ticks = 60_000;
    expect(windows.take('a')).to.equal(0);
  });

  it('take a network of IPv6 for one address', async () => {
    await start({});
    expect(addressKey('::ffff:10.0.0.1')).to.equal('10.0.0.1');
    expect(addressKey('2001:db8:1:2:3:4:5:6')).to.equal('2001:db8:1:2');
    expect(addressKey('2001:db8:1:2::9')).to.equal('2001:db8:1:2');
    expect(addressKey('2001:db8::9')).to.equal('2001:db8:0:0');
  });
});
