// npm run docs: the reference (typedoc) and the site (VitePress), into docs/.vitepress/dist.
//   -- --serve [--port N]  serves the site afterwards, on 4173 or N
//   -- --dev               serves docs as they are written; the reference is that of the last build
//   --report PROJECT       for npm test: leaves a result in PROJECT/reports
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createServer, serve } from 'vitepress';
import { report, root } from '../lib.mjs';
import { buildReference } from './reference.mjs';
import { buildSite } from './site.mjs';

const { values } = parseArgs({
  options: {
    serve: { type: 'boolean', default: false },
    dev: { type: 'boolean', default: false },
    port: { type: 'string', default: '4173' },
    report: { type: 'string' },
  },
});
const result = { passed: 0, failed: 0 };
const check = async (what, run) => {
  const startedMs = Date.now();
  try {
    const said = await run();
    result.passed += 1;
    console.log(`ok   ${what} (${said}, ${((Date.now() - startedMs) / 1000).toFixed(1)} s)`);
  } catch (error) {
    result.failed += 1;
    console.error(`FAIL ${what}\n${error.message}`);
  }
};

if (values.dev) {
  const server = await createServer(path.join(root, 'docs'), { port: Number(values.port) });
  await server.listen();
  server.printUrls();
} else {
  await check('reference: every public package', async () => {
    const { pages, warnings } = await buildReference();
    if (warnings > 0) throw new Error(`${warnings} warnings of typedoc, above`);
    return `${pages} packages`;
  });
  await check('site: builds, and every link leads somewhere', async () => `${await buildSite()} pages`);
  if (values.report) report(values.report, 'docs', result);
  process.exitCode = result.failed ? 1 : 0;
  if (values.serve && result.failed === 0) {
    await serve({ root: path.join(root, 'docs'), port: Number(values.port) });
  }
}
