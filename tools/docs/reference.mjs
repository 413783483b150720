// docs/reference: what every public package exports, by typedoc, a page each. It reads the declarations that a package
// ships, so it says what an app's compiler sees, and takes seconds.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Application } from 'typedoc';
import { readJson, root } from '../lib.mjs';

const out = path.join(root, 'docs/reference');
const entries = path.join(root, 'docs/.vitepress/cache/entries');

/** Packages that are published, by folder. */
const published = readdirSync(path.join(root, 'packages'))
  .filter((name) => !['demo', 'integration'].includes(name))
  .map((name) => ({ ...readJson(path.join(root, 'packages', name, 'package.json')), name }))
  .filter((manifest) => manifest.private !== true);

/** @returns how many packages, and how many warnings typedoc had. Its errors throw. */
export async function buildReference() {
  rmSync(entries, { recursive: true, force: true });
  mkdirSync(entries, { recursive: true });
  const declarations = (folder, file = 'index.d.ts') => path.join(root, 'packages', folder, 'dist/esm', file);
  for (const { name } of published) {
    const star = `export * from '@trunkline/${name}';\n`;
    writeFileSync(
      path.join(entries, `${name}.ts`),
      name === 'webex' ? `${star}export { default } from '@trunkline/webex';\n` : star,
    );
  }
  writeFileSync(
    path.join(entries, 'tsconfig.json'),
    JSON.stringify({
      extends: path.join(root, 'tsconfig.base.json'),
      compilerOptions: {
        noEmit: true,
        types: ['node'],
        typeRoots: [path.join(root, 'node_modules/@types')],
        paths: Object.fromEntries(
          published.map(({ name }) => [
            `@trunkline/${name}`,
            [declarations(name, name === 'core' ? 'index.node.d.ts' : undefined)],
          ]),
        ),
      },
      include: ['*.ts'],
    }),
  );
  const app = await Application.bootstrapWithPlugins({
    entryPoints: published.map(({ name }) => path.join(entries, `${name}.ts`)),
    tsconfig: path.join(entries, 'tsconfig.json'),
    plugin: ['typedoc-plugin-markdown'],
    router: 'module',
    out,
    readme: 'none',
    name: 'Reference',
    entryFileName: 'index',
    excludePrivate: true,
    excludeExternals: false,
    disableSources: true,
    excludeTags: ['@source'],
    useHTMLAnchors: true,
    pageTitleTemplates: { index: 'Reference', module: '@trunkline/{name}' },
    hideBreadcrumbs: true,
    hidePageHeader: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    tableColumnSettings: { hideModifiers: true, hideInherited: true },
    useCodeBlocks: false,
    expandObjects: false,
    blockTags: [
      '@source',
      '@param',
      '@returns',
      '@throws',
      '@example',
      '@remarks',
      '@deprecated',
      '@defaultValue',
    ],
    validation: { notExported: false, invalidLink: true, notDocumented: false },
    logLevel: 'Warn',
    skipErrorChecking: true,
  });
  const project = await app.convert();
  if (project === undefined) throw new Error('typedoc could not read the packages; are they built?');
  rmSync(out, { recursive: true, force: true });
  await app.generateOutputs(project);
  rmSync(entries, { recursive: true, force: true });
  return { pages: published.length, warnings: app.logger.warningCount };
}
