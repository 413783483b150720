// dist/esm and dist/cjs of one package: two plain TypeScript builds. They replace what was there only when both are good,
// so that nobody ever imports half a package.
import { existsSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root, run, writeJson } from './lib.mjs';

const project = process.argv[2];
const dist = path.join(root, project, 'dist');
const fresh = path.join(root, project, `dist.new-${process.pid}`);
const old = path.join(root, project, `dist.old-${process.pid}`);

try {
  for (const format of ['esm', 'cjs']) {
    const status = run('tsc', [
      ...['-p', path.join(project, `tsconfig.${format}.json`)],
      ...['--outDir', path.join(fresh, format)],
    ]);
    if (status !== 0) process.exit(status);
  }
  writeJson(path.join(fresh, 'cjs/package.json'), { type: 'commonjs' });
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
} finally {
  for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true });
}
