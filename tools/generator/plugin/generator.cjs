const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { generateFiles, names, readJson, updateJson } = require('@nx/devkit');

/**
 * `npm run new-plugin -- white-boards`: the package with tests and a type test, its guide in docs/guides, its folder of
 * integration tests. Everything builds and passes at once.
 */
module.exports = async (tree, { name }) => {
  if (tree.exists(`packages/${name}`)) throw new Error(`packages/${name} is there already`);
  const { className, propertyName } = names(name);
  const { version } = readJson(tree, 'packages/core/package.json');
  const words = { name, className, propertyName, version, tmpl: '' };
  const from = (folder) => path.join(__dirname, folder);
  generateFiles(tree, from('files'), `packages/${name}`, words);
  generateFiles(tree, from('docs'), 'docs/guides', words);
  generateFiles(tree, from('integration'), `packages/integration/${name}`, words);
  updateJson(tree, 'packages/integration/package.json', (manifest) => {
    const devDependencies = { ...manifest.devDependencies, [`@trunkline/${name}`]: 'workspace:^' };
    manifest.devDependencies = Object.fromEntries(
      Object.entries(devDependencies).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
    return manifest;
  });
  return () => {
    const run = (program, args) => {
      const { status } = spawnSync(program, args, {
        cwd: tree.root,
        stdio: 'inherit',
        shell: process.platform === 'win32',
      });
      if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed`);
    };
    const made = [`packages/${name}`, `packages/integration/${name}`, `docs/guides/${name}.md`];
    run('prettier', ['--write', '--log-level', 'warn', ...made, 'packages/integration/package.json']);
    // links the new package and writes it into the lock file
    run('npx', ['-y', 'pnpm@10.34.9', 'install', '--no-frozen-lockfile', '--prefer-offline']);
  };
};
