import { expect } from 'chai';
import { isTooDeep } from './json-depth.js';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('isTooDeep', () => {
  it('counts levels of arrays and objects, and not what texts hold', () => {
    expect(isTooDeep(nested(200), 200)).to.equal(false);
    expect(isTooDeep(nested(201), 200)).to.equal(true);
    expect(isTooDeep(JSON.stringify('['.repeat(1000)), 200)).to.equal(false);
    expect(isTooDeep(JSON.stringify([`\\"${'{'.repeat(1000)}`]), 200)).to.equal(false);
    expect(isTooDeep(`{"a\\"":${nested(300)}}`, 200)).to.equal(true);
    expect(isTooDeep(JSON.stringify(Array.from({ length: 1000 }, () => [{}])), 200)).to.equal(false);
  });
});
