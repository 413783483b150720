import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { findFirefox, openChromium, openSite, runInChromium, runInFirefox, type Site } from './browsers.js';

interface Sent {
  readonly connectedMs: number;
  readonly state: string;
  readonly mids: readonly string[];
  readonly log: readonly string[];
  readonly picture: { readonly width: number; readonly sum: number };
  readonly after: readonly string[];
}

describe('media in a browser', function () {
  this.timeout(120_000);
  let site: Site;
  let chromium: Browser | undefined;
  before(async () => {
    site = await openSite();
    chromium = await openChromium();
  });
  after(async () => {
    await chromium?.close();
    site.close();
  });

  const firefox = findFirefox();
  const browsers: Readonly<Record<string, (<T>(scenario: string, args?: object) => Promise<T>) | undefined>> =
    {
      Chromium: async <T>(scenario: string, args?: object) => {
        const context = await (chromium as Browser).newContext();
        try {
          return await runInChromium<T>(site, context, scenario, args);
        } finally {
          await context.close();
        }
      },
      Firefox:
        firefox === undefined
          ? undefined
          : <T>(scenario: string, args?: object) => runInFirefox<T>(site, firefox, scenario, args),
    };

  for (const [name, run] of Object.entries(browsers))
    describe(name, () => {
      before(function () {
        if (run === undefined || (name === 'Chromium' && chromium === undefined)) this.skip();
      });

      it('sends camera and microphone to another peer connection through ROAP messages', async () => {
        const sent = await run?.<Sent>('sendsPlainTracks');
        console.log(name, JSON.stringify(sent));
        expect(sent?.state).to.equal('connected');
        expect(sent?.mids).to.deep.equal(['0', '1', '2']);
        expect(sent?.log).to.deep.equal(['client OFFER 1', 'service ANSWER 1']);
        expect(sent?.picture.sum).to.be.greaterThan(0);
        expect(sent?.after, 'tracks of the app are left alone').to.deep.equal(['live', 'live']);
      });
    });
});
