import { sdkError } from './errors.js';

/** What OpenSSL reports when the other side answers with something that is not TLS. */
const notTls = /wrong version number|packet length too long|unknown protocol|http request/i;
const untrusted = /CERT|^UNABLE_TO_|^INVALID_CA$|^HOSTNAME_MISMATCH$/;
const refused = /^Proxy response \((4\d\d)\)|^Unexpected server response: (407)$/;

/** The typed error of what Node's TLS, undici or ws say, where they say more than that there was no response; other errors are returned unchanged. */
export function explained(error: unknown): unknown {
  let inner = error;
  for (let depth = 0; depth < 8 && inner instanceof Error; depth += 1) {
    const { code, message, cause } = inner as Error & { readonly code?: unknown };
    if (typeof code === 'string' && untrusted.test(code))
      return sdkError(
        'ERR_CERTIFICATE',
        `the certificate of the service is not trusted (${code}); give its authority by NODE_EXTRA_CA_CERTS, or by \`dispatcher\` and \`ca\` of createClient`,
        { cause: error },
      );
    if (notTls.test(message))
      return sdkError(
        'ERR_NETWORK',
        'the service does not answer with TLS at this address. Its URL probably has to begin with http:, not https:',
        { cause: error },
      );
    const [, byConnect, byUpgrade] = refused.exec(message) ?? [];
    const status = byConnect ?? byUpgrade;
    if (status !== undefined)
      return sdkError(
        'ERR_PROXY',
        `the proxy refused the way to the service (${status}); check its address, name and password`,
        { cause: error, status: Number(status) },
      );
    inner = cause;
  }
  return error;
}
