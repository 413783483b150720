// Packs every public package, installs the tarballs with npm in a folder outside the workspace, and does there what a
// stranger would: runs, bundles and type-checks one conversation against the service of the tarball. One result each.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { needChromium } from '../browsers.mjs';
import { report } from '../lib.mjs';
import { checkBundles } from './checks/bundles.mjs';
import { checkChromium } from './checks/chromium.mjs';
import { checkPack } from './checks/pack.mjs';
import { checkNode } from './checks/programs.mjs';
import { checkTarballs } from './checks/tarballs.mjs';
import { checkTypes } from './checks/types.mjs';
import { install, pack, published, strangerFolder } from './install.mjs';
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
const encrypted = 'Ben received from Ana, encrypted';

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

const context = { check, same, folder, tarballs, service, encrypted };
await checkTarballs(context);
await checkPack(context);
await checkTypes(context);
await checkNode(context);
const bundles = await checkBundles(context);
const executablePath = needChromium();
if (executablePath) await checkChromium({ ...context, bundles, executablePath });
else {
  result.skipped = 'no Chromium';
  if (process.env.TRUNKLINE_REQUIRE_BROWSER === '1') result.failed += 1;
}
await service.stop();

report('tools/consumers', 'consumers', result);
console.log(`consumers: ${result.passed} passed, ${result.failed} failed (${seconds(began)})`);
process.exit(result.failed ? 1 : 0);
