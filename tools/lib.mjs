// Small things the tools share.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..');
export const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));
export const writeJson = (file, value) => {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(value)}\n`);
};
const foldersWith = (...files) =>
  ['packages', 'tools']
    .flatMap((parent) => readdirSync(path.join(root, parent)).map((name) => `${parent}/${name}`))
    .filter((folder) => files.some((file) => existsSync(path.join(root, folder, file))));
/** Every folder with a package, relative to the root. */
export const projects = () => foldersWith('package.json');
/** Those, and the tools that are a project of Nx without being a package: all that may have reports. */
export const reporting = () => foldersWith('package.json', 'project.json');
/** One runner's result of one package; summary.mjs adds them up. */
export const report = (project, runner, result) =>
  writeJson(path.join(root, project, 'reports', `${runner}.json`), { runner, project, ...result });
const bin = path.join(root, 'node_modules/.bin');
/** The environment with the workspace's own programs on PATH, however this was started. */
export const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}` };
/** Runs a program of the workspace; returns its exit status. */
export const run = (program, args, options = {}) =>
  spawnSync(program, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env,
    ...options,
  }).status ?? 1;
