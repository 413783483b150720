// What an app that holds a conversation sends to the browser: bundled from the tarballs, weighed, and run in Chromium.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { assertForTheWeb, withEsbuild, withWebpack } from '../consumers/bundlers.mjs';
import { needChromium } from '../browsers.mjs';
import { openPages, pageOf } from '../consumers/pages.mjs';
import { prepareStranger } from '../consumers/install.mjs';
import { startService } from '../consumers/service.mjs';

const entries = [
  { entry: 'size.mjs', what: 'core + rooms + messages + memberships + people', goalKiB: 15 },
  { entry: 'size-e2ee.mjs', what: 'the same + e2ee()', goalKiB: 35 },
];
// what is imported on first use (Markdown) is a file of its own, as apps have it
const inChunks = (options) =>
  withEsbuild({
    ...options,
    outfile: undefined,
    outdir: path.join(options.folder, path.dirname(options.file)),
    entryNames: path.basename(options.file, '.js'),
    splitting: true,
  });
const bundlers = { esbuild: inChunks, 'webpack 5': withWebpack };
const kib = (bytes) => (bytes / 1024).toFixed(2);
const gzip = (data) => gzipSync(data, { level: 9 }).length;

export const title = 'a program that holds a conversation, bundled for the browser, gzip -9';
export const goal = '≤ 15 KiB, with e2ee() ≤ 35 KiB, zero polyfills';

export async function run() {
  const folder = await prepareStranger([...clientPackages, 'server']);
  const service = await startService(folder);
  const sizes = [];
  for (const { entry, what, goalKiB } of entries)
    for (const [bundler, bundle] of Object.entries(bundlers)) {
      const file = `out/${bundler.replace(' ', '')}-${entry.replace('.mjs', '')}.js`;
      const modules = await bundle({ folder, entry, file });
      assertForTheWeb(path.join(folder, file), modules);
      const data = readFileSync(path.join(folder, file));
      sizes.push({ what, bundler, goalKiB, file, raw: data.length, gz: gzip(data) });
    }
  const ran = await execute(folder, service, sizes);
  for (const { what, bundler, goalKiB, file, raw, gz } of sizes)
    console.log(
      `  ${what}, ${bundler}: ${kib(gz)} KiB (goal ≤ ${goalKiB}: ${gz <= goalKiB * 1024 ? 'met' : 'MISSED'}), ${kib(raw)} unzipped; ${ran[file]}`,
    );
  for (const { entry, what } of entries) await breakdown(folder, entry, what);
  await service.stop();
  if (Object.values(ran).some((result) => result.startsWith('FAILED'))) process.exitCode = 1;
}

const clientPackages = [
  'core',
  'wire',
  'rooms',
  'messages',
  'memberships',
  'people',
  'conversation',
  'encryption',
];

async function execute(folder, service, sizes) {
  const executablePath = needChromium();
  if (!executablePath)
    return Object.fromEntries(sizes.map(({ file }) => [file, 'NOT RUN, there is no Chromium']));
  const pages = Object.fromEntries(sizes.map(({ file }) => [`/page/${file}`, pageOf(file)]));
  const browser = await openPages({ executablePath, folder, service, pages });
  const ran = {};
  for (const { file } of sizes) {
    const said = await browser.open(`/page/${file}`);
    ran[file] = said === 'true hello' ? 'held its conversation in Chromium' : `FAILED in Chromium: ${said}`;
  }
  await browser.close();
  return ran;
}

/** Bytes by package before gzip, which does not add up. */
async function breakdown(folder, entry, what) {
  const options = {
    entryPoints: [path.join(folder, entry)],
    absWorkingDir: folder,
    bundle: true,
    format: 'esm',
    minify: true,
    metafile: true,
    write: false,
    splitting: true,
    outdir: path.join(folder, 'out'),
  };
  const { metafile } = await build(options);
  const bytes = {};
  const { inputs } = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint !== undefined);
  for (const [module, { bytesInOutput }] of Object.entries(inputs)) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module)?.[1] ?? 'the program itself';
    bytes[name] = (bytes[name] ?? 0) + bytesInOutput;
  }
  const list = Object.entries(bytes).sort(([, a], [, b]) => b - a);
  console.log(`  unzipped KiB by package (esbuild), ${what}:`);
  for (const [name, size] of list) console.log(`    ${kib(size).padStart(7)}  ${name}`);
}
