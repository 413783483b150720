import { expect } from 'chai';
import { encodeBase64Url } from './base64url.js';
import { joseHeader } from './jose.js';
import { orgIdOfToken } from './token.js';

const org = '55555555-5555-4555-8555-555555555555';

describe('orgIdOfToken', () => {
  it('takes the third of three parts', () => {
    expect(orgIdOfToken(`abc_PF84_${org}`)).to.equal(org);
    expect(orgIdOfToken(`a_b_c_${org}`)).to.equal(undefined);
    expect(orgIdOfToken('a_b_notauuid')).to.equal(undefined);
    expect(orgIdOfToken('')).to.equal(undefined);
  });

  it('takes the realm of a JWT', () => {
    expect(orgIdOfToken(`h.${encodeBase64Url(JSON.stringify({ realm: org }))}.s`)).to.equal(org);
  });
});

describe('joseHeader', () => {
  it('reads the header of five or three parts', () => {
    const header = encodeBase64Url('{"alg":"dir","enc":"A256GCM","kid":"kms://x/ecdhe/1"}');
    expect(joseHeader(`${header}..iv.text.tag`)).to.deep.equal({
      alg: 'dir',
      enc: 'A256GCM',
      kid: 'kms://x/ecdhe/1',
      parts: 5,
    });
    expect(joseHeader(`${header}.p.s`)?.parts).to.equal(3);
  });

  it('answers undefined for anything else', () => {
    for (const noise of ['', 'a.b', 'hello world', '!!.a.b.c.d', `${encodeBase64Url('[]')}.a.b`])
      expect(joseHeader(noise), noise).to.equal(undefined);
  });
});
