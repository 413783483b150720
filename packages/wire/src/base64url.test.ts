import { expect } from 'chai';
import { decodeBase64Url, decodeBase64UrlBytes, encodeBase64Url } from './base64url.js';

describe('base64url', () => {
  it('takes text as UTF-8 and gives it back, ASCII or not', () => {
    for (const text of ['', 'a', 'ab', 'abc', 'Grüße, 你好 👋', '\u0000\u007f', 'x'.repeat(100_000)])
      expect(decodeBase64Url(encodeBase64Url(text))).to.equal(text);
    expect(encodeBase64Url('ü')).to.equal('w7w');
    expect(encodeBase64Url('??>')).to.equal('Pz8-');
  });

  it('takes bytes, without padding and in the URL alphabet', () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => at % 256);
    expect(encodeBase64Url(bytes)).to.match(/^[\w-]+$/);
    expect(decodeBase64UrlBytes(encodeBase64Url(bytes))).to.deep.equal(bytes);
    expect(encodeBase64Url(new Uint8Array([251, 255, 254]))).to.equal('-__-');
  });

  it('throws on anything else', () => {
    expect(() => decodeBase64Url('not base64!')).to.throw();
  });
});
