// What holds for the whole repository: plain English, summaries, sources, manifests, sizes. One result each.
import { spawnSync } from 'node:child_process';
import { env, report, root } from '../lib.mjs';
import { findProse } from '../prose.mjs';
import { checkDocstrings } from './docstrings.mjs';
import { checkManifests } from './manifests.mjs';
import { checkSizes } from './sizes.mjs';
import { checkSources } from './sources.mjs';

/** Files, exports and dependencies that nothing uses, see knip.json. */
function findUnused() {
  const { status, stdout, stderr } = spawnSync('knip', ['--no-progress', '--no-config-hints'], {
    cwd: root,
    env,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  return status === 0 ? [] : `${stdout}${stderr}`.trim().split('\n');
}

const checks = {
  'nothing is unused': () => findUnused(),
  'plain English': () => findProse(),
  'every public member has a summary': () => checkDocstrings().problems,
  'every source leads to a page': () => checkSources(),
  'manifests follow tools/house/packages.mjs': () => checkManifests(),
  'bundles are within their budgets': () => checkSizes(),
};
const result = { passed: 0, failed: 0 };
for (const [name, check] of Object.entries(checks)) {
  const problems = await check();
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${name}`);
  for (const problem of problems.slice(0, 40)) console.log(`       ${problem}`);
  if (problems.length > 40) console.log(`       and ${problems.length - 40} more`);
  result[problems.length === 0 ? 'passed' : 'failed'] += 1;
}
report(process.argv[2] ?? 'tools/house', 'house', result);
process.exitCode = result.failed > 0 ? 1 : 0;
