// Packs every public package, installs the tarballs with npm in a folder outside the workspace, and does there what a
// stranger would: runs, bundles and type-checks one conversation against the service of the tarball. One result each.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { needChromium } from '../chromium.mjs';
import { report } from '../lib.mjs';
import { assertForTheWeb, withEsbuild } from './bundlers.mjs';
import { install, pack, published, strangerFolder } from './install.mjs';
import { openPages, pageOf } from './pages.mjs';
import { runNode } from './programs.mjs';
import { startService } from './service.mjs';

const began = performance.now();
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
const result = { passed: 0, failed: 0, skipped: undefined };
async function check(name, run) {
  const start = performance.now();
  try {
    await run();
    result.passed += 1;
    console.log(`ok   ${name} (${seconds(start)})`);
  } catch (error) {
    result.failed += 1;
    console.log(`FAIL ${name}\n${error.stdout ?? ''}${error.stderr ?? ''}${error.stack}`);
  }
}
const same = (found, wanted) => {
  if (String(found).trim() !== wanted) throw new Error(`wanted “${wanted}”, found “${String(found).trim()}”`);
};
const encrypted = 'Ben heard Ana, encrypted';

const folder = strangerFolder();
const at = (...parts) => path.join(folder, ...parts);
const tarballs = await pack(published(), at('tarballs'));
console.log(`${Object.keys(tarballs).length} tarballs packed (${seconds(began)})`);
install(tarballs, folder);
console.log(`installed (${seconds(began)})`);
mkdirSync(at('out'));
cpSync(path.join(import.meta.dirname, 'entries'), folder, { recursive: true });
for (const name of ['talk', 'environment']) {
  const text = readFileSync(at(`${name}.js`), 'utf8');
  writeFileSync(at(`${name}.mjs`), text);
  writeFileSync(
    at(`${name}.cjs`),
    text.replace(/^export (async )?function (\w+)/gm, 'exports.$2 = $2;\n$1function $2'),
  );
}
const service = await startService(folder);

await check('node esm', async () => same(await runNode(at('app.mjs'), await service.people()), encrypted));

const bundles = {};
await check('build esbuild', async () => {
  const file = 'out/esbuild.mjs';
  const modules = await withEsbuild({ folder, entry: 'app.mjs', file });
  assertForTheWeb(at(file), modules);
  bundles.esbuild = file;
});
const executablePath = needChromium();
const pages = Object.fromEntries(Object.entries(bundles).map(([name, file]) => [`/${name}`, pageOf(file)]));
const browser = await openPages({ executablePath, folder, service, pages });
for (const url of Object.keys(pages))
  await check(`chromium ${url.slice(1)}`, async () => same(await browser.open(url), encrypted));
await browser.close();
await service.stop();
report('tools/consumers', 'consumers', result);
console.log(`${result.passed} passed, ${result.failed} failed (${seconds(began)})`);
process.exit(result.failed ? 1 : 0);
