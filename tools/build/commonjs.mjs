// A dependency that is published as ES modules only goes into the CommonJS build itself, as one file: browserify and other
// old bundlers can neither find it (they do not read "exports") nor parse it. See docs/decisions/0009.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { licenceNote } from './licences.mjs';

/**
 * @param name   the dependency, `jose`
 * @param cjs    the folder with the CommonJS build
 * @param folder of the package, from where the dependency is found
 */
export async function bundleForCommonJs(name, cjs, folder) {
  const used = new RegExp(`\\brequire\\("(${name}(?:/[^"]+)?)"\\)`, 'g');
  const files = readdirSync(cjs, { recursive: true })
    .filter((file) => file.endsWith('.js'))
    .map((file) => path.join(cjs, file))
    .map((file) => ({ file, text: readFileSync(file, 'utf8') }));
  const modules = new Set(files.flatMap(({ text }) => [...text.matchAll(used)].map((match) => match[1])));
  if (modules.size === 0) return;
  await build({
    stdin: {
      contents: [...modules].map((module) => `export * from '${module}';`).join('\n'),
      resolveDir: folder,
    },
    bundle: true,
    format: 'cjs',
    platform: 'neutral',
    target: 'es2019',
    banner: { js: licenceNote(path.join(folder, 'node_modules', name)) },
    outfile: path.join(cjs, `bundled/${name}.js`),
    logLevel: 'warning',
  });
  for (const { file, text } of files) {
    const bundled = path
      .relative(path.dirname(file), path.join(cjs, `bundled/${name}.js`))
      .replaceAll(path.sep, '/');
    const changed = text.replace(
      used,
      () => `require("${bundled.startsWith('.') ? bundled : `./${bundled}`}")`,
    );
    if (changed !== text) writeFileSync(file, changed);
  }
}
