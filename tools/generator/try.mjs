// What a newcomer does in the first minute: a clone, `npm run new-plugin`, then everything of the new package.
//   node tools/generator/try.mjs PROJECT    PROJECT is where the report goes
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { projects, report, root } from '../lib.mjs';

const result = { passed: 0, failed: 0 };
const copy = mkdtempSync(path.join(tmpdir(), 'trunkline-generator-'));
const bin = path.join(copy, 'node_modules/.bin');
const env = {
  ...process.env,
  CI: 'true',
  NX_DAEMON: 'false',
  PATH: `${bin}${path.delimiter}${process.env.PATH}`,
};

const run = (program, args) => spawnSync(program, args, { cwd: copy, env, encoding: 'utf8' });
const check = (what, ok, output = '') => {
  result[ok ? 'passed' : 'failed'] += 1;
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${what}${ok ? '' : `\n${output}`}`);
  return ok;
};
const changed = () =>
  run('git', ['status', '--short'])
    .stdout.trimEnd()
    .split('\n')
    .map((line) => line.slice(3));
const hashes = () => JSON.parse(run('node', ['tools/generator/hashes.mjs']).stdout);
const step = (what, program, ...args) => {
  const { status, stdout, stderr } = run(program, args);
  return check(what, status === 0, stdout + stderr);
};

try {
  run('git', ['clone', '-q', '--depth', '1', `file://${root}`, '.']);
  step('it installs', 'node', 'tools/setup.mjs');
  // built already: a newcomer has run `npm start` before
  for (const project of projects()) {
    const dist = path.join(root, project, 'dist');
    if (existsSync(dist) && existsSync(path.join(copy, project)))
      cpSync(dist, path.join(copy, project, 'dist'), { recursive: true });
  }
  for (const [name, needs] of [
    ['white-boards', ''],
    ['sketch-books', 'rooms,team-memberships,conversation'],
  ])
    tryOne(name, needs);
} finally {
  rmSync(copy, { recursive: true, force: true });
}
report(process.argv[2], 'generator', result);
process.exit(result.failed === 0 ? 0 : 1);

function tryOne(name, needs) {
  const before = changed();
  const hashesBefore = hashes();
  const started = Date.now();
  const given = needs === '' ? [] : ['--needs', needs];
  step(`the generator writes and links ${name}`, 'npm', 'run', 'new-plugin', '--', name, ...given);
  // what Nx would build and test again: tests of the repository as a whole may, other packages may not (H15)
  const hashesAfter = hashes();
  const again = Object.keys(hashesBefore).filter((task) => hashesBefore[task] !== hashesAfter[task]);
  check(
    `it makes no other package build or test again, of ${Object.keys(hashesBefore).length} tasks`,
    Object.keys(hashesBefore).length > 30 && again.every((task) => task.startsWith('integration:')),
    again.join('\n'),
  );
  const files = [`packages/${name}`, `packages/integration/${name}`, `docs/guides/${name}.md`];
  step('everything is formatted, so that `npm run lint` passes (H14)', 'prettier', '--check', '.');
  if (needs === '') check('it has the shape of rooms', shapeDiffers(name) === '', shapeDiffers(name));
  step('it builds', 'node', 'tools/build.mjs', `packages/${name}`);
  for (const target of ['lint', 'types', 'unit'])
    step(`its ${target} passes`, 'node', `tools/${target}.mjs`, `packages/${name}`);
  const counted = JSON.parse(readFileSync(path.join(copy, `packages/${name}/reports/unit.json`), 'utf8'));
  check('its unit tests ran', counted.passed > 3 && counted.failed === 0, JSON.stringify(counted));
  step(
    'it is tested against the service',
    'mocha',
    ...['--import=tsx', '--extension', 'ts', '--timeout', '30000', `packages/integration/${name}/*.spec.ts`],
  );
  const manifest = JSON.parse(readFileSync(path.join(copy, `packages/${name}/package.json`), 'utf8'));
  check('it depends on wire, for the types of peers (H12)', '@trunkline/wire' in manifest.dependencies);
  if (needs !== '')
    check(
      'it says what it needs, and its packages are peers (H12)',
      readFileSync(path.join(copy, `packages/${name}/src/plugin.ts`), 'utf8').includes(
        "needs: ['rooms', 'teamMemberships', 'conversation']",
      ) &&
        ['rooms', 'teams', 'encryption'].every((other) => `@trunkline/${other}` in manifest.peerDependencies),
      JSON.stringify(manifest),
    );
  const touched = changed().filter((file) => !before.includes(file));
  const stdout = touched.join('\n');
  check(
    'nothing else is touched but its place in the workspace',
    touched.every((file) =>
      [
        ...files.map((made) => `${made}/`),
        ...files,
        'packages/integration/package.json',
        'pnpm-lock.yaml',
      ].includes(file),
    ),
    stdout,
  );
  console.log(
    `${name}: made, typed on a client and tested in ${((Date.now() - started) / 1000).toFixed(0)} s`,
  );
}

/** Where a generated package differs from `rooms` in what makes a package a plugin; '' when it does not. */
function shapeDiffers(name) {
  const property = name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  const type = property.charAt(0).toUpperCase() + property.slice(1);
  const read = (folder, file) => readFileSync(path.join(copy, 'packages', folder, file), 'utf8');
  const renamed = (text) =>
    text
      .replaceAll('@trunkline/rooms', `@trunkline/${name}`)
      .replace(/\bRooms\b/g, type)
      .replace(/\brooms\b/g, property);
  const code = (text) =>
    text
      .replace(/^\s*\/\/.*\n/gm, '')
      .replace(/\/\*\*[^]*?\*\//g, '')
      .replace(/\s+/g, ' ')
      .trim();
  const differing = [];
  for (const file of [
    'src/register.ts',
    'register/package.json',
    'tsconfig.json',
    'tsconfig.esm.json',
    'tsconfig.cjs.json',
  ])
    if (code(read(name, file)) !== code(renamed(read('rooms', file)))) differing.push(file);
  const [made, rooms] = [name, 'rooms'].map((folder) => JSON.parse(read(folder, 'package.json')));
  for (const field of Object.keys({ ...made, ...rooms }).filter(
    (key) => !['name', 'description', 'keywords'].includes(key),
  )) {
    const wanted = JSON.stringify(rooms[field])
      ?.replaceAll('/rooms', `/${name}`)
      .replaceAll('"rooms"', `"${name}"`);
    if (JSON.stringify(made[field]) !== wanted) differing.push(`package.json: ${field}`);
  }
  const files = (folder) =>
    run('git', ['ls-files', '-co', '--exclude-standard', `packages/${folder}`]).stdout;
  for (const file of ['src/index.ts', 'src/plugin.ts', 'src/types.ts', 'src/register.test.ts', 'README.md'])
    for (const folder of [name, 'rooms'])
      if (!files(folder).includes(`packages/${folder}/${file}`)) differing.push(`${folder} has no ${file}`);
  return differing.join('\n');
}
