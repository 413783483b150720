import { expect } from 'chai';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const docs = path.resolve(import.meta.dirname, '../../../docs');
/** Numbers of the capabilities that there are to be, in the comparison of SDKs. */
const wanted = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 16, 17, 18, 19, 20, 21, 22, 23, 24, 30, 31, 33, 35, 36, 38, 40,
  44,
];

/** Where a heading is linked to, as the site makes it. */
const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[`’'",:.?()]/g, '')
    .trim()
    .replace(/\s+/g, '-');

/** Test titles of this folder: row → files. */
async function tests(): Promise<ReadonlyMap<number, readonly string[]>> {
  const found = new Map<number, string[]>();
  for (const file of (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.spec.ts'))) {
    const source = await readFile(path.join(import.meta.dirname, file), 'utf8');
    for (const [, row] of source.matchAll(/\bit\('row (\d+): /g))
      found.set(Number(row), [...(found.get(Number(row)) ?? []), file]);
  }
  return found;
}

describe('the page of capabilities', () => {
  it('has each of the list once, with a test in the file that it names, and links that lead somewhere', async () => {
    const page = await readFile(path.join(docs, 'guides/capabilities.md'), 'utf8');
    const rows = page.split('\n').filter((line) => /^\| \d/.test(line));
    expect(rows.map((row) => Number(row.split('|')[1]))).to.deep.equal(wanted);
    const proved = await tests();
    expect([...proved.keys()].sort((a, b) => a - b)).to.deep.equal(wanted);
    for (const row of rows) {
      const [, number = '', what = '', api = '', , tested = ''] = row.split('|').map((cell) => cell.trim());
      expect(what, row).not.to.equal('');
      expect(api, row).to.include('`');
      expect(proved.get(Number(number)), row).to.deep.equal([tested.replaceAll('`', '')]);
      const links = [...row.matchAll(/\]\(([^)#]+)(?:#([^)]+))?\)/g)];
      expect(links, row).not.to.have.length(0);
      for (const [, file = '', heading] of links) {
        const target = await readFile(path.join(docs, 'guides', file), 'utf8'); // or it is not there
        const headings = [...target.matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => slug(text));
        if (heading !== undefined) expect(headings, `${file}#${heading}`).to.include(heading);
      }
    }
  });
});
