const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { generateFiles, names, readJson, updateJson } = require('@nx/devkit');

/**
 * The plugins that are needed, with the package that each comes from and how it is put on a client. Both engines come with
 * `e2ee()`.
 */
function neededPlugins(tree, needs) {
  const known = new Map();
  for (const folder of tree.children('packages')) {
    const source = tree.read(`packages/${folder}/src/plugin.ts`, 'utf8') ?? '';
    for (const [, property] of source.matchAll(/^ {2}name: '(\w+)'/gm))
      known.set(property, { property, folder, factory: property });
  }
  for (const property of ['encryption', 'conversation'])
    known.set(property, { property, folder: 'encryption', factory: 'e2ee' });
  return needs
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map((each) => {
      const found = known.get(each) ?? known.get(names(each).propertyName);
      if (found === undefined)
        throw new Error(
          `needs: there is no plugin '${each}'. There are: ${[...known.keys()].sort().join(', ')}`,
        );
      return found;
    });
}

/**
 * `npm run new-plugin -- white-boards [--needs rooms,people]`: the package with tests and a type test, its guide in docs/guides, its folder of
 * integration tests. Everything builds and passes at once.
 */
module.exports = async (tree, { name, needs: given = '' }) => {
  if (tree.exists(`packages/${name}`)) throw new Error(`packages/${name} exists already`);
  const { className, propertyName } = names(name);
  const { version } = readJson(tree, 'packages/core/package.json');
  const needs = neededPlugins(tree, given);
  const unique = (list) => [...new Set(list)];
  const packages = unique(needs.map(({ folder }) => folder)).sort();
  const factories = unique(needs.map(({ factory }) => factory));
  const imports = packages.map((folder) => ({
    folder,
    factories: unique(needs.filter((need) => need.folder === folder).map(({ factory }) => factory)),
  }));
  const plugins = [...factories, propertyName].map((factory) => `${factory}()`).join(', ');
  // what stands on other plugins is above them
  const layer = needs.some(({ factory }) => factory !== 'e2ee') ? 'facade' : 'plugin';
  const words = {
    name,
    className,
    propertyName,
    version,
    needs,
    packages,
    imports,
    plugins,
    layer,
    tmpl: '',
  };
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
