// AES-GCM over a file that is never whole in memory. WebCrypto's own takes and gives everything at once, which is four
// times the file. Its counter mode works piece by piece; and the tag, which is a polynomial in H over all blocks, is put
// together from tags of pieces, which WebCrypto computes when a piece is the additional data of nothing.
import type { Bytes } from '../content/content-crypto.js';
import { fromField, inverseOf, lengths, plus, power, times, toField, zero, type Field } from './gcm-field.js';
import { subtle } from '../content/web-crypto.js';

/** Pieces are of this length, but for the last: a multiple of the block. */
export const pieceBytes = 4 * 1024 * 1024;
const block = 16;

export interface GcmPieces {
  /** Encrypts or decrypts, which is the same: the piece with this number. */
  flip(piece: Bytes, number: number): Promise<Bytes>;
  /** Takes cipher text into the tag, piece by piece. */
  absorb(piece: Bytes): Promise<void>;
  tag(): Promise<Bytes>;
}

/** @source NIST SP 800-38D §6.4, §7.1 */
export async function gcmPieces(key: Bytes, iv: Bytes, aad: Bytes): Promise<GcmPieces> {
  const web = subtle();
  const [counting, tagging] = await Promise.all([
    web.importKey('raw', key, 'AES-CTR', false, ['encrypt']),
    web.importKey('raw', key, 'AES-GCM', false, ['encrypt']),
  ]);
  const flipFrom = async (start: Bytes, bytes: Bytes): Promise<Bytes> =>
    new Uint8Array(await web.encrypt({ name: 'AES-CTR', counter: start, length: 32 }, counting, bytes));
  const counterAt = (count: number): Bytes => {
    const start = new Uint8Array(block);
    start.set(iv);
    new DataView(start.buffer).setUint32(12, count);
    return start;
  };
  const h = toField(await flipFrom(new Uint8Array(block), new Uint8Array(block)));
  const mask = toField(await flipFrom(counterAt(1), new Uint8Array(block)));
  const inverse = inverseOf(h);
  const wholePiece = power(h, pieceBytes / block);

  /** The polynomial of these bytes alone: their tag without mask, length and last factor. */
  const polynomial = async (bytes: Bytes): Promise<Field> => {
    if (bytes.length === 0) return zero;
    const nothing = new Uint8Array(0);
    const algorithm = { name: 'AES-GCM', iv, additionalData: bytes };
    const found = toField(new Uint8Array(await web.encrypt(algorithm, tagging, nothing)));
    return plus(times(plus(found, mask), inverse), lengths(bytes.length, 0));
  };

  let state = await polynomial(aad);
  let length = 0;
  return {
    flip: (piece, number) => flipFrom(counterAt(2 + (number * pieceBytes) / block), piece),
    async absorb(piece) {
      const own = await polynomial(piece);
      const shift = piece.length === pieceBytes ? wholePiece : power(h, Math.ceil(piece.length / block));
      state = plus(times(state, shift), own);
      length += piece.length;
    },
    tag: () => Promise.resolve(fromField(plus(times(plus(state, lengths(aad.length, length)), h), mask))),
  };
}
