// Every bundler builds the conversation; what must run in Node or proves tree shaking is run here.
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../../lib.mjs';
import { assertForTheWeb, withBrowserify, withEsbuild, withVite, withWebpack } from '../bundlers.mjs';
import { runNode } from '../programs.mjs';

/** @returns name → file, of the bundles for browsers */
export async function checkBundles({ check, same, folder, service, encrypted }) {
  const at = (...parts) => path.join(folder, ...parts);
  const bundles = {};
  const forTheWeb = (name, bundler, entry, file) =>
    check(`build ${name}`, async () => {
      const modules = await bundler({ folder, entry, file });
      assertForTheWeb(at(file), modules);
      bundles[name] = file;
    });
  await forTheWeb('esbuild', withEsbuild, 'app.mjs', 'out/esbuild.mjs');
  await forTheWeb('webpack-esm', withWebpack, 'app.mjs', 'out/webpack-esm.js');
  await forTheWeb('webpack-cjs', withWebpack, 'app.cjs', 'out/webpack-cjs.js');
  await forTheWeb('browserify', withBrowserify, 'app.cjs', 'out/browserify.js');
  await forTheWeb('vite', withVite, 'app.mjs', 'out/vite.mjs');

  await check('webpack for node', async () => {
    const file = 'out/webpack-node.cjs';
    const modules = await withWebpack({ folder, entry: 'app.cjs', file, target: 'node20' });
    same(await runNode(at(file), await service.people()), encrypted);
    let refused = false;
    try {
      assertForTheWeb(at(file), modules);
    } catch {
      refused = true;
    }
    if (!refused) throw new Error('it has ws and node:crypto, and passes as a bundle for the web');
  });

  await check('vite ssr with preact', async () => {
    for (const name of ['preact', 'preact-render-to-string'])
      symlinkSync(path.join(root, 'node_modules', name), at('node_modules', name), 'junction');
    const file = 'ssr/ssr.mjs';
    await withVite({ folder, entry: 'ssr.mjs', file, ssr: true });
    same(await runNode(at(file), await service.people()), '<ul><li>Launch &amp; landing</li></ul>');
  });

  await checkTreeShaking({ check, same, folder });
  return bundles;
}

const plugins = [
  ...['rooms', 'messages', 'memberships', 'people', 'conversation', 'encryption'],
  ...['teams', 'webhooks', 'presence', 'devices', 'support'],
];

async function checkTreeShaking({ check, same, folder }) {
  const all = [
    "import { createClient } from '@trunkline/core';",
    ...plugins.map((name) => `import { ${name} } from '@trunkline/${name}';`),
  ].join('\n');
  // [what is proven, program, plugins whose code stays]
  const cases = [
    ['what is imported and not used leaves nothing', all, undefined],
    ['core has nothing of a plugin', `${all}\nglobalThis.c = createClient({ token: 't', plugins: [] });`, []],
    [
      'one plugin comes without the others',
      `${all}\nglobalThis.c = createClient({ token: 't', plugins: [rooms()] });`,
      ['rooms'],
    ],
    ['register stays', "import '@trunkline/rooms/register';", ['rooms']],
  ];
  const bundlers = { esbuild: withEsbuild, webpack: withWebpack };
  for (const [bundlerName, bundler] of Object.entries(bundlers))
    for (const [n, [name, program, wanted]] of cases.entries())
      await check(`${bundlerName}: ${name}`, async () => {
        const entry = `shaken-${n}.mjs`;
        const file = `out/shaken-${bundlerName}-${n}.mjs`;
        writeFileSync(path.join(folder, entry), `${program}\n`);
        // it is imported in Node, where webpack cannot see from where
        const modules = await bundler({ folder, entry, file, publicPath: '' });
        const text = readFileSync(path.join(folder, file), 'utf8');
        if (!wanted) return same(text, '');
        // esbuild says which modules have bytes in it; webpack only which it considered
        if (bundlerName === 'esbuild') {
          const of = (module) => /@trunkline\/([a-z-]+)/.exec(module)?.[1];
          same(
            [...new Set(modules.map(of).filter((found) => plugins.includes(found)))].join(),
            wanted.join(),
          );
        }
        same(
          plugins.filter((plugin) => new RegExp(`name:\\s*["'\`]${plugin}["'\`]`).test(text)).join(),
          wanted.join(),
        );
        if (name === 'register stays') {
          const registry = Symbol.for('trunkline.plugins');
          delete globalThis[registry];
          await import(pathToFileURL(path.join(folder, file)).href);
          same(Object.keys(globalThis[registry] ?? {}).join(), 'rooms');
          delete globalThis[registry];
        }
        return undefined;
      });
}
