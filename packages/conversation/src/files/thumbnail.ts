import type { ImageToShow, Thumbnail } from './types.js';

const maxWidth = 640;
const maxHeight = 960;
// decoded, an image is four bytes for each pixel, however short its file is
const maxPixels = 60_000_000;

/** By the browser's own means; undefined where there are none, as in Node. @source protocol/conversation.md §3.2 */
export async function browserThumbnail(image: ImageToShow): Promise<Thumbnail | undefined> {
  if (typeof createImageBitmap === 'undefined') return undefined;
  const { data, mimeType, width = 0, height = 0 } = image;
  // of unknown size, or too large, or a page with scripts
  if (width === 0 || width * height > maxPixels || mimeType === 'image/svg+xml') return undefined;
  const blob = 'arrayBuffer' in data ? data : new Blob([data as Uint8Array<ArrayBuffer>], { type: mimeType });
  const bitmap = await createImageBitmap(blob);
  try {
    const scale = Math.min(1, maxWidth / bitmap.width, maxHeight / bitmap.height);
    const [w, h] = [bitmap.width, bitmap.height].map((n) => Math.max(1, Math.round(n * scale))) as [
      number,
      number,
    ];
    const type = mimeType === 'image/jpeg' ? 'image/jpeg' : 'image/png';
    const drawn = await draw(bitmap, w, h, type);
    if (drawn === null) return undefined;
    return { bytes: drawn, mimeType: type, width: w, height: h };
  } finally {
    bitmap.close();
  }
}

async function draw(bitmap: ImageBitmap, width: number, height: number, type: string): Promise<Blob | null> {
  if (typeof OffscreenCanvas !== 'undefined') {
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0, width, height);
    return canvas.convertToBlob({ type, quality: 0.8 });
  }
  if (typeof document === 'undefined') return null;
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, width, height);
  return new Promise((resolve) => {
    canvas.toBlob(resolve, type, 0.8);
  });
}
