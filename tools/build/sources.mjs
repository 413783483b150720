// Notes for us (`@source protocol/…`) name documents that are not part of the packages: they are left out of what is built.
// Lines stay where they are, so that source maps still fit.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Without `@source` and what follows it in its comment. */
export const withoutSources = (text) =>
  text
    // alone in its comment
    .replace(/[^\S\n]*\/\*\* *@source\b[^*\n]*\*\//g, '')
    .replace(/[^\S\n]*\/\/ *@source\b[^\n]*/g, '')
    // at the end of a sentence or a line of a longer one
    .replace(/[^\S\n]*@source\b[^\n@]*?(?=\s*(?:\n|\*\/|@|$))/g, '');

/** @param folder with declarations and scripts of a new build */
export function leaveSourcesOut(folder) {
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(?:d\.[cm]?ts|[cm]?js)$/.test(file)) continue;
    const at = path.join(folder, file);
    const text = readFileSync(at, 'utf8');
    const left = withoutSources(text);
    if (left !== text) writeFileSync(at, left);
  }
}
