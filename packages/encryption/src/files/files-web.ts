import type { SealInit } from '@trunkline/wire';
import { decryptError, type Bytes } from '../content/content-crypto.js';
import { defaultMaxBytes, gathered, piecesOf, sizeOf, tooLarge } from './file-bytes.js';
import { contentOf, newParameters, toScr, type MakeFileCrypto } from './file-crypto.js';
import { gcmPieces, pieceBytes } from './gcm-pieces.js';
import { createRelease } from './release.js';

// cipher text beyond this waits in Blobs, which the browser may move to its disk
const maxInMemory = 256 * 1024 * 1024;

/** Files in browsers, in pieces. Each piece is freed as soon as it was used, not when the garbage collector runs. */
export const webFiles: MakeFileCrypto = (host) => ({
  fileAt: () => undefined,
  async seal(data, { maxBytes = defaultMaxBytes, size, signal }: SealInit) {
    if ((sizeOf(data, size) ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const made = newParameters(host.clock.now());
    const gcm = await gcmPieces(made.key, made.iv, made.aad);
    const release = createRelease();
    const parts: Blob[] = [];
    for await (const piece of piecesOf(data, pieceBytes, maxBytes, { reuse: true })) {
      signal?.throwIfAborted();
      const cipher = await gcm.flip(own(piece), parts.length);
      await gcm.absorb(cipher);
      parts.push(new Blob([cipher]));
      release(cipher);
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
    const release = createRelease();
    let kept: (Bytes | Blob | undefined)[] = [];
    let size = 0;
    const close = (): void => {
      for (const piece of kept) if (piece instanceof Uint8Array) release(piece);
      kept = [];
    };
    try {
      for await (const piece of gathered(cipher, pieceBytes, Number.POSITIVE_INFINITY, { reuse: true })) {
        await gcm.absorb(piece);
        size += piece.length;
        kept.push(size > maxInMemory ? new Blob([piece]) : piece.slice());
      }
      if (!same(await gcm.tag(), tag)) throw decryptError();
    } catch (error) {
      close();
      throw error;
    }
    let number = 0;
    return contentOf({
      size,
      close,
      release,
      async next() {
        const piece = kept[number];
        if (piece === undefined) return undefined;
        kept[number] = undefined;
        number += 1;
        const taken = piece instanceof Uint8Array ? piece : new Uint8Array(await piece.arrayBuffer());
        const plain = await gcm.flip(taken, number - 1);
        release(taken);
        return plain;
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
