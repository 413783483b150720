import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';

const root = path.resolve(import.meta.dirname, '../../..');

describe('the errors page', () => {
  it('has a heading for each code, and for no other', async () => {
    const source = await readFile(path.join(root, 'packages/core/src/kernel/errors.ts'), 'utf8');
    const union = /export type ErrorCode =([\s\S]*?);/.exec(source)?.[1] ?? '';
    const codes = [...union.matchAll(/'(ERR_\w+)'/g)].map(([, code]) => code);
    const page = await readFile(path.join(root, 'docs/guides/errors.md'), 'utf8');
    const headings = [...page.matchAll(/^### (ERR_\w+)$/gm)].map(([, code]) => code);
    expect(codes.length).to.be.greaterThan(30);
    expect([...headings].sort()).to.deep.equal([...codes].sort());
  });
});
