/**
 * How a JPEG is to be turned, 1 to 8: the tag Orientation of its EXIF data. Undefined for other bytes and without the tag.
 */
export function orientationOf(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (view.getUint16(0) !== 0xffd8) return undefined;
    // segments: marker, length with these two bytes, content; pixels begin with SOS
    for (let at = 2; view.getUint8(at) === 0xff; at += 2 + view.getUint16(at + 2)) {
      const marker = view.getUint8(at + 1);
      if (marker === 0xda) return undefined;
      // `Exif\0\0`, then a TIFF header
      if (marker === 0xe1 && view.getUint32(at + 4) === 0x45786966) return tiffOrientation(view, at + 10);
    }
  } catch (error) {
    // cut short
    if (!(error instanceof RangeError)) throw error;
  }
  return undefined;
}

function tiffOrientation(view: DataView, tiff: number): number | undefined {
  const little = view.getUint16(tiff) === 0x4949;
  const directory = tiff + view.getUint32(tiff + 4, little);
  const entries = view.getUint16(directory, little);
  for (let entry = directory + 2; entry < directory + 2 + entries * 12; entry += 12)
    if (view.getUint16(entry, little) === 0x0112) {
      const value = view.getUint16(entry + 8, little);
      return value >= 1 && value <= 8 ? value : undefined;
    }
  return undefined;
}
