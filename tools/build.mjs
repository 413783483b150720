// dist/esm and dist/cjs of one package: two plain TypeScript builds.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { root, run, writeJson } from './lib.mjs';

const project = process.argv[2];
const dist = path.join(root, project, 'dist');

rmSync(dist, { recursive: true, force: true });
for (const format of ['esm', 'cjs']) {
  const status = run('tsc', ['-p', path.join(project, `tsconfig.${format}.json`)]);
  if (status !== 0) process.exit(status);
}
writeJson(path.join(dist, 'cjs/package.json'), { type: 'commonjs' });
