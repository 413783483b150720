import type { Bytes } from '../content/content-crypto.js';

/** GF(2^128) as GCM has it: four words, the first bit of the first word is the coefficient of 1. */
export type Field = readonly [number, number, number, number];
export const zero: Field = [0, 0, 0, 0];
const one: Field = [0x8000_0000, 0, 0, 0];

export const plus = (a: Field, b: Field): Field => [a[0] ^ b[0], a[1] ^ b[1], a[2] ^ b[2], a[3] ^ b[3]];

export function times(a: Field, b: Field): Field {
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

export function power(base: Field, exponent: number): Field {
  let result = one;
  let square = base;
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = times(result, square);
    square = times(square, square);
  }
  return result;
}

/** The power of 2^128 − 2: all its bits are ones, but for the last. */
export function inverseOf(base: Field): Field {
  let result = one;
  let square = base;
  for (let bit = 1; bit < 128; bit += 1) {
    square = times(square, square);
    result = times(result, square);
  }
  return result;
}

/** Numbers of bits, as the last block of GHASH has them. */
export const lengths = (aadBytes: number, bytes: number): Field => {
  const high = (n: number): number => Math.floor(n / 2 ** 29);
  const low = (n: number): number => (n * 8) % 2 ** 32;
  return [high(aadBytes), low(aadBytes), high(bytes), low(bytes)];
};

export function toField(bytes: Bytes): Field {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  return [view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12)];
}

export function fromField(value: Field): Bytes {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  value.forEach((word, n) => {
    view.setUint32(n * 4, word >>> 0);
  });
  return bytes;
}
