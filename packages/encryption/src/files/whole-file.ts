import { decodeBase64UrlBytes, encodeBase64Url } from '@trunkline/wire';
import type { Clock } from '@trunkline/core';
import { decryptError, type Bytes, type ContentCrypto } from '../content/content-crypto.js';
import type { EncryptedFile } from '../types.js';
import { randomBytes } from '../content/web-crypto.js';

const utf8 = (text: string): Bytes => new Uint8Array(new TextEncoder().encode(text));

/** @source protocol/kms-and-encryption.md §7 */
export async function encryptFile<Key>(
  crypto: ContentCrypto<Key>,
  clock: Clock,
  bytes: Uint8Array,
): Promise<EncryptedFile> {
  const key = randomBytes(32);
  const iv = randomBytes(12);
  const aad = new Date(clock.now()).toISOString();
  const { cipher, tag } = await crypto.seal(await crypto.importKey(key), iv, utf8(aad), bytes);
  const scr = {
    enc: 'A256GCM',
    key: encodeBase64Url(key),
    iv: encodeBase64Url(iv),
    aad,
    tag: encodeBase64Url(tag),
  };
  return { cipher, scr: { ...scr, enc: 'A256GCM' } };
}

/** @throws {SdkError} `ERR_DECRYPT` */
export async function decryptFile<Key>(
  crypto: ContentCrypto<Key>,
  cipher: Uint8Array,
  scr: EncryptedFile['scr'],
): Promise<Bytes> {
  let part: { readonly key: Bytes; readonly iv: Bytes; readonly tag: Bytes };
  try {
    const { key, iv, tag } = scr;
    part = { key: decodeBase64UrlBytes(key), iv: decodeBase64UrlBytes(iv), tag: decodeBase64UrlBytes(tag) };
  } catch (cause) {
    throw decryptError(cause);
  }
  // a shorter tag would be accepted by some, and is easier to forge
  if (part.key.length !== 32 || part.iv.length !== 12 || part.tag.length !== 16) throw decryptError();
  return crypto.open(await crypto.importKey(part.key), part.iv, utf8(scr.aad), cipher, part.tag);
}
