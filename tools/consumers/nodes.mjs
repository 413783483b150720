// The Node releases we support, from the npm package `node`: installed once, kept beside the other caches.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { root, writeJson } from '../lib.mjs';
import { npm } from './install.mjs';

const majors = ['20', '22', '24'];
const folder = path.join(root, 'node_modules/.cache/trunkline-nodes');

/** @returns major → its program, or why it is not there */
export function nodes() {
  const found = Object.fromEntries(majors.map((major) => [major, ready(major)]));
  const missing = majors.filter((major) => !found[major]);
  let failure;
  if (missing.length > 0)
    try {
      writeJson(path.join(folder, 'package.json'), { private: true });
      const wanted = majors.filter((major) => !process.version.startsWith(`v${major}.`));
      npm(folder, [
        ...['install', '--ignore-scripts=false', '--no-package-lock'],
        ...wanted.map((major) => `node${major}@npm:node@${major}`),
      ]);
    } catch (error) {
      failure = error;
    }
  return Object.fromEntries(
    majors.map((major) => {
      const file = found[major] ?? ready(major);
      return [major, file ? { file } : { error: failure ?? new Error(`npm gave no Node ${major}`) }];
    }),
  );
}

function ready(major) {
  const own = process.version.startsWith(`v${major}.`);
  const file = own ? process.execPath : path.join(folder, `node_modules/node${major}/bin/node`);
  try {
    const version = execFileSync(file, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return version.startsWith(`v${major}.`) ? file : undefined;
  } catch {
    return undefined;
  }
}
