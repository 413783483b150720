import { expect } from 'chai';
import { explained } from './network-error.node.js';

const failed = (cause: unknown) => new TypeError('fetch failed', { cause });
const withCode = (code: string) => Object.assign(new Error('said by TLS'), { code });

describe('errors of the way in Node', () => {
  for (const code of [
    'SELF_SIGNED_CERT_IN_CHAIN',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ])
    it(`${code} is about the certificate`, () => {
      const error = failed(withCode(code));
      expect(explained(error)).to.include({ code: 'ERR_CERTIFICATE', retryable: false, cause: error });
      expect(explained(withCode(code)))
        .to.have.property('message')
        .that.contains(code);
    });
  it('a proxy that refuses is named with its status, in the words of undici and of ws', () => {
    const byFetch = failed(
      new Error('Request was cancelled.', {
        cause: new Error('Proxy response (403) !== 200 when HTTP Tunneling'),
      }),
    );
    expect(explained(byFetch)).to.include({ code: 'ERR_PROXY', status: 403, retryable: false });
    const bySocket = new Error('Unexpected server response: 407');
    expect(explained(bySocket)).to.include({ code: 'ERR_PROXY', status: 407 });
  });
  for (const said of [
    '800CE32D:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:ssl3_record.c:350:',
    'write EPROTO 140:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:',
    'error:0A0000C6:SSL routines:tls_get_more_records:packet length too long',
    'error:0A00009C:SSL routines:tls_validate_record_header:http request',
  ])
    it(`names the scheme as the likely cause of "${said.slice(-40)}" (H25)`, () => {
      const error = failed(new Error(said));
      expect(explained(error)).to.include({ code: 'ERR_NETWORK', retryable: false, cause: error });
      expect(String(explained(error))).to.include('begin with http:');
    });
  it('everything else stays as it is', () => {
    const endless = new Error('around');
    endless.cause = endless;
    const others = [
      failed(withCode('ECONNREFUSED')),
      failed(new Error('Proxy response (502) !== 200 when HTTP Tunneling')),
      new Error('Unexpected server response: 403'),
      new DOMException('aborted', 'AbortError'),
      endless,
      'a text',
      undefined,
    ];
    for (const error of others) expect(explained(error)).to.equal(error);
  });
});
