import { sdkError, type ErrorCode } from '@trunkline/core';
import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { explain } from './explain.js';

describe('what the demo says about an error', () => {
  it('has a sentence of its own for every meeting and media error of the guide', async () => {
    const guide = await readFile(new URL('../../../../docs/guides/errors.md', import.meta.url), 'utf8');
    const codes = [...guide.matchAll(/^### (ERR_(?:MEETING|MEDIA)_\w+)$/gm)].map(([, code]) => code);
    expect(codes).to.have.length.above(10);
    const texts = codes.map((code) => explain(sdkError(code as ErrorCode, 'raw')));
    expect(texts.filter((text) => text === 'raw.')).to.deep.equal([]);
    expect(new Set(texts).size).to.equal(codes.length);
  });
});
