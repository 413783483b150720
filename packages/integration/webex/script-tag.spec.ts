import { startCloud, type Cloud } from '@trunkline/testing';
import type { Webex } from '@trunkline/webex';
import { expect } from 'chai';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser } from 'playwright-core';

const root = path.resolve(import.meta.dirname, '../../..');

describe('webex.min.js by script tag, in Chromium, from another origin', function () {
  this.timeout(60_000);
  let cloud: Cloud;
  let browser: Browser | undefined;
  let site: Server | undefined;
  before(async function () {
    const tools = pathToFileURL(path.join(root, 'tools/browsers.mjs')).href;
    const { findChromium, flags } = (await import(tools)) as {
      findChromium: () => string | undefined;
      flags: string[];
    };
    const executablePath = findChromium();
    if (executablePath === undefined && process.env['TRUNKLINE_REQUIRE_BROWSER'] !== '1') this.skip();
    const script = await readFile(path.join(root, 'packages/webex/dist/umd/webex.min.js'), 'utf8');
    site = createServer((request, response) => {
      const isScript = request.url?.endsWith('.js') ?? false;
      response.setHeader(
        'content-type',
        isScript ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8',
      );
      response.end(
        isScript ? script : '<!doctype html><title>Webex</title><script src="/webex.min.js"></script>',
      );
    });
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    cloud = await startCloud();
    browser = await chromium.launch({ ...(executablePath !== undefined && { executablePath }), args: flags });
  });
  after(async () => {
    await browser?.close();
    site?.close();
    await (cloud as Cloud | undefined)?.close();
  });

  it('is window.Webex: rooms, messages with a file, events, keys, pages', async () => {
    const page = await browser?.newPage();
    const errors: string[] = [];
    page?.on('pageerror', (error) => errors.push(error.message));
    await page?.goto(`http://127.0.0.1:${String((site?.address() as AddressInfo).port)}/`);
    const found = await page?.evaluate(
      async ({ url, token }) => {
        const { Webex } = globalThis as unknown as { Webex: { init(attrs: object): Webex } };
        const webex = Webex.init({
          credentials: { access_token: token },
          config: { services: { discovery: { hydra: `${url}/v1`, u2c: `${url}/u2c/api/v1` } } },
        });
        await new Promise((resolve) => webex.once('ready', resolve));
        const room = await webex.rooms.create({ title: 'Page' });
        await webex.rooms.create({ title: 'Another' });
        await webex.messages.listen();
        const received = new Promise<{ data: { text: string; files: string[] } }>((resolve) => {
          webex.messages.on('created', resolve);
        });
        await webex.messages.create({
          roomId: room.id,
          text: 'with a file',
          files: [new File(['abc'], 'a.txt', { type: 'text/plain' })],
        });
        const { data } = await received;
        const file = await webex.request<ArrayBuffer>({
          uri: data.files[0] ?? '',
          responseType: 'arraybuffer',
        });
        const [key] = await webex.internal.encryption.kms.createUnboundKeys({ count: 1 });
        const uri = key?.uri ?? '';
        const secret = await webex.internal.encryption.decryptText(
          uri,
          await webex.internal.encryption.encryptText(uri, 'grüße'),
        );
        const list = await webex.rooms.list({ max: 1 });
        await webex.close();
        return {
          text: data.text,
          file: new TextDecoder().decode(file.body),
          secret,
          hasNext: list.hasNext(),
        };
      },
      { url: cloud.url, token: (await cloud.person('ana')).accessToken },
    );
    expect(found).to.deep.equal({ text: 'with a file', file: 'abc', secret: 'grüße', hasNext: true });
    expect(errors).to.deep.equal([]);
  });
});
