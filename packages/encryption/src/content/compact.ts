// Compact JWE and JWS, by WebCrypto and no further than the wire goes: A256GCM under a key both sides have (`dir`), or
// under one that only the owner of an RSA key can read (`RSA-OAEP`), and RSA signatures. See docs/decisions/0006.
import { decodeBase64UrlBytes, encodeBase64Url, joseHeader } from '@trunkline/wire';
import type { Bytes } from './content-crypto.js';
import { randomBytes, subtle } from './web-crypto.js';

/** Public half of an RSA key. */
export interface RsaPublicKey {
  readonly kty: 'RSA';
  readonly n: string;
  readonly e: string;
}

const TAG_BYTES = 16;
const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

/** A key of 32 bytes, ready for use. */
export const importAesKey = (bytes: Bytes | ArrayBuffer): Promise<CryptoKey> =>
  subtle().importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);

/** AES-256-GCM, the 16 bytes of the tag apart. */
export async function encrypt(key: CryptoKey, iv: Bytes, additionalData: Bytes, plain: Bytes) {
  const all = new Uint8Array(await subtle().encrypt({ name: 'AES-GCM', iv, additionalData }, key, plain));
  return { cipher: all.slice(0, -TAG_BYTES), tag: all.slice(-TAG_BYTES) };
}

/** Rejects when anything was altered. */
export async function decrypt(
  key: CryptoKey,
  iv: Bytes,
  additionalData: Bytes,
  cipher: Uint8Array,
  tag: Bytes,
) {
  const all = new Uint8Array(cipher.length + tag.length);
  all.set(cipher);
  all.set(tag, cipher.length);
  return new Uint8Array(await subtle().decrypt({ name: 'AES-GCM', iv, additionalData }, key, all));
}

/** JWE `dir`. @param header its protected header, as it is written */
export const sealDirect = (key: CryptoKey, header: object, plaintext: string): Promise<string> =>
  seal(key, header, '', plaintext);

/** JWE `RSA-OAEP`: a key of its own, for the eyes of `rsa`'s owner only. */
export async function sealFor(rsa: RsaPublicKey, header: object, plaintext: string): Promise<string> {
  const bytes = randomBytes(32);
  const algorithm = { name: 'RSA-OAEP', hash: 'SHA-1' };
  const wrapping = await subtle().importKey('jwk', { ...rsa }, algorithm, false, ['encrypt']);
  const wrapped = await subtle().encrypt(algorithm, wrapping, bytes);
  return seal(await importAesKey(bytes), header, encodeBase64Url(new Uint8Array(wrapped)), plaintext);
}

async function seal(key: CryptoKey, header: object, wrapped: string, plaintext: string): Promise<string> {
  const head = encodeBase64Url(JSON.stringify(header));
  const iv = randomBytes(12);
  const { cipher, tag } = await encrypt(key, iv, utf8(head), utf8(plaintext));
  return [head, wrapped, ...[iv, cipher, tag].map(encodeBase64Url)].join('.');
}

/** Plaintext of a JWE `dir` with `A256GCM`. Rejects for any other, and for one that was altered. */
export async function openDirect(key: CryptoKey, jwe: string): Promise<string> {
  const [head = '', wrapped, ...rest] = jwe.split('.');
  const [iv, cipher, tag] = rest.map(decodeBase64UrlBytes);
  const header = joseHeader(jwe);
  // `crit` names what must be understood, and we understand none of it
  const usual = header?.parts === 5 && !('crit' in header) && !('zip' in header);
  if (!usual || header.alg !== 'dir' || header.enc !== 'A256GCM' || wrapped !== '')
    throw new TypeError('no JWE with alg "dir" and enc "A256GCM"');
  // a shorter tag would be accepted by some, and is easier to forge
  if (iv?.length !== 12 || cipher === undefined || tag?.length !== TAG_BYTES) throw new TypeError('no JWE');
  return new TextDecoder().decode(await decrypt(key, iv, utf8(head), cipher, tag));
}

/**
 * Payload of a JWS by `rsa`. Rejects when anybody else signed it, or in another way: RSA with SHA-2 only, whatever the
 * header asks for.
 */
export async function verified(rsa: RsaPublicKey, jws: string): Promise<string> {
  const [head = '', payload = '', signature = ''] = jws.split('.');
  const header = joseHeader(jws);
  const usual = header?.parts === 3 && !('crit' in header) && !('b64' in header);
  const [, scheme, bits] = (usual && /^(RS|PS)(256|384|512)$/.exec(header.alg)) || [];
  // 2048 bits are 342 characters; less is not a key to trust
  if (scheme === undefined || rsa.n.length < 342) throw new TypeError('no JWS by an RSA key');
  const algorithm = {
    name: scheme === 'RS' ? 'RSASSA-PKCS1-v1_5' : 'RSA-PSS',
    hash: `SHA-${String(bits)}`,
    saltLength: Number(bits) / 8,
  };
  const key = await subtle().importKey('jwk', { ...rsa }, algorithm, false, ['verify']);
  const signed = utf8(`${head}.${payload}`);
  if (!(await subtle().verify(algorithm, key, decodeBase64UrlBytes(signature), signed)))
    throw new TypeError('the signature is wrong');
  return new TextDecoder().decode(decodeBase64UrlBytes(payload));
}
