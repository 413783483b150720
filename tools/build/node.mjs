// dist/node: a package as one file (and one for each part that is loaded late), for Node itself. There each module of a package costs a program about half a
// millisecond at its start, and a CommonJS dependency imported from an ES module far more than one that is required.
// Bundlers get the ES modules, by the condition "module", which Node does not have. See docs/decisions/0010.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

/**
 * @param manifest the package's package.json
 * @param fresh    the folder with the new build, dist/esm in it
 */
export async function buildForNode(manifest, fresh) {
  const main = ['index.node.js', 'index.js'].find((file) => existsSync(path.join(fresh, 'esm', file)));
  // required: package → what is used of it; late: module whose `load` gives a package → that package, required at the call
  // entries: name of the file → module it begins with
  const { required = {}, late = {}, entries = { index: main } } = manifest.trunkline.oneFileForNode;
  const options = {
    entryPoints: Object.fromEntries(
      Object.entries(entries).map(([name, file]) => [name, path.join(fresh, 'esm', file)]),
    ),
    outdir: path.join(fresh, 'node'),
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
  };
  const lateLoading = (head) => ({
    name: 'late',
    setup(b) {
      for (const [file, name] of Object.entries(late))
        b.onLoad({ filter: new RegExp(`/esm/${file.replaceAll('.', '\\.')}$`) }, () => ({
          contents: `${head}export const load = () => require(${JSON.stringify(name)});`,
        }));
    },
  });
  const makeRequire = `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\n`;
  await build({
    ...options,
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    plugins: [lateLoading('')],
  });
  await build({
    ...options,
    format: 'esm',
    sourcemap: true, // coverage is counted through it
    // what is loaded late is a file of its own
    splitting: true,
    chunkNames: '[name]-[hash]',
    plugins: [
      lateLoading(makeRequire),
      {
        name: 'required',
        setup(b) {
          for (const [name, names] of Object.entries(required)) {
            b.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: name, namespace: 'required' }));
            b.onLoad({ filter: new RegExp(`^${name}$`), namespace: 'required' }, () => ({
              contents: `import { createRequire } from 'node:module';
export const { ${names} } = createRequire(import.meta.url)(${JSON.stringify(name)});`,
            }));
          }
        },
      },
    ],
  });
}
