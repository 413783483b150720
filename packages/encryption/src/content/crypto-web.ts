import { contentHeader } from '@trunkline/wire';
import { decrypt, encrypt, importAesKey, openDirect, sealDirect } from './compact.js';
import { decryptError, type Bytes, type ContentCrypto } from './content-crypto.js';

/** Content crypto by WebCrypto: browsers, workers, and whatever else has `crypto.subtle`. */
export const webCrypto: ContentCrypto<CryptoKey> = {
  importKey: importAesKey,
  encryptText: (key, plaintext) => sealDirect(key, contentHeader, plaintext),

  decryptText: (key, jwe) => openDirect(key, jwe).catch(damaged),
  seal: (key, iv, aad, plain) => encrypt(key, iv, aad, own(plain)),
  open: (key, iv, aad, cipher, tag) => decrypt(key, iv, aad, cipher, tag).catch(damaged),
};

const damaged = (cause: unknown): never => {
  throw decryptError(cause);
};
// WebCrypto takes no view of a SharedArrayBuffer
const own = (bytes: Uint8Array): Bytes =>
  bytes.buffer instanceof ArrayBuffer ? (bytes as Bytes) : new Uint8Array(bytes);
