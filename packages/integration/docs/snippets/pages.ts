import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { nameOf, root, runnerOf, type Block } from './blocks.js';
import type { Names } from './programs.js';

/** One page to open: what it is made of, and what its examples may leave open. */
export interface Program {
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** Examples that need a browser; those of one page that name files are one program. */
export function browserPrograms(blocks: readonly Block[]): readonly Program[] {
  const programs = new Map<string, Block[]>();
  for (const block of blocks) {
    const runner = runnerOf(block);
    if (runner === 'node' || runner === undefined) continue;
    const key =
      nameOf(block) === undefined ? `${block.file}:${String(block.line)}` : `${block.file} (all files)`;
    programs.set(key, [...(programs.get(key) ?? []), block]);
  }
  return [...programs].map(([title, parts]) => ({ title, blocks: parts }));
}

const html = (script: string): string =>
  `<!doctype html><meta charset="utf-8"><title>example</title><script type="module" src="${script}"></script>`;

/** The files a page is served with. */
async function filesOf({ blocks }: Program): Promise<ReadonlyMap<string, string>> {
  const [only] = blocks;
  if (only && runnerOf(only) === 'page') return new Map([['/', only.code]]);
  const files = new Map<string, string>();
  for (const block of blocks) {
    const name = nameOf(block) ?? 'main.js';
    const { outputFiles } = await build({
      stdin: {
        contents: block.code,
        resolveDir: path.join(root, 'packages/integration'),
        loader: block.language === 'tsx' ? 'tsx' : 'ts',
      },
      jsx: 'automatic',
      define: { 'process.env.NODE_ENV': '"development"' },
      bundle: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      write: false,
      logLevel: 'silent',
    });
    files.set(`/${name}`, outputFiles[0]?.text ?? '');
  }
  return files.set('/', html('/main.js'));
}

async function serve(files: ReadonlyMap<string, string>): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const text = files.get(pathname);
    const type = pathname.endsWith('.js') ? 'text/javascript' : 'text/html';
    response.writeHead(text === undefined ? 204 : 200, { 'content-type': `${type}; charset=utf-8` });
    response.end(text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/**
 * Opens a program as a page of an origin of its own. It is good when it says something, by `console.log` or by what it
 * shows, and nothing throws. What it would load from unpkg.com comes from this repository.
 *
 * @throws Error with what went wrong
 */
export async function runPage(program: Program, names: Names, browser: Browser): Promise<string> {
  const server = await serve(await filesOf(program));
  const context = await browser.newContext();
  try {
    await context.route('https://unpkg.com/**', async (route) => {
      const [, name = '', file = ''] =
        /^\/@trunkline\/([\w-]+)(?:@[\d.]+)?\/(dist\/.+)$/.exec(new URL(route.request().url()).pathname) ??
        [];
      const body = await readFile(path.join(root, 'packages', name, file));
      await route.fulfill({ contentType: 'text/javascript', body });
    });
    await context.addInitScript((given) => Object.assign(globalThis, given), names);
    const page = await context.newPage();
    const failed = new Promise<never>((_, reject) => {
      page.on('pageerror', reject);
    });
    failed.catch(() => undefined);
    const said = new Promise<string>((resolve, reject) => {
      page.on('console', (message) => {
        if (message.type() === 'error') reject(new Error(message.text()));
        else resolve(message.text());
      });
      page
        .waitForFunction(() => (document.querySelector('body')?.innerText ?? '').trim() !== '', undefined, {
          timeout: 30_000,
        })
        .then(() => page.locator('body').innerText())
        .then(resolve, reject);
    });
    said.catch(() => undefined);
    const { port } = server.address() as AddressInfo;
    await Promise.race([page.goto(`http://localhost:${String(port)}/`), failed]);
    return await Promise.race([said, failed]);
  } finally {
    await context.close();
    server.closeAllConnections();
    server.close();
  }
}
