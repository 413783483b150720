// Chromium, with pages of one origin that talk to the service on another.
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { flags } from '../browsers.mjs';

/**
 * @param pages path → HTML; other paths are files of the folder; /people.json is two new people of the service
 * @returns open(path): what the page leaves in globalThis.__out; close()
 */
export async function openPages({ executablePath, folder, service, pages }) {
  const types = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript' };
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const file = path.join(folder, pathname);
    if (pathname === '/people.json')
      service.people().then(
        (people) => response.setHeader('content-type', 'application/json').end(JSON.stringify(people)),
        (error) => response.writeHead(500).end(String(error)),
      );
    else if (pages[pathname])
      response
        .setHeader('content-type', 'text/html')
        .end(`<!doctype html><title>x</title>${pages[pathname]}`);
    else if (file.startsWith(folder) && existsSync(file))
      response
        .setHeader('content-type', types[path.extname(file)] ?? 'application/octet-stream')
        .end(readFileSync(file));
    else response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({ executablePath, args: flags });
  return {
    async open(url) {
      const page = await browser.newPage();
      const said = [];
      page.on('pageerror', (error) => said.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') said.push(message.text());
      });
      try {
        await page.goto(`http://127.0.0.1:${server.address().port}${url}`);
        const found = await page
          .waitForFunction('globalThis.__out', undefined, { timeout: 30_000 })
          .catch(() => undefined);
        return found ? await found.jsonValue() : `timed out: ${said.join('; ')}`;
      } finally {
        await page.close();
      }
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** HTML that loads one bundle. */
export const pageOf = (file) =>
  `<script${file.endsWith('.mjs') ? ' type="module"' : ''} src="/${file}"></script>`;
