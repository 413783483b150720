import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { errorFields, isMediaError, mediaError } from './errors.js';

describe('errors', () => {
  it('have a row in the README for each code, and for no other', async () => {
    const source = await readFile(path.join(import.meta.dirname, 'errors.ts'), 'utf8');
    const readme = await readFile(path.join(import.meta.dirname, '../README.md'), 'utf8');
    const union = /export type MediaErrorCode =([\s\S]*?);/.exec(source)?.[1] ?? '';
    const codes = [...union.matchAll(/'(ERR_\w+)'/g)].map(([, code]) => code);
    const rows = [...readme.matchAll(/^\| `(ERR_\w+)`/gm)].map(([, code]) => code);
    expect(codes.length).to.be.greaterThan(5);
    expect(rows.sort()).to.deep.equal(codes.sort());
  });
  it('keep code and phase on the way between two processes', () => {
    const error = mediaError('ERR_MEDIA_FILE', 'record', 'no', { retryable: true });
    expect(isMediaError(error)).to.equal(true);
    expect(errorFields(error)).to.deep.equal({
      code: 'ERR_MEDIA_FILE',
      phase: 'record',
      message: 'no',
      retryable: true,
    });
    expect(errorFields(new TypeError('odd'))).to.include({ code: 'ERR_MEDIA_PROTOCOL', message: 'odd' });
  });
});
