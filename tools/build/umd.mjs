// dist/umd/NAME.min.js: a facade with all it stands on in one file, as a global (`Webex`) for a <script> tag, or as a
// CommonJS module.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { readJson, writeJson } from '../lib.mjs';
import { licenceNote } from './licences.mjs';

/**
 * @param manifest the package's package.json; `trunkline.umd.global` names the export and the global
 * @param fresh    the folder with the new build, dist/esm in it
 */
export async function buildUmd({ name, version, trunkline }, fresh) {
  const { global } = trunkline.umd;
  const outfile = path.join(fresh, `umd/${name.split('/')[1]}.min.js`);
  const { metafile } = await build({
    stdin: { contents: `export { ${global} } from './index.js';`, resolveDir: path.join(fresh, 'esm') },
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
  const notes = `/*! ${name} ${version}, MIT */\n${foreign(Object.keys(metafile.inputs)).map(licenceNote).join('')}`;
  writeFileSync(outfile, notes + readFileSync(outfile, 'utf8'));
  // a comment in front moves the lines: the map says so by as many empty ones
  const map = readJson(`${outfile}.map`);
  map.mappings = ';'.repeat(notes.split('\n').length - 1) + map.mappings;
  writeFileSync(`${outfile}.map`, JSON.stringify(map));
  writeJson(path.join(fresh, 'umd/package.json'), { type: 'commonjs' });
}

/** Folders of packages that are not ours. */
function foreign(modules) {
  const folders = modules.map(
    (module) =>
      /^(.*node_modules\/(?!\.pnpm|@trunkline)(?:@[^/]+\/)?[^/]+)\//.exec(path.resolve(module))?.[1],
  );
  return [...new Set(folders)].filter(Boolean);
}
