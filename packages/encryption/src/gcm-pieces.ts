// AES-GCM over a file that is never whole in memory. WebCrypto's own takes and gives everything at once, which is four
// times the file. Its counter mode works piece by piece; and the tag, which is a polynomial in H over all blocks, is put
// together from tags of pieces, which WebCrypto computes when a piece is the additional data of nothing.
import type { Bytes } from './content-crypto.js';
import { subtle } from './web-crypto.js';

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

// GF(2^128) as GCM has it: four words, the first bit of the first word is the coefficient of 1
type Field = readonly [number, number, number, number];
const zero: Field = [0, 0, 0, 0];
const one: Field = [0x8000_0000, 0, 0, 0];

const plus = (a: Field, b: Field): Field => [a[0] ^ b[0], a[1] ^ b[1], a[2] ^ b[2], a[3] ^ b[3]];

function times(a: Field, b: Field): Field {
  let [p0, p1, p2, p3] = zero;
  let [v0, v1, v2, v3] = b;
  for (const word of a)
    for (let bit = 31; bit >= 0; bit -= 1) {
      if ((word >>> bit) & 1) {
        p0 ^= v0;
        p1 ^= v1;
        p2 ^= v2;
        p3 ^= v3;
      }
      const carry = v3 & 1;
      v3 = (v3 >>> 1) | (v2 << 31);
      v2 = (v2 >>> 1) | (v1 << 31);
      v1 = (v1 >>> 1) | (v0 << 31);
      v0 = v0 >>> 1;
      if (carry) v0 ^= 0xe100_0000;
    }
  return [p0, p1, p2, p3];
}

function power(base: Field, exponent: number): Field {
  let result = one;
  let square = base;
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = times(result, square);
    square = times(square, square);
  }
  return result;
}

/** The power of 2^128 − 2: all its bits are ones, but for the last. */
function inverseOf(base: Field): Field {
  let result = one;
  let square = base;
  for (let bit = 1; bit < 128; bit += 1) {
    square = times(square, square);
    result = times(result, square);
  }
  return result;
}

/** Numbers of bits, as the last block of GHASH has them. */
const lengths = (aadBytes: number, bytes: number): Field => {
  const high = (n: number): number => Math.floor(n / 2 ** 29);
  const low = (n: number): number => (n * 8) % 2 ** 32;
  return [high(aadBytes), low(aadBytes), high(bytes), low(bytes)];
};

function toField(bytes: Bytes): Field {
  const view = new DataView(bytes.buffer, bytes.byteOffset, block);
  return [view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12)];
}

function fromField(value: Field): Bytes {
  const bytes = new Uint8Array(block);
  const view = new DataView(bytes.buffer);
  value.forEach((word, n) => {
    view.setUint32(n * 4, word >>> 0);
  });
  return bytes;
}
