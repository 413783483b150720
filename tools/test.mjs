// Every check over every package, through Nx (cached), then one summary.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { needChromium, needFirefox } from './browsers.mjs';
import { report, reporting, root, run } from './lib.mjs';
import { summarise } from './summary.mjs';

for (const project of reporting())
  rmSync(path.join(root, project, 'reports'), { recursive: true, force: true }); // Nx puts cached ones back
// once, before the cache key is computed
needChromium();
needFirefox();
const formatted = run('prettier', ['--check', '--log-level', 'warn', '.']);
report('packages/integration', 'format', {
  passed: formatted === 0 ? 1 : 0,
  failed: formatted === 0 ? 0 : 1,
});
const targets = [
  'build',
  'lint',
  'types',
  'unit',
  'browser',
  'boundaries',
  'consumers',
  'generator',
  'docs',
  'house',
];
const status = run('nx', [
  'run-many',
  '-t',
  ...targets,
  '--outputStyle=static',
  '--nxBail=false',
  ...process.argv.slice(2),
]);
process.exit(summarise(status || formatted));
