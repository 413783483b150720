import type { SealInit } from '@trunkline/wire';
import { decryptError, type Bytes } from './content-crypto.js';
import { defaultMaxBytes, gathered, piecesOf, sizeOf, tooLarge } from './file-bytes.js';
import { contentOf, newParameters, toScr, type MakeFileCrypto } from './file-crypto.js';
import { gcmPieces, pieceBytes } from './gcm-pieces.js';

/** Files in browsers: a few pieces at a time here, what waits lies in Blobs, which the browser keeps as it sees fit. */
export const webFiles: MakeFileCrypto = (host) => ({
  fileAt: () => undefined,
  async seal(data, { maxBytes = defaultMaxBytes, size, signal }: SealInit) {
    if ((sizeOf(data, size) ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const made = newParameters(host.clock.now());
    const gcm = await gcmPieces(made.key, made.iv, made.aad);
    const parts: Blob[] = [];
    for await (const piece of piecesOf(data, pieceBytes, maxBytes, { reuse: true })) {
      signal?.throwIfAborted();
      const cipher = await gcm.flip(own(piece), parts.length);
      await gcm.absorb(cipher);
      parts.push(new Blob([cipher]));
    }
    const tag = await gcm.tag();
    const body = new Blob(parts);
    return {
      size: body.size,
      body,
      once: false,
      failure: () => undefined,
      scr: (loc) => toScr({ ...made, tag }, loc),
      close: () => undefined,
    };
  },

  async open(cipher, { key, iv, aad, tag }) {
    const gcm = await gcmPieces(key, iv, aad);
    let parts: (Blob | undefined)[] = [];
    let size = 0;
    for await (const piece of gathered(cipher, pieceBytes, Number.POSITIVE_INFINITY, { reuse: true })) {
      await gcm.absorb(piece);
      size += piece.length;
      parts.push(new Blob([piece]));
    }
    if (!same(await gcm.tag(), tag)) throw decryptError();
    let number = 0;
    return contentOf({
      size,
      close: () => {
        parts = [];
      },
      async next() {
        const part = parts[number];
        if (part === undefined) return undefined;
        parts[number] = undefined;
        number += 1;
        return gcm.flip(new Uint8Array(await part.arrayBuffer()), number - 1);
      },
    });
  },
});

// WebCrypto takes no view of a SharedArrayBuffer
const own = (bytes: Uint8Array): Bytes =>
  bytes.buffer instanceof ArrayBuffer ? (bytes as Bytes) : new Uint8Array(bytes);

/** In a time that does not tell where they differ. */
function same(a: Bytes, b: Bytes): boolean {
  let different = a.length ^ b.length;
  for (let at = 0; at < a.length; at += 1) different |= (a[at] ?? 0) ^ (b[at] ?? 0);
  return different === 0;
}
