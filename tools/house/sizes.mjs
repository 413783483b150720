// What an app loads first, and all chunks together, gzip -9. The budgets gate: lower them when something gets smaller.
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { root } from '../lib.mjs';

const rest = ['rooms', 'messages', 'memberships', 'people'];
/** KiB; `goalKiB` is where the first load is to go. */
export const budgets = [
  { what: 'core', plugins: [], firstKiB: 16.5, totalKiB: 23 },
  {
    what: 'core, rooms, messages, memberships, people',
    plugins: rest,
    goalKiB: 15,
    firstKiB: 24.2,
    totalKiB: 36,
  },
  {
    what: 'the same with e2ee()',
    plugins: [...rest, 'encryption'],
    goalKiB: 33,
    firstKiB: 38.5,
    totalKiB: 75,
  },
  { what: 'core, media', plugins: ['media'], firstKiB: 38.5, totalKiB: 45.5 },
  { what: 'core, media, meetings', plugins: ['media', 'meetings'], firstKiB: 80, totalKiB: 80 },
];

const kib = (bytes) => Number((bytes / 1024).toFixed(2));

/** Bytes of the first load and of all chunks of ours; libraries that only one late chunk needs are left out. */
export async function measure(plugins) {
  const factory = (name) => (name === 'encryption' ? 'e2ee' : name);
  const program = [
    "import { createClient } from '@trunkline/core';",
    ...plugins.map((name) => `import { ${factory(name)} } from '@trunkline/${name}';`),
    `export const open = (token) => createClient({ token, plugins: [${plugins.map((name) => `${factory(name)}()`).join()}] });`,
  ].join('\n');
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: path.join(root, 'packages/integration'), loader: 'js' },
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    minify: true,
    splitting: true,
    outdir: 'out',
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  const { outputs } = metafile;
  const first = new Set();
  const visit = (file) => {
    if (first.has(file)) return;
    first.add(file);
    for (const { kind, path: next } of outputs[file].imports) if (kind === 'import-statement') visit(next);
  };
  visit(Object.keys(outputs).find((file) => outputs[file].entryPoint === '<stdin>'));
  const sizes = { first: 0, total: 0 };
  for (const { path: absolute, contents } of outputFiles) {
    const file = path.relative(root, absolute);
    const size = gzipSync(contents, { level: 9 }).length;
    const inputs = Object.keys(outputs[file].inputs);
    const isForeign = inputs.length > 0 && inputs.every((input) => input.includes('node_modules'));
    if (first.has(file)) sizes.first += size;
    if (first.has(file) || !isForeign) sizes.total += size;
  }
  return { firstKiB: kib(sizes.first), totalKiB: kib(sizes.total) };
}

export async function checkSizes() {
  const problems = [];
  for (const { what, plugins, goalKiB, firstKiB, totalKiB } of budgets) {
    const found = await measure(plugins);
    const goal =
      goalKiB === undefined ? '' : `, goal ${goalKiB}: ${found.firstKiB <= goalKiB ? 'met' : 'missed'}`;
    console.log(
      `size: ${what}: ${found.firstKiB} KiB first (budget ${firstKiB}${goal}), ${found.totalKiB} in all (budget ${totalKiB})`,
    );
    if (found.firstKiB > firstKiB || found.totalKiB > totalKiB)
      problems.push(
        `size of ${what}: ${found.firstKiB} KiB first, ${found.totalKiB} in all; allowed are ${firstKiB} and ${totalKiB}`,
      );
  }
  return problems;
}
