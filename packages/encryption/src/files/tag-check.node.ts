import { createCipheriv, timingSafeEqual } from 'node:crypto';
import { fromField, lengths, plus, times, toField } from './gcm-field.js';
import type { Bytes } from '../content/content-crypto.js';

const block = 16;

/** Whether a GCM tag holds, with nothing decrypted: decrypting to drop what comes out costs four times as much. */
export interface TagCheck {
  /** Takes cipher text, in pieces of any length. */
  absorb(cipherText: Uint8Array): void;
  /** Once, at the end. */
  holds(tag: Uint8Array): boolean;
}

/**
 * The cipher text is taken as additional data of an empty text, behind the real additional data filled up to a block:
 * the polynomial is then the same, but for the last block, which has the lengths.
 *
 * @source NIST SP 800-38D §7.1
 */
export function createTagCheck(key: Bytes, iv: Bytes, aad: Bytes): TagCheck {
  const gcm = createCipheriv('aes-256-gcm', key, iv, { authTagLength: block });
  const filled = new Uint8Array(Math.ceil(aad.length / block) * block);
  filled.set(aad);
  if (filled.length > 0) gcm.setAAD(filled);
  let length = 0;
  return {
    absorb(cipherText) {
      if (cipherText.length === 0) return;
      gcm.setAAD(cipherText);
      length += cipherText.length;
    },
    holds(tag) {
      gcm.final();
      const found = toField(new Uint8Array(gcm.getAuthTag()));
      const zeros = new Uint8Array(block);
      const h = toField(new Uint8Array(createCipheriv('aes-256-ctr', key, zeros).update(zeros)));
      const off = plus(lengths(aad.length, length), lengths(filled.length + length, 0));
      return tag.length === block && timingSafeEqual(fromField(plus(found, times(off, h))), tag);
    },
  };
}
