import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  randomFillSync,
  type KeyObject,
} from 'node:crypto';
import { joseHeader } from '@trunkline/wire';
import { contentHeaderPart, decryptError, type ContentCrypto } from './content-crypto.js';

const algorithm = 'aes-256-gcm';
const gcm = { authTagLength: 16 } as const;
// base64url lengths of a 12-byte IV and a 16-byte tag
const ivLength = 16;
const tagLength = 22;

// header, empty encrypted key, and the dots round it
const usual = `${contentHeaderPart}..`;
const usualAad = Buffer.from(contentHeaderPart, 'latin1');
// headers that say the same in another order; a handful at most
const otherHeaders = new Map<string, Buffer>();

/** Content crypto in Node: synchronous, because a promise per field costs more than the decryption itself. */
export const nodeCrypto: ContentCrypto<KeyObject> = {
  importKey: (bytes) => createSecretKey(bytes),

  encryptText(key, plaintext) {
    const iv = randomIv();
    const cipher = createCipheriv(algorithm, key, iv, gcm);
    cipher.setAAD(usualAad);
    // GCM gives every byte with `update`; `final` only makes the tag
    const text = cipher.update(plaintext, 'utf8', 'base64url') + cipher.final('base64url');
    return `${usual}${iv.toString('base64url')}.${text}.${cipher.getAuthTag().toString('base64url')}`;
  },

  decryptText(key, jwe) {
    let aad: Buffer = usualAad;
    let at = usual.length;
    if (!jwe.startsWith(usual)) {
      at = jwe.indexOf('.') + 2;
      aad = aadOf(jwe, at);
    }
    const ivEnd = at + ivLength;
    const textEnd = jwe.length - tagLength - 1;
    // exactly two dots are left, at these places
    if (jwe.indexOf('.', at) !== ivEnd || jwe.indexOf('.', ivEnd + 1) !== textEnd) throw decryptError();
    try {
      const decipher = createDecipheriv(algorithm, key, Buffer.from(jwe.slice(at, ivEnd), 'base64url'), gcm);
      decipher.setAAD(aad);
      decipher.setAuthTag(Buffer.from(jwe.slice(textEnd + 1), 'base64url'));
      const plain = decipher.update(Buffer.from(jwe.slice(ivEnd + 1, textEnd), 'base64url'));
      decipher.final();
      return plain.toString('utf8');
    } catch (cause) {
      throw decryptError(cause);
    }
  },

  seal(key, iv, aad, plain) {
    const cipher = createCipheriv(algorithm, key, iv, gcm);
    cipher.setAAD(aad);
    const text = cipher.update(plain);
    cipher.final();
    return { cipher: new Uint8Array(text), tag: new Uint8Array(cipher.getAuthTag()) };
  },

  open(key, iv, aad, cipher, tag) {
    try {
      const decipher = createDecipheriv(algorithm, key, iv, gcm);
      decipher.setAAD(aad);
      decipher.setAuthTag(tag);
      const plain = decipher.update(cipher);
      decipher.final();
      return new Uint8Array(plain);
    } catch (cause) {
      throw decryptError(cause);
    }
  },
};

// A system call for twelve bytes is dear: random bytes are drawn in blocks, and none is used twice.
const pool = Buffer.alloc(12 * 256);
let used = pool.length;
function randomIv(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const iv = Buffer.from(pool.subarray(used, used + 12));
  used += 12;
  return iv;
}

/** Additional data of a JWE whose header is not written as usual. `at` is where its IV begins. */
function aadOf(jwe: string, at: number): Buffer {
  const part = jwe.slice(0, Math.max(at - 2, 0));
  const known = otherHeaders.get(part);
  // the encrypted key must be empty: two dots side by side
  if (jwe[at - 1] !== '.' || at < 2) throw decryptError();
  if (known) return known;
  const header = joseHeader(jwe);
  if (
    header?.parts !== 5 ||
    header.alg !== 'dir' ||
    header.enc !== 'A256GCM' ||
    'crit' in header ||
    'zip' in header
  )
    throw decryptError();
  const aad = Buffer.from(part, 'latin1');
  if (otherHeaders.size < 16) otherHeaders.set(part, aad);
  return aad;
}
