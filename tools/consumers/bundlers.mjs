// Each bundler with the settings a stranger starts with: none but entry, output and target. Each gives the files that
// went into the bundle, so that polyfills and what no one uses can be found.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build as esbuild } from 'esbuild';

const require = createRequire(import.meta.url);

/** @returns {Promise<string[]>} paths of the modules in it */
export async function withEsbuild({ folder, entry, file, ...options }) {
  const { metafile } = await esbuild({
    entryPoints: [path.join(folder, entry)],
    absWorkingDir: folder,
    bundle: true,
    format: 'esm',
    minify: true,
    metafile: true,
    outfile: path.join(folder, file),
    logLevel: 'silent',
    ...options,
  });
  const { inputs } = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint !== undefined);
  return Object.entries(inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([module]) => module);
}

export async function withWebpack({ folder, entry, file, target = ['web', 'es2022'], publicPath = 'auto' }) {
  const { default: webpack } = await import('webpack');
  const stats = await new Promise((resolve, reject) => {
    const compiler = webpack({
      mode: 'production',
      context: folder,
      target,
      entry: `./${entry}`,
      output: { path: path.join(folder, path.dirname(file)), filename: path.basename(file), publicPath },
      performance: false,
    });
    compiler.run((error, result) => {
      compiler.close(() => {
        if (error) reject(error);
        else if (result.hasErrors()) reject(new Error(result.toString('errors-only')));
        else resolve(result);
      });
    });
  });
  const { modules } = stats.toJson({
    all: false,
    modules: true,
    nestedModules: true,
    ids: true,
    modulesSpace: 9999,
  });
  const files = (list) =>
    list.flatMap((module) => [
      ...(module.nameForCondition ? [path.relative(folder, module.nameForCondition)] : []),
      ...files(module.modules ?? []),
    ]);
  return [...new Set(files(modules))];
}

export async function withBrowserify({ folder, entry, file }) {
  const browserify = require('browserify');
  const bundle = browserify(path.join(folder, entry), { basedir: folder });
  const modules = [];
  bundle.pipeline.get('deps').on('data', (dependency) => {
    modules.push(path.relative(folder, dependency.file));
  });
  const code = await new Promise((resolve, reject) => {
    bundle.bundle((error, result) => {
      if (error) reject(error);
      else resolve(result);
    });
  });
  writeFileSync(path.join(folder, file), code);
  return modules;
}

export async function withVite({ folder, entry, file, ssr = false }) {
  const { build } = await import('vite');
  const modules = [];
  await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: path.dirname(file),
      emptyOutDir: false,
      target: 'es2022',
      ...(ssr
        ? { ssr: path.join(folder, entry) }
        : {
            lib: {
              entry: path.join(folder, entry),
              formats: ['es'],
              fileName: () => path.basename(file),
            },
          }),
      rollupOptions: { output: { entryFileNames: path.basename(file) } },
    },
    plugins: [
      {
        name: 'modules',
        generateBundle(_options, bundle) {
          for (const chunk of Object.values(bundle))
            modules.push(
              ...Object.keys(chunk.modules ?? {})
                .filter((module) => module !== '\0rolldown/runtime.js') // its helper for CommonJS
                .map((module) => path.relative(folder, module)),
            );
        },
      },
    ],
  });
  return modules;
}

// what may be in a bundle for the web: ours, and the packages we name: markdown-it with its own comes on first use
const welcome =
  /^(?:node_modules\/(?:@trunkline\/[a-z-]+|eventemitter3|markdown-it|linkify-it|mdurl|uc\.micro|entities|punycode\.js)\/|(?:app|explicit|environment|talk|size|size-e2ee|size-talk)\.[mc]?js$)/;
// parts of Node, of ws, and of the polyfills bundlers add for them
const unwelcome = [
  /(?:require|from|import)\s*\(?["']node:/,
  /sec-websocket-key/i,
  /TYPED_ARRAY_SUPPORT/,
  /process\.nextTick|process\.browser/,
  /require\(["'](?:crypto|ws|buffer|process)["']\)/,
];

/** Throws when a web bundle has a polyfill, or anything else that has no business there. */
export function assertForTheWeb(file, modules) {
  if (!modules.some((module) => module.startsWith('node_modules/@trunkline/core/')))
    throw new Error(`core is not among the modules: ${modules.slice(0, 5).join(', ')}`);
  const strangers = modules.filter((module) => !welcome.test(module.replaceAll('\\', '/')));
  if (strangers.length > 0) throw new Error(`in the bundle: ${strangers.join(', ')}`);
  const text = readFileSync(file, 'utf8');
  for (const part of unwelcome) {
    const found = part.exec(text);
    if (found)
      throw new Error(`${path.basename(file)} has ${text.slice(found.index - 40, found.index + 60)}`);
  }
}
