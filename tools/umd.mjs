// dist/umd/NAME.min.js: a facade with all it stands on in one file, as a global (`Webex`) for a <script> tag, or as a
// CommonJS module. What tools/build.mjs has made is its input.
import { mkdirSync, renameSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { licenceNote } from './build/licences.mjs';
import { readJson, root, writeJson } from './lib.mjs';

const project = process.argv[2];
const folder = path.join(root, project);
const { name, version, trunkline } = readJson(path.join(folder, 'package.json'));
const short = name.split('/')[1];
const { global } = trunkline.umd;
const fresh = path.join(folder, `dist/umd.new-${process.pid}`);
const outfile = path.join(fresh, `${short}.min.js`);

try {
  mkdirSync(fresh, { recursive: true });
  const { metafile } = await build({
    stdin: { contents: `export { ${global} } from './index.js';`, resolveDir: path.join(folder, 'dist/esm') },
    bundle: true,
    format: 'iife',
    globalName: 'M',
    platform: 'browser',
    target: 'es2020',
    minify: true,
    keepNames: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    outfile,
    logLevel: 'warning',
    banner: { js: '(function(){' },
    footer: {
      js: `if(typeof module==='object'&&module.exports)module.exports=M.${global};else globalThis.${global}=M.${global};})();`,
    },
  });
  // a comment in front moves lines: the map says so by as many empty ones
  const notes = `/*! ${name} ${version}, MIT */\n${foreign(Object.keys(metafile.inputs)).map(noteOf).join('')}`;
  writeFileSync(outfile, notes + readFileSync(outfile, 'utf8'));
  const map = readJson(`${outfile}.map`);
  map.mappings = ';'.repeat(notes.split('\n').length - 1) + map.mappings;
  writeFileSync(`${outfile}.map`, JSON.stringify(map));
  writeJson(path.join(fresh, 'package.json'), { type: 'commonjs' });
  rmSync(path.join(folder, 'dist/umd'), { recursive: true, force: true });
  renameSync(fresh, path.join(folder, 'dist/umd'));
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

/** Folders of packages that are not ours. */
function foreign(modules) {
  const folders = modules.map(
    (module) =>
      /^(.*node_modules\/(?!\.pnpm|@trunkline)(?:@[^/]+\/)?[^/]+)\//.exec(path.resolve(module))?.[1],
  );
  return [...new Set(folders)].filter(Boolean);
}
/** Some old ones name their licence in package.json only. */
function noteOf(at) {
  try {
    return licenceNote(at);
  } catch {
    const { name, version, license, author } = readJson(path.join(at, 'package.json'));
    return `/*! ${name} ${version}, ${license}, by ${author?.name ?? author ?? 'its authors'} */\n`;
  }
}
