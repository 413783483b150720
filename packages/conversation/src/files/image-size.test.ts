import { expect } from 'chai';
import { imageSize } from './image-size.js';

const bytes = (hex: string): Uint8Array =>
  Uint8Array.from(hex.replace(/\s/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const webp = (kind: string, rest: string): string => `52494646 00000000 57454250 ${kind} 00000000 ${rest}`;
const images: readonly (readonly [string, string])[] = [
  ['PNG', '89504e470d0a1a0a 0000000d 49484452 00000500 000002d0'],
  ['GIF', '474946383961 0005 d002 000000'],
  ['WebP, extended', webp('56503858', '00000000 ff0400 cf0200')],
  ['WebP, lossy', webp('56503820', '000000 9d012a 0005 d002')],
  ['WebP, lossless', webp('5650384c', '2f ff c4 b3 00')],
  [
    'JPEG behind an application segment, a table and fill bytes',
    'ffd8 ffe0 0004 0000 ffc4 0003 00 ffff c0 0011 08 02d0 0500 03',
  ],
  ['JPEG, progressive', 'ffd8 ffc2 0011 08 02d0 0500 03'],
];

describe('imageSize', () => {
  for (const [what, hex] of images)
    it(`knows a ${what}, and nothing of one that is cut`, () => {
      const head = bytes(hex);
      const size = { width: 1280, height: 720 };
      expect(imageSize(head)).to.deep.equal(size);
      // as a view behind other bytes
      const behind = new Uint8Array([1, 2, 3, ...head]).subarray(3);
      expect(imageSize(behind)).to.deep.equal(size);
      expect(imageSize(head.subarray(0, 8))).to.equal(undefined);
    });
  for (const [what, hex] of [
    ['nothing', ''],
    ['a text', '68656c6c6f2c20776f726c642121212121212121'],
    ['no pixels', '89504e470d0a1a0a 0000000d 49484452 00000000 000002d0'],
    ['a JPEG that ends', 'ffd8 ffd9 00000000000000000000'],
    ['a JPEG that goes on with no marker', 'ffd8 0000 00000000000000000000'],
    ['a JPEG of segments without length', `ffd8 ${'ffe00000'.repeat(64)}`],
  ] as const)
    it(`says nothing of ${what}`, () => {
      expect(imageSize(bytes(hex))).to.equal(undefined);
    });
});
