// The tarballs themselves: what publint and attw say, and the licences of all that comes with them.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import semver from 'semver';
import { env, readJson, root } from '../../lib.mjs';
import { inParallel } from '../install.mjs';

const execute = promisify(execFile);

export async function checkTarballs({ check, tarballs, folder }) {
  await inParallel(Object.entries(tarballs), async ([name, file]) => {
    await check(`publint ${name}`, () => execute('publint', [file, '--strict'], { env }));
    // scripts, not modules: attw has nothing to say about them
    const { exports } = readJson(path.join(folder, 'node_modules', name, 'package.json'));
    const scripts = ['./iife', './umd'].filter((one) => exports[one]);
    const excluded = scripts.length > 0 ? ['--exclude-entrypoints', ...scripts] : [];
    await check(`attw ${name}`, () => execute('attw', [file, ...excluded], { env }));
  });
  for (const name of Object.keys(tarballs))
    await check(`licences of ${name}`, () => {
      const found = closure(path.join(folder, 'node_modules', name), folder);
      // the service's media engine may come under it; nothing an app bundles may
      const isOfService = found.has('@trunkline/server') || name === '@trunkline/media-server';
      const allowed = isOfService ? [...permissive, 'MPL-2.0', 'MPL 2.0'] : permissive;
      const others = [...found].filter(
        ([other, licence]) => exceptions[other] !== licence && !isAllowed(licence, allowed),
      );
      if (found.size === 0) throw new Error('nothing was looked at');
      if (others.length > 0) throw new Error(others.map((pair) => pair.join(': ')).join('\n'));
    });
  await check('engines of everything that is installed admit the oldest Node we support (H11)', () => {
    const oldest = semver.minVersion(readJson(path.join(root, 'package.json')).engines.node);
    const refusing = new Set();
    for (const name of Object.keys(tarballs))
      for (const { name: other, version, engines } of manifests(
        path.join(folder, 'node_modules', name),
        folder,
      ))
        if (engines?.node !== undefined && !semver.satisfies(oldest, engines.node))
          refusing.add(`${other}@${version} needs Node ${engines.node} (through ${name})`);
    if (refusing.size > 0) throw new Error([...refusing].join('\n'));
  });
  await check('declarations refer to nothing that is not published (H21)', () => {
    for (const name of Object.keys(tarballs)) {
      const dist = path.join(folder, 'node_modules', name, 'dist');
      for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' }))
        if (/\.d\.[cm]?ts$/.test(file) && readFileSync(path.join(dist, file), 'utf8').includes('@source'))
          throw new Error(`${name}: dist/${file} has an @source that no reader can open`);
    }
  });
  await check('licences are recognised', () => {
    const verdicts = ['MIT', '(GPL-3.0 OR MIT)', 'MIT AND GPL-3.0', 'GPL-3.0-only', 'UNLICENSED', ''].map(
      (licence) => isAllowed(licence, permissive),
    );
    if (verdicts.join() !== 'true,true,false,false,false,false') throw new Error(verdicts.join());
  });
  await check('script-tag files name the licences of what is in them', () => {
    const inside = { core: ['eventemitter3'] };
    for (const [name, others] of Object.entries(inside)) {
      const text = readFileSync(
        path.join(folder, `node_modules/@trunkline/${name}/dist/iife/${name}.js`),
        'utf8',
      );
      for (const other of others)
        if (!new RegExp(`/\\*![^*]*${other}[^]*Permission is hereby granted`).test(text))
          throw new Error(`${name}.js does not say so of ${other}`);
    }
  });
}

const permissive = [
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  '0BSD',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
];

// permissive too (the licence of Python); markdown-it's command line uses it, and the service asks for markdown-it
const exceptions = { argparse: 'Python-2.0' };

/** An SPDX expression without parentheses inside one another, which is all there is. */
function isAllowed(expression, allowed) {
  return expression
    .replace(/[()]/g, '')
    .split(/\s+OR\s+/)
    .some((one) => one.split(/\s+AND\s+/).every((licence) => allowed.includes(licence)));
}

/** The package in `start` and all that it asks for, as installed: name → licence. */
const closure = (start, folder) =>
  new Map(manifests(start, folder).map((manifest) => [manifest.name, licenceOf(manifest)]));

/** Their package.json, each once. */
const manifests = (start, folder) => [...collect(start, folder, new Map()).values()];

function collect(start, folder, found) {
  const manifest = readJson(path.join(start, 'package.json'));
  if (found.has(manifest.name)) return found;
  found.set(manifest.name, manifest);
  const { dependencies = {}, peerDependencies = {}, optionalDependencies = {} } = manifest;
  for (const name of Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })) {
    const next = find(name, start, folder);
    if (next) collect(next, folder, found);
    else if (name in dependencies && !(name in optionalDependencies))
      throw new Error(`${manifest.name} asks for ${name}, which is not installed`);
  }
  return found;
}

const licenceOf = ({ license, licenses }) =>
  typeof license === 'string'
    ? license
    : (license?.type ?? (licenses ?? []).map(({ type }) => type).join(' OR '));

function find(name, from, folder) {
  for (let at = from; at.startsWith(folder); at = path.dirname(at)) {
    const candidate = path.join(at, 'node_modules', name);
    if (existsSync(path.join(candidate, 'package.json'))) return candidate;
  }
  return undefined;
}
