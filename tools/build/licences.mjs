// The licences of others whose code goes into a file of ours: they want to be named in it.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** @param modules paths of modules, as esbuild's metafile has them @returns comments, one for each package not ours */
export function licenceNotes(modules) {
  const folders = new Set(
    modules.map((module) => /^(.*node_modules\/(?!\.pnpm|@trunkline)(?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1]),
  );
  folders.delete(undefined);
  return [...folders].map(licenceNote).join('');
}

/** Some old ones name their licence in package.json only. */
export function licenceNote(folder) {
  const { name, version, license, author } = JSON.parse(
    readFileSync(path.join(folder, 'package.json'), 'utf8'),
  );
  if (!license) throw new Error(`${name} names no licence`);
  const file = readdirSync(folder).find((found) => /^licen[cs]e/i.test(found));
  if (!file) return `/*! ${name} ${version}, ${license}, by ${author?.name ?? author ?? 'its authors'} */\n`;
  const text = readFileSync(path.join(folder, file), 'utf8').trim().replaceAll('*/', '* /');
  return `/*! ${name} ${version}, ${license}\n\n${text}\n*/\n`;
}
