// dist/esm and dist/cjs of one package: two plain TypeScript builds; and dist/iife/NAME.js, the script-tag file, where
// package.json exports one; and dist/umd/NAME.min.js of a facade. They replace what was there only when all are good, so
// that no one ever imports half a package.
import { existsSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { buildForNode } from './build/node.mjs';
import { buildScript } from './build/script.mjs';
import { leaveSourcesOut } from './build/sources.mjs';
import { buildUmd } from './build/umd.mjs';
import { readJson, root, run, writeJson } from './lib.mjs';

const project = process.argv[2];
const folder = path.join(root, project);
const manifest = readJson(path.join(folder, 'package.json'));
const dist = path.join(folder, 'dist');
const fresh = path.join(folder, `dist.new-${process.pid}`);
const old = path.join(folder, `dist.old-${process.pid}`);

try {
  for (const format of ['esm', 'cjs']) {
    const status = run('tsc', [
      ...['-p', path.join(project, `tsconfig.${format}.json`)],
      ...['--outDir', path.join(fresh, format)],
      // the ESM build has checked the same sources
      ...(format === 'cjs' ? ['--noCheck'] : []),
    ]);
    if (status !== 0) process.exit(status);
  }
  for (const format of ['esm', 'cjs']) leaveSourcesOut(path.join(fresh, format));
  writeJson(path.join(fresh, 'cjs/package.json'), { type: 'commonjs' });
  if (manifest.trunkline?.oneFileForNode) await buildForNode(manifest, fresh);
  if (manifest.exports['./iife']) await buildScript(manifest, fresh);
  if (manifest.trunkline?.umd) await buildUmd(manifest, fresh);
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
} finally {
  for (const leftover of [fresh, old]) rmSync(leftover, { recursive: true, force: true });
}
