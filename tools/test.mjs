// Every check over every package, through Nx (cached), then one summary.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { needChromium } from './chromium.mjs';
import { projects, root, run } from './lib.mjs';
import { summarise } from './summary.mjs';

for (const project of projects())
  rmSync(path.join(root, project, 'reports'), { recursive: true, force: true }); // Nx puts cached ones back
needChromium(); // once, before the cache key is computed
const targets = ['build', 'lint', 'types', 'unit', 'browser', 'boundaries', 'format', 'docs'];
const status = run('nx', [
  'run-many',
  '-t',
  ...targets,
  '--outputStyle=static',
  '--nxBail=false',
  ...process.argv.slice(2),
]);
process.exit(summarise(status));
