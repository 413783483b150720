import { createClient, refreshToken, type ClientBase } from '@trunkline/core';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import { expectQuiet, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { refusal } from './tools.js';

const me = { service: 'hydra', path: 'people/me' } as const;
const newRoom = { method: 'POST', service: 'hydra', path: 'rooms', body: { title: 'Once' } } as const;
const secret = 'SECRET_of-somebody_00000000-0000-4000-8000-000000000000';
const patient = { request: { maxRetries: 1 } } as const;

/** Something on a port that is not a service of ours. */
async function listening(server: ReturnType<typeof createTcpServer>): Promise<{
  readonly url: string;
  close(): Promise<void>;
}> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
const serving = (listener: RequestListener) => listening(createServer(listener));

describe('answers of a service in trouble', function () {
  this.timeout(30_000);
  let cloud: Cloud;
  let token: string;
  before(async () => {
    cloud = await startCloud();
    token = (await cloud.person('ana')).accessToken;
  });
  after(() => cloud.close());

  for (const [status, code, retryable] of [
    [400, 'ERR_BAD_REQUEST', false],
    [403, 'ERR_FORBIDDEN', false],
    [404, 'ERR_NOT_FOUND', false],
    [409, 'ERR_CONFLICT', false],
    [410, 'ERR_GONE', false],
    [423, 'ERR_LOCKED', true],
    [451, 'ERR_EMBARGOED', false],
    [500, 'ERR_SERVER', true],
    [501, 'ERR_SERVER', true],
    [502, 'ERR_UNAVAILABLE', true],
    [503, 'ERR_UNAVAILABLE', true],
    [504, 'ERR_UNAVAILABLE', true],
  ] as const)
    it(`${String(status)} is ${code}, and the next call works`, async () => {
      const client = await cloud.client('ana', [], { config: patient });
      await client.ready();
      const fault = { kind: 'status', status, match: { path: '/v1/' } } as const;
      for (const [call, times] of [
        [newRoom, 1],
        [me, 2], // what reads is asked for again where that may help
      ] as const) {
        const lift = await cloud.fault({ ...fault, times });
        const error = await refusal(client.request(call), token);
        expect([error.code, error.status, error.retryable]).to.deep.equal([code, status, retryable]);
        expect(error.message).to.contain(`answered ${String(status)}: A fault that an administrator set`);
        expect(error.trackingId).to.match(/^trunkline_/);
        await lift();
      }
      expect((await client.request(me)).status).to.equal(200);
      await client.close();
      await expectQuiet(client);
    });

  it('401 is one question for another token, then ERR_UNAUTHORIZED, and the next call works', async () => {
    let asked = 0;
    const client = await cloud.client('ana', [], {
      token: () => {
        asked += 1;
        // another spelling each time would be another token: the service knows this one only
        return Promise.resolve(asked === 2 ? secret : token);
      },
    });
    await client.ready();
    const lift = await cloud.fault({ kind: 'status', status: 401, times: 1, match: { path: '/v1/people' } });
    const error = await refusal(client.request(me), secret);
    expect([error.code, error.status, error.retryable, asked]).to.deep.equal([
      'ERR_UNAUTHORIZED',
      401,
      false,
      2,
    ]);
    await lift();
    expect((await client.request(me)).status).to.equal(200);
    await client.close();
    await expectQuiet(client);
  });

  const nonsense: Readonly<Record<string, (response: ServerResponse) => void>> = {
    'a page in HTML': (response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>Welcome</title>');
    },
    'JSON that ends too early': (response) => response.end('{"id":"abc","ti'),
    'bytes that are not text': (response) => response.end(Buffer.from([0xff, 0xfe, 0x00, 0x7b])),
  };
  for (const [what, answer] of Object.entries(nonsense))
    it(`${what} is ERR_BAD_RESPONSE, and none of it is repeated`, async () => {
      const server = await serving((_, response) => {
        answer(response);
      });
      const client = createClient({ token: secret, service: server.url, plugins: [rooms()] });
      for (const call of [
        () => client.ready(),
        () => client.rooms.get('x'),
        () => client.connect({ timeoutMs: 2_000 }),
      ]) {
        const error = await refusal(call(), secret);
        expect([error.code, error.retryable]).to.deep.equal(['ERR_BAD_RESPONSE', false]);
        expect(error.message).not.to.match(/Welcome|abc|Unexpected token/);
      }
      await client.close();
      await server.close();
    });

  it('a refusal in HTML, or one that repeats the token, is a typed error without either', async () => {
    const server = await serving((request, response) => {
      response.statusCode = request.url?.includes('html') === true ? 502 : 409;
      if (response.statusCode === 502) response.end('<html>Bad gateway</html>');
      else response.end(JSON.stringify({ message: `no: ${request.headers.authorization ?? ''}` }));
    });
    const client = createClient({ token: secret, service: server.url, config: patient });
    const html = await refusal(client.request({ service: 'hydra', path: 'html' }), secret);
    expect([html.code, html.status, html.message.includes('<')]).to.deep.equal([
      'ERR_UNAVAILABLE',
      502,
      false,
    ]);
    const echo = await refusal(client.request({ service: 'hydra', path: 'echo' }), secret);
    expect([echo.code, echo.message.includes('no: Bearer [token]')]).to.deep.equal(['ERR_CONFLICT', true]);
    await client.close();
    await server.close();
  });

  it('lists without items, and devices without addresses, are ERR_BAD_RESPONSE', async () => {
    const server = await serving((request, response) => {
      const links = { wdm: `${server.url}/wdm/api/v1` };
      const catalog = { serviceLinks: links, hostCatalog: {} };
      response.end(JSON.stringify(request.url?.includes('/catalog') === true ? catalog : { items: 7 }));
    });
    const client = createClient({ token: secret, service: server.url, plugins: [rooms()] });
    for (const call of [() => client.rooms.list().page(), () => client.connect({ timeoutMs: 2_000 })])
      expect((await refusal(call(), secret)).code).to.equal('ERR_BAD_RESPONSE');
    await client.close();
    await server.close();
  });

  it('a catalog that is empty is ERR_CATALOG, which is asked for again by the next call', async () => {
    let empty = true;
    const links = (host: string) => ({
      wdm: `http://${host}/wdm`,
      conversation: `http://${host}/conversation`,
    });
    const server = await serving((request, response) => {
      const { host = '' } = request.headers;
      if (request.url?.startsWith('/u2c') === true)
        response.end(JSON.stringify({ serviceLinks: empty ? {} : links(host), hostCatalog: {} }));
      else response.end('{"fine":true}');
    });
    const client = createClient({ token: secret, service: server.url });
    const call = { service: 'conversation', path: 'x' } as const;
    for (const work of [
      () => client.ready(),
      () => client.request(call),
      () => client.connect({ timeoutMs: 2_000 }),
    ]) {
      const error = await refusal(work(), secret);
      expect([error.code, error.message.includes('Check that `service` is the base URL')]).to.deep.equal([
        'ERR_CATALOG',
        true,
      ]);
    }
    empty = false;
    expect((await client.request(call)).body).to.deep.equal({ fine: true });
    const unknown = await refusal(client.request({ service: 'nothing', path: 'x' }), secret);
    expect(unknown.code).to.equal('ERR_UNKNOWN_SERVICE');
    await client.close();
    await server.close();
  });

  it('a catalog that is late is waited for, by calls that need it only, and the app may give up', async () => {
    const client = await cloud.client('ana', [rooms(), messages()] as const);
    const lift = await cloud.fault({ kind: 'delay', delayMs: 1_000, match: { path: '/u2c' } });
    const startedMs = Date.now();
    const listening = client.messages.listen();
    const late = await refusal(client.ready({ timeoutMs: 100 }), token);
    expect([late.code, late.retryable]).to.deep.equal(['ERR_TIMEOUT', true]);
    await client.rooms.list().page(); // known without a catalog
    expect(Date.now() - startedMs).to.be.below(1_000);
    await listening;
    expect(client.socket.state).to.equal('open');
    await lift();
    await client.close();
    await expectQuiet(client);
  });

  it('that are cut off at any place are ERR_NETWORK to what writes, and come whole to what reads', async () => {
    const body = JSON.stringify({ id: 'x', title: 'Whole' });
    const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${String(body.length)}\r\n\r\n`;
    const whole = head + body;
    let places: number[] = [];
    const server = await listening(
      createTcpServer((socket) => {
        socket.on('data', () => {
          const at = places.shift();
          if (at === undefined) socket.end(whole);
          else socket.write(whole.slice(0, at), () => socket.destroy());
        });
      }),
    );
    const client = createClient({ token: secret, service: server.url, plugins: [rooms()], config: patient });
    for (const at of [0, 1, 15, head.length - 1, head.length, head.length + 1, whole.length - 1]) {
      places = [at];
      expect((await client.rooms.get('x')).title, `cut at ${String(at)}`).to.equal('Whole');
      places = [at];
      const error = await refusal(client.rooms.create({ title: 'x' }), secret);
      expect([error.code, error.retryable], `cut at ${String(at)}`).to.deep.equal(['ERR_NETWORK', true]);
      expect(places).to.deep.equal([]);
      places = [at, at];
      expect((await refusal(client.rooms.get('x'), secret)).code).to.equal('ERR_NETWORK');
    }
    await client.close();
    await server.close();
  });

  const silences: Readonly<Record<string, () => ReturnType<typeof listening>>> = {
    'takes connections and says nothing': () => listening(createTcpServer(() => undefined)),
    'begins to answer and never ends': () =>
      serving((_: IncomingMessage, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{"id":');
      }),
  };
  for (const [how, start] of Object.entries(silences))
    it(`a service that ${how} ends every call with ERR_TIMEOUT, and close() does not wait for it`, async () => {
      const server = await start();
      const request = { timeoutMs: 150, maxRetries: 0 };
      const config = { request, mercury: { backoffBaseMs: 20, backoffMaxMs: 50 } };
      const client = createClient({ token: secret, service: server.url, plugins: [rooms()], config });
      for (const call of [
        () => client.ready(),
        () => client.rooms.get('x'),
        () => client.rooms.create({ title: 'x' }),
        () => client.rooms.list().page(),
        () => client.connect({ timeoutMs: 400 }),
      ]) {
        const error = await refusal(call(), secret, 2_000);
        expect([error.code, error.retryable]).to.deep.equal(['ERR_TIMEOUT', true]);
      }
      const under = client.rooms.get('x', { timeoutMs: 0 }).catch((error: unknown) => error);
      const startedMs = Date.now();
      await client.close();
      expect(Date.now() - startedMs).to.be.below(3_000);
      expect(await under).to.have.property('code', 'ERR_CLIENT_CLOSED');
      await server.close();
    });

  it('a token service that never answers ends calls with their time limit', async () => {
    const server = await listening(createTcpServer(() => undefined));
    const renew = refreshToken({ refreshToken: secret, clientId: 'spec' });
    const client: ClientBase = createClient({ token: renew, service: server.url });
    const error = await refusal(client.request({ ...me, timeoutMs: 200 }), secret, 2_000);
    expect([error.code, error.retryable]).to.deep.equal(['ERR_TIMEOUT', true]);
    const ready = await refusal(client.ready({ timeoutMs: 200 }), secret, 2_000);
    expect(ready.code).to.equal('ERR_TIMEOUT');
    await client.close();
    await server.close();
  });
});
