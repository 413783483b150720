import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateSync } from 'node:zlib';
import { createClient, type Client } from '@trunkline/core';
import type * as core from '@trunkline/core';
import { e2ee } from '@trunkline/encryption';
import type * as encryption from '@trunkline/encryption';
import { startCloud, type Cloud } from '@trunkline/testing';
import type { WireFile } from '@trunkline/wire';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { launch } from '../auth/kit.js';
import { bundle } from '../browser/kit.js';

type Secret = Client<readonly [ReturnType<typeof e2ee>[0], ReturnType<typeof e2ee>[1]]>;
declare global {
  interface Window {
    readonly files: {
      readonly createClient: typeof core.createClient;
      readonly e2ee: typeof encryption.e2ee;
    };
    client: Secret;
  }
}

/** A PNG of this size, whatever is on it. */
function png(width: number, height: number): Buffer {
  const crc = (bytes: Buffer): number => {
    let value = -1;
    for (const byte of bytes) {
      value ^= byte;
      for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb8_8320 : 0);
    }
    return ~value >>> 0;
  };
  const chunk = (name: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const made = Buffer.alloc(body.length + 8);
    made.writeUInt32BE(data.length, 0);
    body.copy(made, 4);
    made.writeUInt32BE(crc(body), body.length + 4);
    return made;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  const lines = Buffer.alloc((width * 3 + 1) * height);
  for (let at = 0; at < lines.length; at += 1)
    lines[at] = at % (width * 3 + 1) === 0 ? 0 : (at * 7 + (at >> 9)) % 256;
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(lines, { level: 1 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const only = (activity: { readonly object: { readonly files?: unknown } } | undefined): WireFile => {
  const [file] = (activity?.object.files as { readonly items: readonly WireFile[] } | undefined)?.items ?? [];
  if (file === undefined) throw new Error('no file');
  return file;
};

describe('files of encrypted conversations, in Chromium, from another origin', function () {
  this.timeout(60_000);
  let cloud: Cloud;
  let browser: Browser | undefined;
  let site: Server;
  let page: Page;
  let ben: Secret;
  let roomId: string;

  before(async function () {
    browser = await launch();
    if (browser === undefined) {
      this.skip();
      return;
    }
    cloud = await startCloud();
    const script = (
      await bundle(
        `export { createClient } from '@trunkline/core'; export { e2ee } from '@trunkline/encryption';`,
      )
    ).replace('var tabSdk', 'var files');
    site = createServer((_, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(`<!doctype html><title>Files</title><script>var __name = (it) => it;${script}</script>`);
    });
    site.listen(0, 'localhost');
    await once(site, 'listening');
    const [one, two] = [await cloud.person('ana'), await cloud.person('ben')];
    ben = createClient({ service: cloud.url, token: two.accessToken, plugins: [e2ee()] });
    page = await browser.newPage();
    await page.goto(`http://localhost:${String((site.address() as AddressInfo).port)}/`);
    roomId = await page.evaluate(
      async ([service, token, other]) => {
        window.client = window.files.createClient({
          service,
          token,
          plugins: [window.files.e2ee()],
        });
        return (await window.client.conversation.create({ participants: [other], title: 'Files' })).id;
      },
      [cloud.url, one.accessToken, two.id] as const,
    );
  });
  after(async () => {
    if (browser === undefined) return;
    await page.evaluate(() => window.client.close());
    await Promise.all([ben.close(), browser.close()]);
    site.closeAllConnections();
    site.close();
    await cloud.close();
  });

  const newest = async () => (await ben.conversation.listActivities(roomId, { limit: 1 })).at(-1);

  for (const [width, height, wide, high] of [
    [1280, 720, 640, 360],
    [400, 2400, 160, 960],
    [30, 20, 30, 20],
  ] as const)
    it(`share an image of ${String(width)} × ${String(height)} with a small picture of it`, async () => {
      const image = png(width, height);
      const told = await page.evaluate(
        async ([room, base64]) => {
          const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
          const seen: number[] = [];
          await window.client.conversation.share(
            room,
            { files: [new File([bytes], 'holiday.png', { type: 'image/png' })] },
            { onProgress: ({ sentBytes }) => seen.push(sentBytes) },
          );
          return seen;
        },
        [roomId, image.toString('base64')] as const,
      );
      expect(told.at(-1)).to.equal(image.length);
      expect(told).to.deep.equal([...told].sort((a, b) => a - b));
      const activity = await newest();
      expect(activity?.object['contentCategory']).to.equal('images');
      const file = only(activity);
      expect(file).to.include({ displayName: 'holiday.png', mimeType: 'image/png', fileSize: image.length });
      expect(file).to.include({ width, height });
      expect(file.image).to.include({ width: wide, height: high });
      const content = await (await ben.conversation.download(file)).bytes();
      expect(Buffer.compare(content, image)).to.equal(0);
      const small = Buffer.from((await (await ben.conversation.downloadThumbnail(file))?.bytes()) ?? []);
      expect(small.subarray(0, 8).toString('hex')).to.equal('89504e470d0a1a0a');
      expect([small.readUInt32BE(16), small.readUInt32BE(20)]).to.deep.equal([wide, high]);
    });

  it('share what calls itself an image and is none without a picture', async () => {
    await page.evaluate(async (room) => {
      const file = new File(['no image'], 'x.png', { type: 'image/png' });
      await window.client.conversation.share(room, { files: [file] });
    }, roomId);
    const file = only(await newest());
    expect(file).not.to.have.any.keys('image', 'width');
    expect(await (await (await ben.conversation.download(file)).blob()).text()).to.equal('no image');
  });

  it('download and decrypt what Node sent, of several pieces; not when it was altered', async () => {
    const bytes = Uint8Array.from({ length: 9_000_001 }, (_, n) => (n * 7 + (n >> 8)) % 256);
    const sent = only(await ben.conversation.share(roomId, { files: [bytes] }));
    const found = await page.evaluate(
      async ([room, length]) => {
        const { conversation } = window.client;
        const [activity] = (await conversation.listActivities(room, { limit: 1 })).slice(-1);
        const items = (activity?.object.files as { items: WireFile[] } | undefined)?.items ?? [];
        const [item] = items;
        if (item === undefined) return undefined;
        const seen: number[] = [];
        const got = await conversation.download(item, {
          onProgress: ({ receivedBytes }) => seen.push(receivedBytes),
        });
        const blob = await got.blob();
        const all = new Uint8Array(await blob.arrayBuffer());
        const wrong = all.findIndex((byte, n) => byte !== (n * 7 + (n >> 8)) % 256);
        const scr = JSON.parse(item.scr ?? '') as { tag: string };
        const tag = (scr.tag.startsWith('A') ? 'B' : 'A') + scr.tag.slice(1);
        const altered = { ...item, scr: JSON.stringify({ ...scr, tag }) };
        const refused = await conversation.download(altered).catch((error: unknown) => error);
        const large = await conversation
          .download(item, { maxBytes: length - 1 })
          .catch((error: unknown) => error);
        return {
          wrong,
          size: all.length,
          seen: seen.at(-1),
          codes: [refused, large].map((error) => (error as { code?: string }).code),
        };
      },
      [roomId, bytes.length] as const,
    );
    expect(sent.fileSize).to.equal(bytes.length);
    expect(found).to.deep.equal({
      wrong: -1,
      size: bytes.length,
      seen: bytes.length,
      codes: ['ERR_DECRYPT', 'ERR_TOO_LARGE'],
    });
  });

  it('refuse what is too large before a byte of it is read, or a request is made', async () => {
    const outcome = await page.evaluate(async (room) => {
      const read: string[] = [];
      const file = new File([new Uint8Array(2_000)], 'large.png', { type: 'image/png' });
      for (const name of ['arrayBuffer', 'stream', 'slice', 'text'] as const)
        Object.defineProperty(file, name, {
          value: () => {
            read.push(name);
            throw new Error('read');
          },
        });
      const before = performance.getEntriesByType('resource').length;
      const error: unknown = await window.client.conversation
        .share(room, { files: [file] }, { maxBytes: 1_999 })
        .catch((caught: unknown) => caught);
      const requests = performance.getEntriesByType('resource').length - before;
      return { code: (error as { code?: string }).code, read, requests };
    }, roomId);
    expect(outcome).to.deep.equal({ code: 'ERR_TOO_LARGE', read: [], requests: 0 });
  });

  it('stop with the signal, and post nothing', async () => {
    const before = (await newest())?.id;
    const stopped = await page.evaluate(async (room) => {
      const reason = new Error('enough');
      const outcomes: boolean[] = [];
      for (const at of [1, 8_000_000]) {
        const controller = new AbortController();
        const work = window.client.conversation.share(
          room,
          { files: [new Blob([new Uint8Array(12_000_000)])] },
          {
            signal: controller.signal,
            onProgress: ({ sentBytes }) => {
              if (sentBytes >= at) controller.abort(reason);
            },
          },
        );
        outcomes.push((await work.catch((error: unknown) => error)) === reason);
      }
      return outcomes;
    }, roomId);
    expect(stopped).to.deep.equal([true, true]);
    expect((await newest())?.id).to.equal(before);
  });
});
