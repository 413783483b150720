// Packages as a stranger gets them: packed by pnpm, installed by npm in a folder outside the workspace.
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { env, readJson, root, writeJson } from '../lib.mjs';

const execute = promisify(execFile);
const packages = path.join(root, 'packages');

/** Folder names of all that is published. */
export const published = () =>
  readdirSync(packages).filter((name) => !readJson(path.join(packages, name, 'package.json')).private);

/** An empty folder outside the workspace, gone when the process ends. */
export function strangerFolder() {
  // Chromium's URLs and the bundlers' module ids are real paths
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'trunkline-consumers-')));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs work over a list, some at a time. */
export async function inParallel(list, work, atOnce = 2) {
  const queue = [...list];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** @returns {Promise<Record<string, string>>} npm name → tarball */
export async function pack(names, folder) {
  mkdirSync(folder, { recursive: true });
  const tarballs = {};
  await inParallel(names, async (name) => {
    const file = path.join(folder, `${name}.tgz`);
    // pnpm, because npm leaves workspace:^ in place
    await execute('pnpm', ['pack', '--out', file], { cwd: path.join(packages, name), env });
    tarballs[readJson(path.join(packages, name, 'package.json')).name] = file;
  });
  return tarballs;
}

/** npm install of the tarballs in `folder`; what is not ours comes from npm's cache or the registry. */
export function install(tarballs, folder) {
  const files = Object.fromEntries(
    Object.entries(tarballs).map(([name, file]) => [name, `file:${path.relative(folder, file)}`]),
  );
  writeJson(path.join(folder, 'package.json'), {
    name: 'stranger',
    private: true,
    dependencies: files,
    // also where one of ours asks for another by version
    overrides: Object.fromEntries(Object.keys(files).map((name) => [name, `$${name}`])),
  });
  npm(folder, ['install', '--no-package-lock', '--ignore-scripts']);
}

/** A stranger's folder with these packages installed and the programs of entries/ in it. */
export async function prepareStranger(names) {
  const folder = strangerFolder();
  const tarballs = await pack(names, path.join(folder, 'tarballs'));
  install(tarballs, folder);
  cpSync(path.join(import.meta.dirname, 'entries'), folder, { recursive: true });
  return folder;
}

export function npm(folder, args) {
  execFileSync('npm', [...args, '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
    // a dependency that does not admit this Node is an error, as for users who set engine-strict
    env: { ...process.env, npm_config_update_notifier: 'false', npm_config_engine_strict: 'true' },
  });
}
