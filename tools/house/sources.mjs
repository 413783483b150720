// A `@source` of the code leads to a section of docs/protocol that exists, or names a public standard.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../lib.mjs';

const sectionsOf = new Map();
function sections(page) {
  let known = sectionsOf.get(page);
  if (known === undefined) {
    const file = path.join(root, 'docs/protocol', page);
    known = existsSync(file)
      ? new Set([...readFileSync(file, 'utf8').matchAll(/^#+ (\d+(?:\.\d+)*)/gm)].map(([, number]) => number))
      : null;
    sectionsOf.set(page, known);
  }
  return known;
}

export function checkSources() {
  const problems = [];
  const files = execFileSync('git', ['ls-files', 'packages/*.ts', 'packages/*.tsx'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of files.split('\n').filter((name) => name.includes('/src/'))) {
    let page;
    for (const [n, line] of readFileSync(path.join(root, file), 'utf8').split('\n').entries())
      for (const [, source] of line.matchAll(/@source ([^*@]*)/g)) {
        const standard = /^(RFC|NIST|HTML|WHATWG|ECMA|W3C|FIPS|https?:)/.test(source);
        if (standard) continue;
        const parts = source.matchAll(/(?:protocol\/)?([a-z0-9-]+\.md)|§(\d+(?:\.\d+)*)/g);
        let any = false;
        for (const [, named, section] of parts) {
          any = true;
          if (named !== undefined) page = named;
          const where = `${file}:${n + 1}: @source ${source.trim()}`;
          if (page === undefined) problems.push(`${where}: of which page?`);
          else if (sections(page) === null) problems.push(`${where}: docs/protocol/${page} does not exist`);
          else if (section !== undefined && !sections(page).has(section))
            problems.push(`${where}: docs/protocol/${page} has no section ${section}`);
        }
        if (!any)
          problems.push(
            `${file}:${n + 1}: @source ${source.trim()}: name a page of docs/protocol or a standard`,
          );
      }
  }
  return problems;
}

if (process.argv[1] === import.meta.filename) for (const problem of checkSources()) console.log(problem);
