import { expect } from 'chai';
import type { MediaServer } from '../../src/index.js';
import { startBrowser, type TestBrowser } from '../support/browser.js';
import { join, pageOf, startServer, until } from '../support/server.js';

for (const transport of ['node-datachannel', 'werift'] as const)
  describe(`Chromium through ${transport}`, function () {
    this.timeout(60_000);
    let browser: TestBrowser | undefined;
    let server: MediaServer;
    before(async function () {
      browser = await startBrowser();
      if (!browser) this.skip();
      server = await startServer({ transport });
    });
    after(async () => {
      await browser?.close();
      await server.close();
    });

    it('carries sound and picture of two clients to each other', async () => {
      const page = await pageOf(browser);
      const ana = await join(page, 'ana', server, { colour: 'red', frequency: 400 });
      const ben = await join(page, 'ben', server, { colour: 'blue', frequency: 700 });
      await ana.slot('1')?.route(ben.track('1'));
      await ben.slot('1')?.route(ana.track('1'));
      await ana.slot('0')?.route(ben.track('0'));
      await ben.slot('0')?.route(ana.track('0'));
      await until('decoded frames', async () => (await page.call('frames', 'ben', '1')).length > 20);
      expect(await page.call('pixel', 'ben', '1')).to.equal('red');
      await until('decoded frames', async () => (await page.call('frames', 'ana', '1')).length > 20);
      expect(await page.call('pixel', 'ana', '1')).to.equal('blue');
      await until('sound', async () => ((await page.call('stats', 'ben')).audio[0]?.energy ?? 0) > 0.001);
    });
  });
