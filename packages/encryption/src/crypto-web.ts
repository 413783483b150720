import { CompactEncrypt } from 'jose/jwe/compact/encrypt';
import { compactDecrypt } from 'jose/jwe/compact/decrypt';
import { contentHeader } from '@trunkline/wire';
import { decryptError, type Bytes, type ContentCrypto } from './content-crypto.js';
import { subtle } from './web-crypto.js';

const only = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] };
const tagBytes = 16;

/** Content crypto by WebCrypto: browsers, workers, and whatever else has `crypto.subtle`. */
export const webCrypto: ContentCrypto<CryptoKey> = {
  importKey: (bytes) => subtle().importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']),

  encryptText: (key, plaintext) =>
    new CompactEncrypt(new TextEncoder().encode(plaintext)).setProtectedHeader(contentHeader).encrypt(key),

  async decryptText(key, jwe) {
    try {
      const { plaintext } = await compactDecrypt(jwe, key, only);
      return new TextDecoder().decode(plaintext);
    } catch (cause) {
      throw decryptError(cause);
    }
  },

  async seal(key, iv, additionalData, plain) {
    const all = await subtle().encrypt({ name: 'AES-GCM', iv, additionalData }, key, own(plain));
    return { cipher: new Uint8Array(all.slice(0, -tagBytes)), tag: new Uint8Array(all.slice(-tagBytes)) };
  },

  async open(key, iv, additionalData, cipher, tag) {
    const all = new Uint8Array(cipher.length + tag.length);
    all.set(cipher);
    all.set(tag, cipher.length);
    try {
      return new Uint8Array(await subtle().decrypt({ name: 'AES-GCM', iv, additionalData }, key, all));
    } catch (cause) {
      throw decryptError(cause);
    }
  },
};

// WebCrypto takes no view of a SharedArrayBuffer
const own = (bytes: Uint8Array): Bytes =>
  bytes.buffer instanceof ArrayBuffer ? (bytes as Bytes) : new Uint8Array(bytes);
