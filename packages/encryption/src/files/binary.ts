import { decodeBase64UrlBytes, encodeBase64Url, joseHeader } from '@trunkline/wire';
import {
  contentHeaderPart,
  decryptError,
  type Bytes,
  type ContentCrypto,
} from '../content/content-crypto.js';
import { randomBytes } from '../content/web-crypto.js';

const ascii = (text: string): Bytes => new Uint8Array(new TextEncoder().encode(text));

/** Compact JWE of bytes, with the header of all content. @source protocol/kms-and-encryption.md §6 */
export async function sealBinary<Key>(
  crypto: ContentCrypto<Key>,
  key: Key,
  bytes: Uint8Array,
): Promise<string> {
  const iv = randomBytes(12);
  const { cipher, tag } = await crypto.seal(key, iv, ascii(contentHeaderPart), bytes);
  return [contentHeaderPart, '', ...[iv, cipher, tag].map(encodeBase64Url)].join('.');
}

/** @throws {SdkError} `ERR_DECRYPT` */
export async function openBinary<Key>(crypto: ContentCrypto<Key>, key: Key, jwe: string): Promise<Bytes> {
  const header = joseHeader(jwe);
  const usual = header?.parts === 5 && !('crit' in header) && !('zip' in header);
  const [head = '', wrapped, ...rest] = jwe.split('.');
  if (!usual || header.alg !== 'dir' || header.enc !== 'A256GCM' || wrapped !== '') throw decryptError();
  let parts: Bytes[];
  try {
    parts = rest.map(decodeBase64UrlBytes);
  } catch (cause) {
    throw decryptError(cause);
  }
  const [iv, cipher, tag] = parts;
  if (iv?.length !== 12 || cipher === undefined || tag?.length !== 16) throw decryptError();
  return crypto.open(key, iv, ascii(head), cipher, tag);
}
