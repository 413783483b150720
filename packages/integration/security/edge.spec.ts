import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { expect } from 'chai';
import { until } from '../kit/until.js';
import { admin, send, startWatched, type Reply, type Watched } from './kit.js';

describe('the HTTP edge of the service', function () {
  this.timeout(60_000);
  let service: Watched;
  let token: string;
  let room: { id: string };
  before(async () => {
    service = await startWatched({ logLevel: 'error', allowPrivateTargets: true });
    const made = await admin<{ accessToken: string }>(service, 'users', {
      email: 'ana@example.com',
      displayName: 'Ana',
    });
    token = made.accessToken;
    room = await call('POST', '/v1/rooms', { title: 'Edge' });
  });
  after(() => service.close());
  afterEach(() => {
    expect(service.log.join('')).to.equal('');
  });

  const authorized = () => ({ authorization: `Bearer ${token}` });
  const ask = (method: string, path: string, body?: string | Buffer, headers = {}): Promise<Reply> =>
    send(service.url, {
      method,
      path,
      headers: { ...authorized(), ...headers },
      ...(body === undefined ? {} : { body }),
    });
  const json = { 'content-type': 'application/json' };
  async function call<T>(method: string, path: string, body?: object): Promise<T> {
    const reply = await ask(method, path, body && JSON.stringify(body), body && json);
    if (reply.status >= 300) throw new Error(`${path}: ${String(reply.status)} ${reply.text}`);
    return JSON.parse(reply.text) as T;
  }

  it('lets no page of another origin read administration or metrics, however the path is spelled (F10)', async () => {
    const paths = ['/admin/v1/users', '//admin/v1/users', '/%61dmin/v1/users', '/admin//v1/events'];
    const more = [
      '/%61%64min/v1/events',
      '/admin/v1/nothing',
      '/admin/',
      '//metrics',
      '/%6detrics',
      '/metrics/',
    ];
    for (const path of [...paths, ...more, '///admin/v1/events?since=0'])
      for (const method of ['OPTIONS', 'GET', 'POST', 'HEAD']) {
        const reply = await send(service.url, {
          method,
          path,
          headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
        });
        expect(reply.headers['access-control-allow-origin'], `${method} ${path}`).to.equal(undefined);
        if (method === 'OPTIONS') expect(reply.status, path).to.be.within(400, 499);
      }
    const other = await send(service.url, { method: 'OPTIONS', path: '/v1/rooms' });
    expect([other.status, other.headers['access-control-allow-origin']]).to.deep.equal([204, '*']);
  });

  it('answers a Host header that is not a host with 400, never 5xx (F15)', async () => {
    const bad = [
      'x:99999',
      '1.2.3.4.5',
      '[::::]',
      'xn--a',
      '256.1.1.1',
      'a b',
      'x/y',
      'x@y',
      '[::1',
      'x:-1',
      '%',
    ];
    for (const host of bad)
      for (const path of [
        '/u2c/api/v1/limited/catalog',
        '/healthz',
        '/v1/rooms?max=1',
        '/idbroker/account',
      ]) {
        const { status, text } = await ask('GET', path, undefined, { host });
        expect(status, `${host} ${path} ${text}`).to.equal(400);
      }
    for (const host of [
      'chat.example.com',
      '10.0.0.1:8080',
      '[::1]:80',
      'my_host',
      'EXAMPLE.com',
      'x:65535',
    ]) {
      const { status, text } = await ask('GET', '/u2c/api/v1/limited/catalog', undefined, { host });
      expect(status, host).to.equal(200);
      expect(text.toLowerCase()).to.include(`//${host.toLowerCase().replace(/:80$/, ':80')}`);
    }
  });

  it('refuses sockets under such a Host as well', async () => {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (part: Buffer) => (answer += part.toString()));
    const path = '/mercury/v1/apps/wx2/registrations/00000000-0000-4000-8000-000000000000/messages';
    socket.write(
      `GET ${path} HTTP/1.1\r\nhost: x:99999\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    await once(socket, 'close');
    expect(answer).to.match(/^HTTP\/1.1 400 /);
  });

  it('answers forms that are broken, cut short or without boundary with 400 (F16)', async () => {
    const part = (name: string, value: string, more = ''): string =>
      `--b\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;
    const type = 'multipart/form-data; boundary=b';
    const file = '; filename="a.txt"';
    const cases: readonly (readonly [string, string, string])[] = [
      ['no boundary', 'multipart/form-data', part('roomId', room.id)],
      ['an empty boundary', 'multipart/form-data; boundary=', part('roomId', room.id)],
      ['not a form', type, 'nonsense'],
      ['nothing', type, ''],
      [
        'cut in a field',
        type,
        `${part('roomId', room.id)}--b\r\ncontent-disposition: form-data; name="text"\r\n\r\nx`,
      ],
      ['cut in a file', type, part('roomId', room.id) + part('files', 'data', file).slice(0, -2)],
      ['cut in a head', type, `${part('roomId', room.id)}--b\r\ncontent-dis`],
      ['without an end', type, part('roomId', room.id) + part('text', 'hello')],
      ['a head without a name', type, '--b\r\ncontent-disposition: form-data\r\n\r\nx\r\n--b--\r\n'],
      ['a prototype', type, `${part('__proto__', 'x')}${part('constructor', 'x')}--b--\r\n`],
      [
        'two files',
        type,
        `${part('roomId', room.id)}${part('files', 'a', file)}${part('files', 'b', file)}--b--\r\n`,
      ],
      [
        'many fields',
        type,
        `${Array.from({ length: 100 }, (_, n) => part(String(n), 'x')).join('')}--b--\r\n`,
      ],
    ];
    for (const [what, contentType, body] of cases) {
      const { status, text } = await ask('POST', '/v1/messages', body, { 'content-type': contentType });
      expect(status, `${what}: ${text}`).to.be.within(400, 499);
    }
    const good = `${part('roomId', room.id)}${part('files', 'data', file)}--b--\r\n`;
    const sent = await ask('POST', '/v1/messages', good, { 'content-type': type });
    expect(sent.status, sent.text).to.equal(200);
  });

  it('answers half of a surrogate pair with 400 wherever text may come in (F16)', async () => {
    for (const [path, body] of [
      ['/apheleia/api/v1/compositions', '{"subjects":["\\ud800"]}'],
      ['/apheleia/api/v1/subscriptions', '{"subjects":["x\\udfff"],"includeStatus":true}'],
      ['/v1/rooms', '{"title":"\\ud83d"}'],
      ['/v1/messages', `{"roomId":"${room.id}","text":"\\ud83d"}`],
      ['/conversation/api/v1/users/deskFeedbackUrl', '{"appType":"\\udc00"}'],
    ] as const) {
      const { status, text } = await ask('POST', path, body, json);
      expect(status, `${path} ${text}`).to.equal(400);
    }
    const query = await ask('GET', '/apheleia/api/v1/compositions?userId=%ED%A0%80');
    expect(query.status).to.be.below(500);
  });

  describe('uploads', () => {
    interface Session {
      readonly uploadUrl: string;
      readonly finishUploadUrl: string;
    }
    let space: string;
    const begin = (fileSize: number): Promise<Session> =>
      call('POST', `${new URL(space).pathname}/upload_sessions`, { fileSize });
    const put = (session: Session, body: string | Buffer, headers = {}): Promise<Reply> =>
      send(service.url, { method: 'PUT', path: new URL(session.uploadUrl).pathname, headers, body });
    before(async () => {
      const id = Buffer.from(room.id, 'base64').toString().split('/').pop() ?? '';
      const path = `/conversation/api/v1/conversations/${id}/space`;
      ({ spaceUrl: space } = await call<{ spaceUrl: string }>('PUT', path));
    });

    it('take the bytes whatever their media type says (F17)', async () => {
      const types = ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'image/png', ''];
      for (const type of [...types, 'application/json; charset=utf-8', 'multipart/form-data; boundary=x']) {
        const bytes = '{"not":"parsed",';
        const session = await begin(bytes.length);
        const { status, text } = await put(session, bytes, type === '' ? {} : { 'content-type': type });
        expect(status, `${type} ${text}`).to.equal(200);
        const done = await call<{ downloadUrl: string }>(
          'POST',
          new URL(session.finishUploadUrl).pathname,
          {},
        );
        expect((await ask('GET', new URL(done.downloadUrl).pathname)).text, type).to.equal(bytes);
      }
    });

    it('of the same file at the same time are refused with 409, and one of them succeeds (F16)', async () => {
      const bytes = Buffer.alloc(5_000_000, 7);
      const session = await begin(bytes.length);
      const headers = { 'content-type': 'application/octet-stream' };
      const replies = await Promise.all(Array.from({ length: 6 }, () => put(session, bytes, headers)));
      const statuses = replies.map((reply) => reply.status).sort();
      expect(statuses[0], replies.map((reply) => reply.text).join()).to.equal(200);
      for (const status of statuses) expect(status).to.be.oneOf([200, 409]);
    });
  });

  describe('files by URL', () => {
    let target: Server;
    let url: string;
    let open = 0;
    const location: { value: string } = { value: '' };
    before(async () => {
      target = createServer((request, response) => {
        open += 1;
        request.socket.once('close', () => (open -= 1));
        if (request.url === '/moved') response.writeHead(302, { location: location.value }).end();
        else if (request.url === '/cut') {
          response.writeHead(200, { 'content-length': '1000' }).write('some');
          setTimeout(() => response.destroy(), 50);
        } else {
          // a byte now and then, without end
          response.writeHead(200, { 'content-type': 'text/plain' });
          const timer = setInterval(() => response.write('x'), 100);
          response.once('close', () => {
            clearInterval(timer);
          });
        }
      });
      target.listen(0, '127.0.0.1');
      await once(target, 'listening');
      url = `http://127.0.0.1:${String((target.address() as AddressInfo).port)}`;
    });
    after(() => {
      target.closeAllConnections();
      target.close();
    });
    const post = (path: string): Promise<Reply> =>
      ask('POST', '/v1/messages', JSON.stringify({ roomId: room.id, files: [url + path] }), json);

    it('that lead nowhere or break off are the client’s fault: 400 (F16)', async () => {
      for (const value of [
        'http://',
        'http://[',
        '//',
        'ftp://x/',
        'javascript:1',
        'http://x:99999/',
        '/moved',
      ]) {
        location.value = value;
        const { status, text } = await post('/moved');
        expect(status, `${value} ${text}`).to.equal(400);
      }
      expect((await post('/cut')).status).to.equal(400);
    });

    it('are few at a time for one user, and end with the request that asked for them (F6)', async () => {
      await until(
        () => open === 0,
        () => `${String(open)} connections of the test before`,
      );
      const clients = Array.from({ length: 12 }, () => {
        const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
        const body = JSON.stringify({ roomId: room.id, files: [`${url}/drip`] });
        const answer = { text: '' };
        socket.on('data', (part: Buffer) => (answer.text += part.toString()));
        socket.on('error', () => undefined);
        socket.write(
          `POST /v1/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${String(body.length)}\r\n\r\n${body}`,
        );
        return { socket, answer };
      });
      const refused = () => clients.filter(({ answer }) => answer.text.includes(' 429 ')).length;
      await until(
        () => refused() === 8 && open === 4,
        () => `${String(refused())} of 8 refused, ${String(open)} of 4 fetched`,
      );
      expect(clients.find(({ answer }) => answer.text !== '')?.answer.text).to.match(/retry-after: \d+/i);
      for (const { socket } of clients) socket.destroy();
      await until(
        () => open === 0,
        () => `${String(open)} still fetched for clients that are gone`,
      );
    });
  });
});
