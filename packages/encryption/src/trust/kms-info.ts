import { decodeBase64UrlBytes, encodeBase64Url, type KmsInfo, type RsaJwk } from '@trunkline/wire';
import { isSdkError, sdkError, type CallInit, type Host, type SdkError } from '@trunkline/core';
import { readCertificate } from './certificate.js';
import type { RsaPublicKey } from '../content/compact.js';

/** A key service whose key has been checked. */
export interface TrustedKms {
  /** `kms://HOST` */
  readonly cluster: string;
  /** `kms://HOST/keys/ID` of its static key */
  readonly kid: string;
  readonly rsa: RsaPublicKey;
}

const MIN_BYTES = 256;

const invalid = (what: string, cause?: unknown): SdkError =>
  sdkError(
    'ERR_KMS_INVALID',
    `the key service cannot be trusted: ${what}; nothing was encrypted, ask who runs the service`,
    cause === undefined ? {} : { cause },
  );

/**
 * Where this user's key service is, and its key, checked.
 *
 * @throws {SdkError} `ERR_KMS_INVALID` saying what is wrong with it; `ERR_HTTP_…` as every request
 * @source protocol/kms-and-encryption.md §2
 */
export async function fetchKms(host: Host, userId: string, init: CallInit = {}): Promise<TrustedKms> {
  const { body } = await host.request<Partial<KmsInfo> | undefined>({
    service: 'encryption',
    path: `kms/${encodeURIComponent(userId)}`,
    ...init,
  });
  if (typeof body?.kmsCluster !== 'string' || typeof body.rsaPublicKey !== 'string')
    throw invalid('its answer names no cluster and no key');
  return { cluster: body.kmsCluster, ...checkedKey(body.rsaPublicKey) };
}

/** @throws {SdkError} `ERR_KMS_INVALID` */
function checkedKey(json: string): Omit<TrustedKms, 'cluster'> {
  let key: Partial<Record<keyof RsaJwk, unknown>>;
  try {
    key = JSON.parse(json) as typeof key;
  } catch (cause) {
    throw invalid('its key is not JSON', cause);
  }
  const { kty, kid, n, e, x5c } = key;
  if (kty !== 'RSA' || typeof n !== 'string' || typeof e !== 'string')
    throw invalid('its key is not an RSA key');
  const hostname = typeof kid === 'string' ? hostOfKms(kid) : undefined;
  if (typeof kid !== 'string' || hostname === undefined)
    throw invalid('its key has no id of the form kms://HOST/…');
  const leaf: unknown = Array.isArray(x5c) ? x5c[0] : undefined;
  if (typeof leaf !== 'string') throw invalid('its key comes without a certificate');
  try {
    const rsa = { kty, n: encodeBase64Url(unsigned(decodeBase64UrlBytes(n))), e } as const;
    const { names, modulus, exponent } = readCertificate(decodeBase64UrlBytes(leaf));
    if (!names.includes(hostname)) throw invalid(`its certificate is not for ${hostname}`);
    if (encodeBase64Url(unsigned(modulus)) !== rsa.n || encodeBase64Url(unsigned(exponent)) !== e)
      throw invalid('its certificate is for another key');
    if (unsigned(modulus).length < MIN_BYTES) throw invalid('its key is shorter than 2048 bits');
    return { kid, rsa };
  } catch (cause) {
    if (isSdkError(cause)) throw cause;
    throw invalid('its certificate cannot be read', cause);
  }
}

/** Host of a `kms:` URI, lower case. Browsers differ on `URL` with this scheme. */
const hostOfKms = (uri: string): string | undefined => /^kms:\/\/([^/?#:@]+)/i.exec(uri)?.[1]?.toLowerCase();

/** Without the sign byte of an ASN.1 integer; some tools write it in a JWK too. */
const unsigned = (integer: Uint8Array): Uint8Array => (integer[0] === 0 ? integer.subarray(1) : integer);
