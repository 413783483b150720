// What differs between platforms: Node works at once (node:crypto), elsewhere WebCrypto answers with promises.
import { contentHeader, encodeBase64Url } from '@trunkline/wire';
import { sdkError, type SdkError } from '@trunkline/core';

/** At once where the platform can, else a promise. */
export type Soon<T> = T | Promise<T>;
export type Bytes = Uint8Array<ArrayBuffer>;

/** AES-256-GCM with this platform's means. `Key` is a key made ready for it. */
export interface ContentCrypto<Key> {
  /** 32 bytes, ready for use */
  importKey(bytes: Bytes): Soon<Key>;
  /** compact JWE with the header of all content, see `contentHeader` */
  encryptText(key: Key, plaintext: string): Soon<string>;
  /** @throws `ERR_DECRYPT`, or rejects with it */
  decryptText(key: Key, jwe: string): Soon<string>;
  /** The cipher text is as long as the plain one; the 16 bytes of the tag are apart. */
  seal(
    key: Key,
    iv: Bytes,
    aad: Bytes,
    plain: Uint8Array,
  ): Soon<{ readonly cipher: Bytes; readonly tag: Bytes }>;
  /** @throws `ERR_DECRYPT`, or rejects with it */
  open(key: Key, iv: Bytes, aad: Bytes, cipher: Uint8Array, tag: Bytes): Soon<Bytes>;
}

/** First part of every JWE we write. */
export const contentHeaderPart = encodeBase64Url(JSON.stringify(contentHeader));

/** One message for every cause: which of them it was is no one's business who may have sent the text. */
export const decryptError = (cause?: unknown): SdkError =>
  sdkError(
    'ERR_DECRYPT',
    'the content cannot be decrypted: it was altered, belongs to another key, or is not a JWE with alg "dir" and enc "A256GCM"',
    cause === undefined ? {} : { cause },
  );
