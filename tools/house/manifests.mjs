// package.json of each package follows packages.mjs.  node tools/house/manifests.mjs --write
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format } from 'prettier';
import { readJson, root } from '../lib.mjs';
import { packages, shared } from './packages.mjs';

const built = (folder, file) => ({
  types: `./dist/${folder}/${file}.d.ts`,
  default: `./dist/${folder}/${file}.js`,
});

function exportsOf(name, { entries, oneFile = [], script = false, own = {}, files = {} }) {
  const exported = {};
  for (const [entry, file] of Object.entries(entries)) {
    const inNode = existsSync(path.join(root, 'packages', name, 'src', `${file}.node.ts`))
      ? `${file}.node`
      : file;
    const one = entry === '.' ? 'index' : entry.slice(2);
    const node = oneFile.includes(entry)
      ? {
          import: {
            types: `./dist/esm/${inNode}.d.ts`,
            module: `./dist/esm/${inNode}.js`,
            default: `./dist/node/${one}.js`,
          },
          require: { types: `./dist/cjs/${inNode}.d.ts`, default: `./dist/node/${one}.cjs` },
        }
      : inNode === file
        ? undefined
        : { import: built('esm', inNode), require: built('cjs', inNode) };
    exported[entry] = {
      ...(node && { node }),
      import: built('esm', file),
      require: built('cjs', file),
      ...own[entry],
    };
  }
  return {
    ...exported,
    ...(script && { './iife': `./dist/iife/${name}.js` }),
    ...files,
    './package.json': './package.json',
  };
}

/** The manifest as it should be. */
function wanted(name, manifest) {
  const described = packages[name];
  const {
    name: full,
    version,
    description: _d,
    keywords: _k,
    license: _l,
    repository: _r,
    exports: _e,
    engines: _n,
    ...rest
  } = manifest;
  const ordered = {
    name: full,
    version,
    description: `${described.description}.`,
    keywords: [...shared.keywords, ...described.keywords],
    license: shared.license,
    repository: shared.repository(name),
    ...rest,
    exports: exportsOf(name, described),
    engines: shared.engines,
  };
  // the usual order: entry points, files, engines, dependencies
  const order = [
    'name',
    'version',
    'description',
    'keywords',
    'license',
    'repository',
    'type',
    'sideEffects',
    'bin',
    'main',
    'module',
    'types',
    'exports',
    'files',
    'engines',
  ];
  const keys = [
    ...order.filter((key) => key in ordered),
    ...Object.keys(ordered).filter((key) => !order.includes(key)),
  ];
  return Object.fromEntries(keys.map((key) => [key, ordered[key]]));
}

/** What differs, one line each. */
export async function checkManifests(write) {
  const problems = [];
  const versions = new Set();
  for (const name of Object.keys(packages)) {
    const file = path.join(root, 'packages', name, 'package.json');
    const manifest = readJson(file);
    versions.add(manifest.version);
    const text = await format(JSON.stringify(wanted(name, manifest)), { parser: 'json-stringify' });
    if (text !== readFileSync(file, 'utf8')) {
      if (write) writeFileSync(file, text);
      else problems.push(`packages/${name}/package.json: run node tools/house/manifests.mjs --write`);
    }
    for (const entry of Object.keys(packages[name].entries))
      if (entry !== '.' && !existsSync(path.join(root, 'packages', name, entry)))
        problems.push(`packages/${name}: older bundlers need a folder ${entry} with a package.json`);
  }
  if (versions.size > 1) problems.push(`packages have different versions: ${[...versions].join(', ')}`);
  return problems;
}

if (process.argv[1] === import.meta.filename) {
  const problems = await checkManifests(process.argv.includes('--write'));
  for (const problem of problems) console.log(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
