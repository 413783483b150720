// dist/iife/NAME.js for a <script> tag. Core stays outside of all but its own file; a file that comes before core waits in
// Trunkline.waiting, so the order of tags does not matter, and a second copy of a file changes nothing.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { licenceNotes } from './licences.mjs';

/**
 * @param manifest the package's package.json
 * @param fresh    the folder with the new build, dist/esm in it
 */
export async function buildScript(manifest, fresh) {
  const name = manifest.name.split('/')[1];
  const isCore = name === 'core';
  const needsCore = '@trunkline/core' in { ...manifest.peerDependencies };
  const registers = existsSync(path.join(fresh, 'esm/register.js'));
  const quoted = JSON.stringify(name);
  // core's exports are on Trunkline itself, the others' in Trunkline.modules.NAME
  const loaded = isCore
    ? 'Object.assign(T,M);T.plugins=M.registeredPlugins();T.waiting.splice(0).forEach(function(f){f()})'
    : '';
  const options = {
    stdin: {
      contents: `${registers ? "import './esm/register.js';" : ''} export * from './esm/index.js'; ${isCore ? "export * as kit from './esm/kit/index.js';" : ''}`,
      resolveDir: fresh,
    },
    bundle: true,
    format: 'iife',
    globalName: 'M',
    platform: 'browser',
    target: 'es2020',
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'inline',
    outfile: path.join(fresh, `iife/${name}.js`),
    logLevel: 'warning',
    footer: {
      js: `T.modules[${quoted}]=M;${loaded}}${
        needsCore ? 'T.createClient?load():T.waiting.push(load)' : 'load()'
      }})(globalThis.Trunkline=globalThis.Trunkline||{});`,
    },
    plugins: [
      {
        name: 'register-kept-core-outside',
        setup(b) {
          // package.json names it below dist, where this build is not yet
          b.onResolve({ filter: /^\.\/esm\/register\.js$/ }, () => ({
            path: path.join(fresh, 'esm/register.js'),
            sideEffects: true,
          }));
          if (isCore) return;
          b.onResolve({ filter: /^@trunkline\/core(\/kit)?$/ }, ({ path: name }) => ({
            path: name.endsWith('/kit') ? 'core.kit' : 'core',
            namespace: 'global',
          }));
          b.onLoad({ filter: /.*/, namespace: 'global' }, ({ path: name }) => ({
            contents: `module.exports = T.modules.${name}`,
          }));
        },
      },
    ],
  };
  // first only to see what goes in: whose licence has to be named
  const { metafile } = await build({ ...options, write: false, metafile: true });
  const head = `(function(T){T.modules=T.modules||{};T.waiting=T.waiting||[];function load(){if(T.modules[${quoted}])return;`;
  await build({ ...options, banner: { js: `${licenceNotes(Object.keys(metafile.inputs))}${head}` } });
}
