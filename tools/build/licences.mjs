// The licences of others whose code goes into a file of ours: they want to be named in it.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** @param modules paths of modules, as esbuild's metafile has them @returns comments, one for each package not ours */
export function licenceNotes(modules) {
  const folders = new Set(
    modules.map((module) => /^(.*node_modules\/(?!\.pnpm|@trunkline)(?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1]),
  );
  folders.delete(undefined);
  return [...folders].map(licenceNote).join('');
}

export function licenceNote(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((found) => /^licen[cs]e/i.test(found));
  if (!file || !existsSync(path.join(folder, file))) throw new Error(`${name} has no licence file`);
  const text = readFileSync(path.join(folder, file), 'utf8').trim().replaceAll('*/', '* /');
  return `/*! ${name} ${version}, ${license}\n\n${text}\n*/\n`;
}
