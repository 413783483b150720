// Versions that stand in sources follow package.json. `changeset version` changes the latter; `npm run version` does both.
//   --check   changes nothing, and fails when one differs
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projects, readJson, root } from '../lib.mjs';

const places = [
  ['src/version.ts', /(VERSION = ')[^']+(')/],
  ['src/kernel/version.ts', /(VERSION = ')[^']+(')/],
  ['src/plugin.ts', /(\bversion: ')[^']+(')/],
];

/** Sources whose version is not that of their package; written again unless `check`. */
export function stamp(check) {
  const stale = [];
  for (const project of projects()) {
    const { version } = readJson(path.join(root, project, 'package.json'));
    for (const [source, pattern] of places) {
      const file = path.join(root, project, source);
      if (!existsSync(file)) continue;
      const text = readFileSync(file, 'utf8');
      const right = text.replace(pattern, `$1${version}$2`);
      if (right === text) continue;
      stale.push(`${project}/${source}`);
      if (!check) writeFileSync(file, right);
    }
  }
  return stale;
}

if (process.argv[1] === import.meta.filename) {
  const check = process.argv.includes('--check');
  const stale = stamp(check);
  for (const file of stale)
    console.log(`${check ? 'has another version than its package' : 'stamped'}: ${file}`);
  process.exit(check && stale.length > 0 ? 1 : 0);
}
