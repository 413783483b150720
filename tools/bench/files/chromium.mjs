// The most memory that Chromium takes while a page shares a file of its disk, and while it downloads and decrypts one:
// all its processes together, since Blobs may lie in the browser's own. What is shared between processes counts once
// (Pss); what is of the programs' own files does not count.
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { findChromium, flags } from '../../browsers.mjs';

const all = ['share', 'share of bytes in memory', 'download', 'download as bytes', 'download as a stream'];

/** Bytes above the start, for each of `only`; undefined where there is no Chromium. */
export async function chromiumPeaks({ serviceUrl, token, roomId, file, size, only = all }) {
  const executablePath = findChromium();
  if (executablePath === undefined) return undefined;
  const { outputFiles } = await build({
    stdin: {
      contents: `export { createClient } from '@trunkline/core'; export { e2ee } from '@trunkline/encryption';`,
      resolveDir: path.resolve(fileURLToPath(import.meta.url), '../../../../packages/integration'),
    },
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    globalName: 'sdk',
    platform: 'browser',
  });
  const site = createServer((_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(
      `<!doctype html><title>Files</title><input type=file><script>${outputFiles[0].text}</script>`,
    );
  });
  site.listen(0, 'localhost');
  await once(site, 'listening');
  try {
    const peaks = {};
    for (const what of only)
      peaks[what] = await inPage(what, executablePath, `http://localhost:${site.address().port}/`);
    return peaks;
  } finally {
    site.closeAllConnections();
    site.close();
  }

  async function inPage(what, executable, url) {
    const browser = await chromium.launch({
      executablePath: executable,
      args: [...flags, '--js-flags=--expose-gc'],
    });
    try {
      const page = await browser.newPage();
      await page.goto(url);
      await page.setInputFiles('input', file);
      await page.evaluate(
        async ({ service, token, bytes, inMemory }) => {
          window.client = window.sdk.createClient({ service, token, plugins: [window.sdk.e2ee()] });
          await window.client.connect();
          window.file = document.querySelector('input').files[0];
          // an ordinary page has its bytes, and they are counted before the start
          if (inMemory) window.file = new Uint8Array(bytes).fill(7);
          window.gc();
        },
        { service: serviceUrl, token, bytes: size, inMemory: what.endsWith('memory') },
      );
      const pids = processesBelow(await pidOf(browser));
      await new Promise((resolve) => setTimeout(resolve, 500));
      const start = memoryOf(pids);
      let most = start;
      const timer = setInterval(() => {
        most = Math.max(most, memoryOf(pids));
      }, 20);
      await page.evaluate(
        async ({ what, roomId, size }) => {
          const { conversation } = window.client;
          if (!what.startsWith('download')) {
            await conversation.share(roomId, { files: [window.file] }, { maxBytes: size });
            return;
          }
          const activities = await conversation.listActivities(roomId, { limit: 5 });
          const item = activities.flatMap(({ object }) => object.files?.items ?? [])[0];
          const content = await conversation.download(item);
          if (what === 'download as a stream') {
            let length = 0;
            const reader = content.stream().getReader();
            for (let part = await reader.read(); !part.done; part = await reader.read())
              length += part.value.length;
            if (length !== size) throw new Error('not all of it came');
            return;
          }
          window.kept = await (what === 'download as bytes' ? content.bytes() : content.blob());
          if ((window.kept.size ?? window.kept.length) !== size) throw new Error('not all of it came');
        },
        { what, roomId, size },
      );
      clearInterval(timer);
      return most - start;
    } finally {
      await browser.close();
    }
  }
}

async function pidOf(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  return processInfo.find(({ type }) => type === 'browser').id;
}

/** It and all that it has started. */
function processesBelow(pid) {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1).split(' ');
        return [[Number(name), Number(fields[1])]];
      } catch {
        return []; // it has ended
      }
    });
  const below = (parent) => [
    parent,
    ...parents.filter(([, of]) => of === parent).flatMap(([child]) => below(child)),
  ];
  return below(pid);
}

function memoryOf(pids) {
  let bytes = 0;
  for (const pid of pids)
    try {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      for (const [, kibi] of text.matchAll(/^Pss_(?:Anon|Shmem): +(\d+) kB$/gm)) bytes += Number(kibi) * 1024;
    } catch {
      // it has ended
    }
  return bytes;
}
