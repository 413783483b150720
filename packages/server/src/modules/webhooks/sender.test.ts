import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSender, type Sender } from './sender.js';

describe('sending to a webhook target', () => {
  let server: Server | undefined;
  let sender: Sender;
  const never = new AbortController().signal;
  const start = async (answer: RequestListener, allowPrivate = true, timeoutMs = 5000): Promise<string> => {
    server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    sender = createSender({ allowPrivate, timeoutMs, now: () => 0 });
    return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hook`;
  };
  const post = (url: string, signal = never) =>
    sender.post(url, Buffer.from('{"a":1}'), { 'x-a': 'b' }, signal);
  afterEach(async () => {
    sender.close();
    server?.closeAllConnections();
    server?.close();
    if (server) await once(server, 'close');
    server = undefined;
  });

  it('posts the bytes and answers the status, over a connection that is kept', async () => {
    const seen: string[] = [];
    const ports = new Set<number | undefined>();
    const url = await start((request, response) => {
      ports.add(request.socket.remotePort);
      request.on('data', (chunk: Buffer) => seen.push(`${request.method ?? ''} ${chunk.toString()}`));
      request.on('end', () => response.writeHead(204).end());
    });
    expect(await post(url)).to.include({ status: 204 });
    expect(await post(url)).to.include({ status: 204 });
    expect(seen).to.deep.equal(['POST {"a":1}', 'POST {"a":1}']);
    expect(ports.size).to.equal(1);
  });

  it('gives up a target that hangs', async () => {
    const url = await start(() => undefined, true, 50);
    expect(await post(url)).to.include({ status: undefined });
  });

  it('takes the answer of a target whose body never ends', async () => {
    const url = await start((_, response) => {
      const chunk = Buffer.alloc(32 * 1024);
      const go = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', go);
      go();
    });
    expect(await post(url)).to.include({ status: 200 });
  });

  it('says what a busy target asks for', async () => {
    const url = await start((_, response) => response.writeHead(429, { 'retry-after': '7' }).end());
    expect(await post(url)).to.include({ status: 429, retryAfterMs: 7000 });
  });

  it('follows no redirect', async () => {
    const paths: (string | undefined)[] = [];
    const url = await start((request, response) => {
      paths.push(request.url);
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect(await post(url)).to.include({ status: 307 });
    expect(paths).to.deep.equal(['/hook']);
  });

  it('goes to no private address, written as it may be, and to no name that leads to one', async () => {
    let asked = 0;
    const url = await start((_, response) => {
      asked += 1;
      response.end();
    }, false);
    const { port } = new URL(url);
    for (const host of [
      '127.0.0.1',
      '2130706433',
      '0x7f.1',
      'localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '0.0.0.0',
    ])
      expect(await post(`http://${host}:${port}/`), host).to.include({ status: undefined });
    expect(asked).to.equal(0);
  });

  it('tries once more when a kept connection was closed just then', async () => {
    let asked = 0;
    const url = await start((request, response) => {
      asked += 1;
      // the second request on a connection meets a closed one
      if (asked === 2) request.socket.destroy();
      else response.end();
    });
    expect(await post(url)).to.include({ status: 200 });
    expect(await post(url)).to.include({ status: 200 });
    expect(asked).to.equal(3);
  });

  it('ends at once when it is cut', async () => {
    const stop = new AbortController();
    const url = await start(() => {
      stop.abort();
    });
    expect(await post(url, stop.signal)).to.include({ status: undefined });
  });
});
