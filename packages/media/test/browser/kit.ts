import type { Browser, BrowserContextOptions } from 'playwright-core';
import {
  findFirefox,
  openChromium,
  openSite,
  runInChromium,
  runInFirefox,
  type ChromiumOptions,
  type During,
  type Site,
} from './browsers.js';

export type RunScenario = <T>(scenario: string, args?: object) => Promise<T>;

export interface Stage {
  readonly site: Site;
  /** undefined where there is no such browser */
  readonly chromium:
    | (<T>(scenario: string, args?: object, during?: During, options?: BrowserContextOptions) => Promise<T>)
    | undefined;
  readonly firefox: RunScenario | undefined;
  readonly close: () => Promise<void>;
}

/** A site and the browsers that there are. */
export async function openStage(options: ChromiumOptions = {}): Promise<Stage> {
  const site = await openSite();
  const browser: Browser | undefined = await openChromium(options);
  const firefox = await findFirefox();
  return {
    site,
    chromium:
      browser &&
      (async (scenario, args, during, contextOptions) => {
        const context = await browser.newContext(contextOptions);
        try {
          return await runInChromium(site, context, scenario, args, during);
        } finally {
          await context.close();
        }
      }),
    firefox:
      firefox === undefined ? undefined : (scenario, args) => runInFirefox(site, firefox, scenario, args),
    close: async () => {
      await browser?.close();
      site.close();
    },
  };
}
