import type { Scr } from '@trunkline/wire';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { fields, text } from '../../kernel/http/untrusted.js';

/** Encrypts what flows through; `scr` is complete when the stream has ended. @source protocol/kms-and-encryption.md §7 */
export function encryptStream(nowMs: number): {
  readonly stream: Transform;
  scr(loc: string): Scr;
  size(): number;
} {
  const key = randomBytes(32);
  const iv = randomBytes(12);
  const aad = new Date(nowMs).toISOString();
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(Buffer.from(aad));
  let size = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _, done: TransformCallback) {
      size += chunk.length;
      done(null, cipher.update(chunk));
    },
    flush(done) {
      done(null, cipher.final());
    },
  });
  return {
    stream,
    size: () => size,
    scr: (loc) => ({
      enc: 'A256GCM',
      key: key.toString('base64url'),
      iv: iv.toString('base64url'),
      aad,
      loc,
      tag: cipher.getAuthTag().toString('base64url'),
    }),
  };
}

const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64url');

/** @throws when the text is not an SCR of AES-256-GCM, or its key, nonce or tag do not have the size that AES-256-GCM needs */
export function parseScr(json: string): Scr {
  const value: unknown = JSON.parse(json);
  const [key, iv, tag, aad] = ['key', 'iv', 'tag', 'aad'].map((name) => text(fields(value)[name]));
  if (key === undefined || iv === undefined || tag === undefined || aad === undefined)
    throw new Error('the record of the file is incomplete');
  if (fields(value)['enc'] !== 'A256GCM') throw new Error('the record of the file names another algorithm');
  if (bytesOf(key).length !== 32 || bytesOf(iv).length !== 12 || bytesOf(tag).length !== 16)
    throw new Error('the record of the file has a key, nonce or tag of the wrong size');
  return { enc: 'A256GCM', key, iv, tag, aad, loc: text(fields(value)['loc']) ?? '' };
}

/** Fails at its end when the file was altered: anyone who reads must wait for the end before trusting it. */
export function decryptStream(scr: Scr): Transform {
  const decipher = createDecipheriv(
    'aes-256-gcm',
    Buffer.from(scr.key, 'base64url'),
    Buffer.from(scr.iv, 'base64url'),
    { authTagLength: 16 },
  );
  decipher.setAAD(Buffer.from(scr.aad));
  decipher.setAuthTag(Buffer.from(scr.tag, 'base64url'));
  return decipher;
}
