import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { createClient } from '../create-client.node.js';
import type { RequestOptions, UploadProgress } from '../host.js';

describe('upload progress in Node', () => {
  let server: Server;
  let url: string;
  let heard: { headers: IncomingHttpHeaders; body: Buffer }[] = [];
  let statuses: number[] = [];
  before(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        heard.push({ headers: request.headers, body: Buffer.concat(chunks) });
        response.statusCode = statuses.shift() ?? 200;
        response.end('{}');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
  });
  beforeEach(() => {
    heard = [];
    statuses = [];
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  async function send(body: unknown, more: Partial<RequestOptions> = {}) {
    const told: UploadProgress[] = [];
    const client = createClient({ token: 'A_B_C', service: url });
    const onProgress = (progress: UploadProgress) => told.push(progress);
    const { status } = await client.request({ method: 'POST', url, auth: false, body, onProgress, ...more });
    await client.close();
    const [first] = heard;
    if (first === undefined) throw new Error('nothing came');
    return { told, status, ...first };
  }
  const bytes = Uint8Array.from({ length: 200_000 }, (_, n) => (n * 7) % 256);

  const bodies: readonly (readonly [string, () => unknown, string, Uint8Array])[] = [
    ['bytes', () => bytes, '', bytes],
    ['an ArrayBuffer', () => bytes.slice().buffer, '', bytes],
    ['a Blob', () => new Blob([bytes], { type: 'image/png' }), 'image/png', bytes],
    ['text', () => 'grüße', 'text/plain;charset=utf-8', new TextEncoder().encode('grüße')],
    ['JSON', () => ({ a: 1 }), 'application/json', new TextEncoder().encode('{"a":1}')],
    [
      'a query',
      () => new URLSearchParams({ a: '1 2' }),
      'application/x-www-form-urlencoded;charset=utf-8',
      new TextEncoder().encode('a=1+2'),
    ],
  ];
  for (const [what, make, type, sent] of bodies)
    it(`of ${what} rises to all of it, and what travels is the same as without`, async () => {
      const { told, headers, body } = await send(make());
      const total = sent.length;
      expect(Buffer.compare(body, sent)).to.equal(0);
      expect((headers['content-type'] ?? '').toLowerCase()).to.equal(type);
      expect([headers['content-length'], headers['transfer-encoding']]).to.deep.equal([
        String(total),
        undefined,
      ]);
      expect(told.at(-1)).to.deep.equal({ sentBytes: total, totalBytes: total });
      expect(told.map(({ sentBytes }) => sentBytes)).to.deep.equal(
        [...new Set(told.map(({ sentBytes }) => sentBytes))].sort((a, b) => a - b),
      );
      if (total > 100_000) expect(told.length).to.be.greaterThan(1);
    });

  it('of a form counts all of it, and any reader of forms understands it', async () => {
    const form = new FormData();
    form.set('words', 'two\nlines');
    form.set('odd "name"', 'x');
    form.append('files', new File([bytes], 'données "1".bin', { type: 'image/png' }));
    form.append('files', new Blob(['abc']));
    const { told, headers, body } = await send(form);
    const total = body.length;
    expect(headers['content-length']).to.equal(String(total));
    expect(told.at(-1)).to.deep.equal({ sentBytes: total, totalBytes: total });
    const read = await new Response(new Uint8Array(body), {
      headers: { 'content-type': headers['content-type'] ?? '' },
    }).formData();
    expect(read.get('words')).to.equal('two\r\nlines');
    expect([...read.keys()].sort()).to.deep.equal(['files', 'files', 'odd "name"', 'words']);
    const [first, second] = read.getAll('files') as File[];
    expect([first?.name, first?.type, second?.name]).to.deep.equal(['données "1".bin', 'image/png', 'blob']);
    expect(Buffer.compare(new Uint8Array((await first?.arrayBuffer()) ?? []), bytes)).to.equal(0);
  });

  it('of a stream reports the bytes sent, without a total', async () => {
    const { told, body } = await send(new Blob([bytes]).stream());
    expect(body.length).to.equal(bytes.length);
    expect(told.at(-1)).to.deep.equal({ sentBytes: bytes.length });
  });

  it('begins again when the request is sent again', async () => {
    statuses = [503];
    const { told } = await send(bytes, { method: 'PUT' });
    expect(heard.map(({ body }) => body.length)).to.deep.equal([bytes.length, bytes.length]);
    expect(told.filter(({ sentBytes }) => sentBytes === bytes.length)).to.have.length(2);
  });

  it('does not care about a listener that throws', async () => {
    const onProgress = () => {
      throw new Error('mine');
    };
    expect((await send(bytes, { onProgress })).status).to.equal(200);
  });

  it('stops with the signal', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    let last = 0;
    const client = createClient({ token: 'A_B_C', service: url });
    const error: unknown = await client
      .request({
        method: 'POST',
        url,
        auth: false,
        body: new Blob([new Uint8Array(50_000_000)]),
        signal: controller.signal,
        onProgress: ({ sentBytes }) => {
          last = sentBytes;
          controller.abort(reason);
        },
      })
      .catch((caught: unknown) => caught);
    expect(error).to.equal(reason);
    const at = last;
    await new Promise((resolve) => setImmediate(resolve));
    expect([last, at < 50_000_000]).to.deep.equal([at, true]);
    await client.close();
  });
});
