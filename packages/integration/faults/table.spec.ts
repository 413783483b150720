import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): Promise<string> => readFile(path.join(root, file), 'utf8');

/** Titles of a file's tests; where one is made of parts, any text may stand for the parts. */
function titlesOf(source: string): readonly RegExp[] {
  const literals = source.matchAll(
    /\bit\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g,
  );
  return [...literals].map(([, single, double, template]) => {
    const parts = (template ?? single ?? double ?? '').split(template === undefined ? /$^/ : /\$\{[^}]*\}/);
    return new RegExp(`^${parts.map(escape).join('.+')}$`);
  });
}
const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

describe('the page of faults', () => {
  it('names tests that exist, codes that exist, and a test in every row', async () => {
    const page = await read('docs/guides/faults.md');
    const rows = page.split('\n').filter((line) => /^\| (?!what is wrong|-)/.test(line));
    expect(rows.length).to.be.greaterThan(40);
    const sources = new Map<string, readonly RegExp[]>();
    for (const row of rows) {
      const proofs = [...row.matchAll(/`(packages\/[^`]+\.ts)` “([^”]+)”/g)];
      expect(proofs, row).not.to.have.length(0);
      for (const [, file = '', title = ''] of proofs) {
        const titles = sources.get(file) ?? titlesOf(await read(file));
        sources.set(file, titles);
        expect(
          titles.some((pattern) => pattern.test(title)),
          `${file} has no test “${title}”`,
        ).to.equal(true);
      }
    }
    const errors = await read('packages/core/src/kernel/errors.ts');
    const union = /export type ErrorCode =([\s\S]*?);/.exec(errors)?.[1] ?? '';
    const codes = new Set([...union.matchAll(/'(ERR_\w+)'/g)].map(([, code]) => code));
    for (const [code] of page.matchAll(/ERR_[A-Z_]+/g)) expect(codes, code).to.include(code);
  });
});
