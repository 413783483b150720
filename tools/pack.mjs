// npm run pack: packs every public package into dist/packages and prints one line that installs them elsewhere. The packages
// are not on npm yet, so this is the way to try them in a project outside this repository.
//   npm run pack -- rooms messages   the line for these only, together with the packages of ours that they need
//   --no-build                       packs what is built already
import { rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { pack, published } from './consumers/install.mjs';
import { readJson, root, run } from './lib.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'no-build': { type: 'boolean', default: false } },
});
const names = published();
const unscoped = (name) => name.replace(/^@trunkline\//, '');
const wanted = positionals.map(unscoped);
for (const name of wanted)
  if (!names.includes(name)) {
    console.error(`There is no package @trunkline/${name}. There are: ${names.join(', ')}.`);
    process.exit(1);
  }
if (!values['no-build'] && run('nx', ['run-many', '-t', 'build', '--outputStyle=static']) !== 0) {
  console.error('The build failed. `npm run build` shows where.');
  process.exit(1);
}

const folder = path.join(root, 'dist/packages');
rmSync(folder, { recursive: true, force: true });
await pack(names, folder);

/** These packages and all of ours that they need, peers included: npm would look for the latter in the registry. */
function withNeeded(list, found = new Set()) {
  for (const name of list) {
    if (found.has(name)) continue;
    found.add(name);
    const { dependencies, peerDependencies } = readJson(path.join(root, 'packages', name, 'package.json'));
    const ours = Object.keys({ ...dependencies, ...peerDependencies }).filter((other) =>
      other.startsWith('@trunkline/'),
    );
    withNeeded(ours.map(unscoped), found);
  }
  return [...found].sort();
}

const quoted = (file) => (/^[\w/.+-]+$/.test(file) ? file : `'${file}'`);
const files = withNeeded(wanted).map((name) => quoted(path.join(folder, `${name}.tgz`)));
console.log(`${names.length} packages are in ${path.relative(root, folder)}. In your project, run

  npm install ${wanted.length === 0 ? `${quoted(folder)}/*.tgz` : files.join(' ')}
`);
if (wanted.length === 0)
  console.log(
    'That installs all of them. `npm run pack -- rooms messages` prints the line for these and what they need.\n',
  );
