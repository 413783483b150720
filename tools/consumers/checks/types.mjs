// A stranger's TypeScript: declarations are read too (skipLibCheck off), with nothing of this workspace in sight.
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { env, root, writeJson } from '../../lib.mjs';

const execute = promisify(execFile);

export async function checkTypes({ check, folder }) {
  copyFileSync(path.join(folder, 'types.ts'), path.join(folder, 'types.cts'));
  const compilerOptions = {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    target: 'es2022',
    lib: ['es2022', 'dom', 'dom.iterable'],
    types: [],
  };
  const nodenext = { module: 'nodenext' };
  const bundler = { module: 'esnext', moduleResolution: 'bundler' };
  const tsc = (name, options, files) =>
    check(`typescript ${name}`, () => {
      const file = path.join(folder, `tsconfig.${name.replaceAll(' ', '-')}.json`);
      writeJson(file, { compilerOptions: { ...compilerOptions, ...options }, files });
      return execute('tsc', ['-p', file], { cwd: folder, env });
    });
  await tsc('nodenext', nodenext, ['types.ts', 'types.cts']);
  await tsc('bundler', bundler, ['types.ts']);
  const required = ['webex-require.cts', 'webex-default.cts'];
  for (const esModuleInterop of [true, false])
    await tsc(
      `require esModuleInterop ${esModuleInterop ? 'on' : 'off'}`,
      { ...nodenext, esModuleInterop, ignoreDeprecations: '6.0' },
      required,
    );
  // tests run in Node, so its types are installed
  const typeRoots = path.join(folder, 'type-roots');
  mkdirSync(typeRoots);
  symlinkSync(path.join(root, 'node_modules/@types/node'), path.join(typeRoots, 'node'), 'junction');
  await tsc('nodenext with testing', { ...nodenext, types: ['node'], typeRoots: [typeRoots] }, [
    'types-node.ts',
  ]);
  // neither Node nor a worker has the types of a page
  const node = { lib: ['es2022'], types: ['node'], typeRoots: [typeRoots] };
  copyFileSync(path.join(folder, 'types-all.ts'), path.join(folder, 'types-all-cjs.cts'));
  await tsc('nodenext without dom', { ...nodenext, ...node }, ['types-all-node.ts', 'types-all-cjs.cts']);
  await tsc('bundler without dom', { ...bundler, ...node }, ['types-all-node.ts']);
  await tsc('webworker', { ...bundler, lib: ['es2022', 'webworker'] }, ['types-all.ts']);
}
