import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createReadStream, openAsBlob, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { createClient, type Client } from '@trunkline/core';
import type { Conversation } from '@trunkline/conversation';
import { e2ee } from '@trunkline/encryption';
import type { WireFile } from '@trunkline/wire';
import { startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { refusal } from '../kit/members.js';
import { until } from '../kit/until.js';

type Secret = Client<readonly [ReturnType<typeof e2ee>[0], ReturnType<typeof e2ee>[1]]>;

const bytes = Uint8Array.from({ length: 5_000_003 }, (_, n) => (n * 7 + (n >> 8)) % 256);
// 3 × 2 pixels
const png = Buffer.from(
  '89504e470d0a1a0a0000000d4948445200000003000000020802000000127e1c9f0000000c49444154789c6360c00400000e0001a5d6c1e50000000049454e44ae426082',
  'hex',
);
const leftOver = (): readonly string[] =>
  readdirSync(tmpdir()).filter((name) => /^trunkline-[0-9a-f]{8}-/.test(name));
const same = (found: Uint8Array, wanted: Uint8Array): void => {
  expect(Buffer.compare(found, wanted)).to.equal(0);
};

describe('files of encrypted conversations', () => {
  let cloud: Cloud;
  let ana: Secret;
  let ben: Secret;
  let roomId: string;
  let folder: string;
  /** stands between a client and the service */
  let between: Server;
  let meddle: (body: Buffer, path: string) => Buffer | 'cut' | number;
  let uploads = 0;
  const filesOf = (activity: { readonly object: { readonly files?: unknown } }): readonly WireFile[] =>
    (activity.object.files as { readonly items: readonly WireFile[] } | undefined)?.items ?? [];
  const only = (activity: Parameters<typeof filesOf>[0]): WireFile => {
    const [file] = filesOf(activity);
    if (file === undefined) throw new Error('no file');
    return file;
  };
  /** Through the server in between, for transfers of files only. */
  const detour: typeof fetch = (input, init) => {
    const url = new URL(input as string | URL);
    if (!/\/files\/v1\/(uploads|files)\//.test(url.pathname) || url.pathname.endsWith('/finish'))
      return fetch(input, init);
    const { port } = between.address() as AddressInfo;
    return fetch(`http://127.0.0.1:${String(port)}${url.pathname}`, init);
  };

  before(async () => {
    cloud = await startCloud({ allowPrivateTargets: true });
    folder = await mkdtemp(path.join(tmpdir(), 'files-'));
    between = createServer((request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const address = request.url ?? '';
        let body = Buffer.concat(chunks);
        if (request.method === 'PUT') {
          uploads += 1;
          const change = meddle(body, address);
          if (change === 'cut') return request.socket.destroy();
          if (typeof change === 'number') return response.writeHead(change).end('{}');
          body = Buffer.from(change);
        }
        const answer = await fetch(`${cloud.url}${address}`, {
          method: request.method ?? 'GET',
          headers: { authorization: request.headers.authorization ?? '' },
          ...(request.method === 'PUT' && { body }),
        });
        const got = Buffer.from(await answer.arrayBuffer());
        const change = request.method === 'GET' ? meddle(got, address) : got;
        if (typeof change === 'number') return response.writeHead(change).end('{}');
        response.writeHead(answer.status, {
          'content-length': change === 'cut' ? got.length : change.length,
        });
        if (change !== 'cut') return response.end(change);
        response.write(got.subarray(0, got.length >> 1));
        return setTimeout(() => request.socket.destroy(), 50);
      })().catch(() => request.socket.destroy());
    });
    await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
    const one = await cloud.person('ana');
    const two = await cloud.person('ben');
    const client = ({ accessToken: token }: { readonly accessToken: string }, own?: typeof fetch): Secret =>
      createClient({ service: cloud.url, token, plugins: [e2ee()], ...(own && { fetch: own }) });
    ana = client(one, detour);
    ben = client(two, detour);
    roomId = (await ana.conversation.create({ participants: [two.id], title: 'Files' })).id;
  });
  beforeEach(() => {
    meddle = (body) => body;
    uploads = 0;
  });
  afterEach(async () => {
    // its name goes right after it was made
    await until(
      () => leftOver().length === 0,
      () => leftOver().join(' '),
      2_000,
    );
  });
  after(async () => {
    await ana.close();
    await ben.close();
    between.closeAllConnections();
    await new Promise((resolve) => between.close(resolve));
    await cloud.close();
    await rm(folder, { recursive: true });
  });
  const refetched = async (id: string): ReturnType<Conversation['share']> => {
    const found = (await ben.conversation.listActivities(roomId, { limit: 20 })).find(
      (activity) => activity.id === id,
    );
    if (found === undefined) throw new Error('not there');
    return found;
  };

  it('come back as the same bytes, whatever they are given as', async () => {
    const file = path.join(folder, 'report.pdf');
    await writeFile(file, bytes);
    const served = createServer((_, response) => {
      response.setHeader('content-type', 'text/csv; charset=utf-8');
      response.end(bytes);
    });
    await new Promise<void>((resolve) => served.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${String((served.address() as AddressInfo).port)}/a%20b.csv?x=1`;
    const sent = await ana.conversation.share(roomId, {
      text: 'all of them',
      html: '<b>all</b> of them',
      files: [
        await openAsBlob(file),
        new File([bytes], 'me.txt', { type: 'text/plain' }),
        { data: bytes, filename: '../../etc/données.json' },
        createReadStream(file),
        { data: Readable.from([bytes]), filename: 'x.bin', size: bytes.length },
        { data: new Blob([bytes]).stream(), filename: 'y.zip', contentType: 'application/x-y' },
        url,
      ],
    });
    served.closeAllConnections();
    served.close();
    const seen = await refetched(sent.id);
    expect(seen.object).to.include({ displayName: 'all of them', content: '<b>all</b> of them' });
    expect(seen.object.contentCategory).to.equal('documents');
    expect(
      filesOf(seen).map(({ displayName, mimeType, fileSize }) => [displayName, mimeType, fileSize]),
    ).to.deep.equal([
      ['file', 'application/octet-stream', bytes.length],
      ['me.txt', 'text/plain', bytes.length],
      ['données.json', 'application/json', bytes.length],
      ['report.pdf', 'application/pdf', bytes.length],
      ['x.bin', 'application/octet-stream', bytes.length],
      ['y.zip', 'application/x-y', bytes.length],
      ['a b.csv', 'text/csv', bytes.length],
    ]);
    for (const [n, item] of filesOf(seen).entries()) {
      const found = await ben.conversation.download(item);
      expect(found).to.include({ name: item.displayName, mimeType: item.mimeType, size: bytes.length });
      if (n === 0) same(new Uint8Array(await new Response(found.stream()).arrayBuffer()), bytes);
      else if (n === 1) {
        const blob = await found.blob();
        expect(blob.type).to.equal('text/plain');
        same(new Uint8Array(await blob.arrayBuffer()), bytes);
      } else same(await found.bytes(), bytes);
    }
  });

  it('lie at the service as ciphertext, and their names too', async () => {
    const stored: Buffer[] = [];
    meddle = (body) => {
      stored.push(body);
      return body;
    };
    const sent = await ana.conversation.share(roomId, { files: [{ data: bytes, filename: 'secret.txt' }] });
    expect(stored[0]?.length).to.equal(bytes.length);
    expect(stored[0]?.includes(Buffer.from(bytes.subarray(0, 64)))).to.equal(false);
    const { body } = await ben.request<string>({
      service: 'conversation',
      path: `activities/${sent.id}`,
      as: 'text',
    });
    expect(body).not.to.contain('secret.txt').and.not.contain('A256GCM');
  });

  it('of images say how large they are, with a small picture where one is made', async () => {
    const { accessToken: token } = await cloud.person('cleo');
    const shown: unknown[] = [];
    const cleo = createClient({
      service: cloud.url,
      token,
      plugins: [
        e2ee({
          thumbnail: ({ mimeType, width, height }) => {
            shown.push({ mimeType, width, height });
            return Promise.resolve({ bytes: png, mimeType: 'image/png', width: 3, height: 2 });
          },
        }),
      ],
    });
    const { id: own } = await cleo.conversation.create({ participants: [], title: 'Pictures' });
    const sent = await cleo.conversation.share(own, {
      files: [new File([png], 'dot.png', { type: 'image/png' })],
    });
    expect(shown).to.deep.equal([{ mimeType: 'image/png', width: 3, height: 2 }]);
    expect(sent.object.contentCategory).to.equal('images');
    expect(only(sent)).to.include({ width: 3, height: 2 });
    expect(only(sent).image).to.include({ width: 3, height: 2 });
    same((await (await cleo.conversation.downloadThumbnail(only(sent)))?.bytes()) ?? new Uint8Array(), png);
    await cleo.close();
    // without means to make one, the image goes alone
    const alone = await ana.conversation.share(roomId, {
      files: [new File([png], 'dot.png', { type: 'image/png' })],
    });
    expect(only(alone)).to.include({ width: 3 }).and.not.have.property('image');
  });

  it('tell how far they are, both ways', async () => {
    const up: number[] = [];
    const sent = await ana.conversation.share(
      roomId,
      { files: [bytes, new Blob([bytes])] },
      {
        onProgress: ({ sentBytes, totalBytes }) => {
          expect(totalBytes).to.equal(2 * bytes.length);
          up.push(sentBytes);
        },
      },
    );
    expect(up).to.deep.equal([...up].sort((a, b) => a - b));
    expect(up.at(-1)).to.equal(2 * bytes.length);
    const down: number[] = [];
    const found = await ben.conversation.download(only(sent), {
      onProgress: ({ receivedBytes, totalBytes }) => {
        expect(totalBytes).to.equal(bytes.length);
        down.push(receivedBytes);
      },
    });
    found.cancel();
    expect(down.at(-1)).to.equal(bytes.length);
  });

  it('are not handed out when they were altered, cut or lengthened', async () => {
    const sent = await ana.conversation.share(roomId, { files: [bytes] });
    const file = only(sent);
    const altered = (body: Buffer): Buffer => {
      const copy = Buffer.from(body);
      copy[4_500_000] = (copy[4_500_000] ?? 0) ^ 4;
      return copy;
    };
    for (const [change, code] of [
      [altered, 'ERR_DECRYPT'],
      [(body: Buffer) => body.subarray(0, -1), 'ERR_DECRYPT'],
      [(body: Buffer) => Buffer.concat([body, Buffer.from('x')]), 'ERR_DECRYPT'],
      [() => Buffer.alloc(0), 'ERR_DECRYPT'],
      [() => 'cut' as const, 'ERR_NETWORK'],
      [() => 410, 'ERR_GONE'],
    ] as const) {
      meddle = change;
      expect((await refusal(ben.conversation.download(file))).code).to.equal(code);
    }
    meddle = (body) => body;
    expect((await refusal(ben.conversation.download(file, { maxBytes: 1_000 }))).code).to.equal(
      'ERR_TOO_LARGE',
    );
    expect(
      (await refusal(ben.conversation.download({ ...file, url: 'http://127.0.0.1:1/x' }))).code,
    ).to.equal('ERR_ARGUMENT');
    const { scr, ...bare } = file;
    expect(scr).to.be.a('string');
    expect((await refusal(ben.conversation.download(bare))).code).to.equal('ERR_DECRYPT');
  });

  it('are sent again when the way breaks, three times in all, and never posted by halves', async () => {
    meddle = (body) => (uploads < 3 ? 'cut' : body);
    const sent = await ana.conversation.share(roomId, { files: [bytes] });
    expect(uploads).to.equal(3);
    meddle = (body) => body;
    same(await (await ben.conversation.download(only(sent))).bytes(), bytes);
    const before = (await ben.conversation.listActivities(roomId, { limit: 50 })).length;
    uploads = 0;
    meddle = () => 'cut';
    expect((await refusal(ana.conversation.share(roomId, { files: [bytes] }))).code).to.equal('ERR_NETWORK');
    expect(uploads).to.equal(3);
    const short = { data: Readable.from([bytes]), size: bytes.length + 1 };
    meddle = (body) => body;
    expect((await refusal(ana.conversation.share(roomId, { files: [short] }))).code).to.equal('ERR_ARGUMENT');
    const large = ana.conversation.share(roomId, { files: [bytes] }, { maxBytes: 1_000 });
    expect((await refusal(large)).code).to.equal('ERR_TOO_LARGE');
    expect((await refusal(ana.conversation.share(roomId, { files: [] }))).code).to.equal('ERR_ARGUMENT');
    expect((await ben.conversation.listActivities(roomId, { limit: 50 })).length).to.equal(before);
  });

  it('end with the signal, whatever they are at', async () => {
    const before = (await ben.conversation.listActivities(roomId, { limit: 50 })).length;
    const reason = new Error('enough');
    for (const at of [0, 1, 2_000_000, bytes.length]) {
      const controller = new AbortController();
      if (at === 0) controller.abort(reason);
      const work = ana.conversation.share(
        roomId,
        { files: [new Blob([bytes])] },
        {
          signal: controller.signal,
          onProgress: ({ sentBytes }) => {
            if (sentBytes >= at) controller.abort(reason);
          },
        },
      );
      expect(await work.catch((error: unknown) => error)).to.equal(reason);
    }
    expect((await ben.conversation.listActivities(roomId, { limit: 50 })).length).to.equal(before);
    const sent = await ana.conversation.share(roomId, { files: [bytes] });
    const controller = new AbortController();
    const work = ben.conversation.download(only(sent), {
      signal: controller.signal,
      onProgress: ({ receivedBytes }) => {
        if (receivedBytes > 4_600_000) controller.abort(reason);
      },
    });
    expect(await work.catch((error: unknown) => error)).to.equal(reason);
  });

  it('of other services are got by URL, parameters and key', async () => {
    const sent = await ana.conversation.share(roomId, { files: [bytes] });
    const { url, scr } = only(sent);
    const { defaultActivityEncryptionKeyUrl: keyUri = '' } = await ana.conversation.get(roomId);
    const { encryption } = ben;
    const jwe = await encryption.wrapScr(keyUri, JSON.parse(scr ?? '') as never);
    const query = new URLSearchParams({ JWE: jwe, keyUri }).toString();
    same(await encryption.downloadAndDecryptFile(url, { jwe, keyUri }), bytes);
    same(await encryption.downloadAndDecryptFile(url, { jwe, keyUri, useFileService: true }), bytes);
    // those of the URL win
    same(await encryption.downloadAndDecryptFile(`${url}?${query}`, { jwe: 'x', keyUri: 'y' }), bytes);
    for (const [uri, init] of [
      [url, {}],
      [`${url}?JWE=${jwe}`, {}],
      [`http://files.example/x?${query}`, {}],
      ['nothing', { jwe, keyUri }],
    ] as const)
      expect((await refusal(encryption.downloadAndDecryptFile(uri, init))).code).to.equal('ERR_ARGUMENT');
  });
});
