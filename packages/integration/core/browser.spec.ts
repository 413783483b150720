import type { createClient, checkEnvironment, SdkError, UploadProgress } from '@trunkline/core';
import type { messages } from '@trunkline/messages';
import type { rooms } from '@trunkline/rooms';
import { startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { build } from 'esbuild';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';

/** What the page below has on its window. */
interface Sdk {
  readonly createClient: typeof createClient;
  readonly checkEnvironment: typeof checkEnvironment;
  readonly messages: typeof messages;
  readonly rooms: typeof rooms;
}
declare global {
  var sdk: Sdk;
}
interface Where {
  readonly service: string;
  readonly token: string;
}

describe('in Chromium, from another origin', function () {
  this.timeout(60_000);
  let cloud: Cloud;
  let browser: Browser | undefined;
  let site: Server;
  let page: Page;
  let where: Where;
  before(async function () {
    const tools = pathToFileURL(path.resolve(import.meta.dirname, '../../../tools/browsers.mjs')).href;
    const { findChromium, flags } = (await import(tools)) as {
      findChromium: () => string | undefined;
      flags: string[];
    };
    const executablePath = findChromium();
    if (executablePath === undefined && process.env['TRUNKLINE_REQUIRE_BROWSER'] !== '1') this.skip();
    const { outputFiles } = await build({
      stdin: {
        contents: `export { createClient, checkEnvironment } from '@trunkline/core';
          export { messages } from '@trunkline/messages';
          export { rooms } from '@trunkline/rooms';`,
        resolveDir: path.resolve(import.meta.dirname, '..'),
      },
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'sdk',
      platform: 'browser',
    });
    // what tsx writes around functions is not there in a page
    const script = `var __name = (made) => made;${outputFiles[0]?.text ?? ''}`;
    site = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(`<!doctype html><title>SDK</title><script>${script}</script>`);
    });
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    cloud = await startCloud();
    where = { service: cloud.url, token: (await cloud.person('ana')).accessToken };
    browser = await chromium.launch({ ...(executablePath !== undefined && { executablePath }), args: flags });
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${String((site.address() as AddressInfo).port)}/`);
  });
  after(async () => {
    await browser?.close();
    if (browser === undefined) return;
    site.closeAllConnections();
    site.close();
    await cloud.close();
  });

  it('a file goes up with progress, and the answer is the message', async () => {
    const size = 3_000_000;
    const { told, name, length, requests } = await page.evaluate(
      async ({ service, token, size }) => {
        const client = sdk.createClient({ service, token, plugins: [sdk.rooms(), sdk.messages()] });
        const { id: roomId } = await client.rooms.create({ title: 'Uploads' });
        const told: UploadProgress[] = [];
        const file = new File([new Uint8Array(size)], 'big.bin', { type: 'application/x-big' });
        const { files = [] } = await client.messages.create(
          { roomId, text: 'here it is', files: [file] },
          { onProgress: (progress) => told.push(progress) },
        );
        const { headers } = await client.request({ method: 'HEAD', url: files[0] ?? '' });
        const { body } = await client.request<Uint8Array>({ url: files[0] ?? '', as: 'bytes' });
        const requests = performance
          .getEntriesByType('resource')
          .map((entry) => (entry as PerformanceResourceTiming).initiatorType);
        await client.close();
        return { told, name: headers.get('content-disposition'), length: body.length, requests };
      },
      { ...where, size },
    );
    expect([name?.includes('big.bin'), length]).to.deep.equal([true, size]);
    const total = told.at(-1)?.totalBytes ?? 0;
    expect(total).to.be.within(size, size + 2_000);
    expect(told.at(-1)).to.deep.equal({ sentBytes: total, totalBytes: total });
    expect(told.map(({ sentBytes }) => sentBytes)).to.deep.equal(
      told.map(({ sentBytes }) => sentBytes).sort((a, b) => a - b),
    );
    expect(requests.filter((type) => type === 'xmlhttprequest')).to.have.length(1); // and nothing else goes that way
  });

  it('an upload keeps to signal, timeoutMs, refusals, answers without a body, and renewed tokens', async () => {
    await cloud.fault({
      kind: 'delay',
      delayMs: 60_000,
      times: 2,
      match: { path: '/v1/rooms', method: 'POST' },
    });
    const outcome = await page.evaluate(async ({ service, token }) => {
      let tokens = 0;
      const client = sdk.createClient({
        service,
        token: () =>
          Promise.resolve((tokens += 1) === 1 ? 'X_Y_00000000-0000-4000-8000-000000000000' : token),
      });
      const onProgress = () => {
        throw new Error('mine');
      };
      const post = { method: 'POST', service: 'hydra', path: 'rooms', onProgress } as const;
      const codeOf = (error: unknown) => (error as SdkError).code;
      const reason = new Error('enough');
      const controller = new AbortController();
      setTimeout(() => {
        controller.abort(reason);
      }, 200);
      const { signal } = controller;
      const aborted = await client
        .request({ ...post, body: { title: 'A' }, signal })
        .catch((e: unknown) => e === reason);
      const late = await client.request({ ...post, body: { title: 'B' }, timeoutMs: 200 }).catch(codeOf);
      const refused = await client.request({ ...post, body: {} }).catch(codeOf);
      const { status, body, headers } = await client.request<{ id: string }>({
        ...post,
        body: { title: 'C' },
      });
      const url = `${service}/v1/rooms/${body.id}`;
      const gone = await client.request({ method: 'DELETE', url, body: { a: 1 }, onProgress });
      const nobody = await client
        .request({ method: 'POST', url: 'http://127.0.0.1:9/', auth: false, body: 'x', onProgress })
        .catch(codeOf);
      await client.close();
      return {
        aborted,
        late,
        refused,
        status,
        nobody,
        tokens,
        type: headers.get('content-type'),
        gone: gone.status,
        nothing: gone.body === undefined,
      };
    }, where);
    expect(outcome).to.deep.include({
      aborted: true,
      late: 'ERR_TIMEOUT',
      refused: 'ERR_BAD_REQUEST',
      status: 200,
      gone: 204,
      nothing: true,
      nobody: 'ERR_NETWORK',
      tokens: 2,
    });
    expect(outcome.type).to.contain('application/json');
  });

  it('checkEnvironment finds everything on a good page, and says what an insecure one lacks', async () => {
    const look = (options: object) =>
      page.evaluate(async (given) => {
        const checks = await sdk.checkEnvironment(given);
        return checks.filter(({ ok }) => !ok);
      }, options);
    expect(await look({ service: where.service })).to.deep.equal([]);
    const away = await look({ service: 'http://127.0.0.1:9', timeoutMs: 3_000 });
    expect(away.map(({ name }) => name)).to.deep.equal(['service', 'socket']);
    // the same page by a name that is neither localhost nor https
    const good = page;
    page = await (browser as Browser).newPage();
    await page.route('http://plain.test/', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>plain</title>' }),
    );
    await page.goto('http://plain.test/');
    await page.addScriptTag({ content: await good.evaluate(() => document.scripts[0]?.text ?? '') });
    const [subtle, ...others] = await look({});
    expect([subtle?.name, subtle?.needed, others]).to.deep.equal(['crypto.subtle', false, []]);
    expect(subtle?.why).to.contain('not a secure context: serve it over https');
    await page.close();
    page = good;
  });
});
