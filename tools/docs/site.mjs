// docs/.vitepress/dist: the site. A link to a page that is not there fails the build (VitePress), and so does one to a
// heading that is not there (below).
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { build } from 'vitepress';
import { root } from '../lib.mjs';

export const site = path.join(root, 'docs/.vitepress/dist');

/** @throws Error that lists dead links */
export async function buildSite() {
  await build(path.join(root, 'docs'));
  const pages = new Map(
    readdirSync(site, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.html'))
      .map((file) => [
        `/${file
          .replaceAll(path.sep, '/')
          .replace(/\.html$/, '')
          .replace(/(^|\/)index$/, '$1')}`,
        readFileSync(path.join(site, file), 'utf8'),
      ]),
  );
  const ids = new Map(
    [...pages].map(([at, html]) => [at, new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))]),
  );
  const dead = [];
  for (const [at, html] of pages) {
    const body = html.slice(html.indexOf('<main'), html.indexOf('</main>'));
    for (const [, href] of body.matchAll(/<a[^>]* href="([^"]*#[^"]+)"/g)) {
      const url = new URL(href, `http://site${at}`);
      if (url.host !== 'site') continue;
      const target = url.pathname.replace(/\.html$/, '');
      if (ids.get(target)?.has(decodeURIComponent(url.hash.slice(1))) !== true) dead.push(`${at}: ${href}`);
    }
  }
  if (dead.length > 0) throw new Error(`dead links to headings:\n  ${dead.join('\n  ')}`);
  return pages.size;
}
