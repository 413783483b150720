import { sdkError } from '@trunkline/core';
import {
  safeName,
  type DownloadedFile,
  type DownloadInit,
  type FilePeer,
  type WireFile,
} from '@trunkline/wire';

/** A file of a readable activity. */
export async function downloadFile(
  peer: FilePeer,
  { url, scr, displayName, mimeType = 'application/octet-stream' }: WireFile,
  init?: DownloadInit,
): Promise<DownloadedFile> {
  const content = await peer.download(url, readable(scr), init);
  return {
    ...content,
    ...typed(content, mimeType),
    size: content.size,
    name: safeName(displayName),
    mimeType,
  };
}

export async function downloadImage(
  peer: FilePeer,
  { image, displayName }: WireFile,
  init?: DownloadInit,
): Promise<DownloadedFile | undefined> {
  if (!image) return undefined;
  const content = await peer.download(image.url, readable(image.scr), init);
  // the type is not transmitted; the image decoder detects it
  const mimeType = 'image/*';
  return { ...content, size: content.size, name: safeName(displayName), mimeType };
}

/** The Blob says what it is. */
const typed = (content: Pick<DownloadedFile, 'blob'>, type: string): Pick<DownloadedFile, 'blob'> => ({
  blob: async () => {
    const blob = await content.blob();
    return blob.slice(0, blob.size, type);
  },
});

function readable(scr: string | undefined): string {
  // an activity whose parameters could not be read has an empty text here
  if (scr) return scr;
  throw sdkError('ERR_DECRYPT', 'the parameters of the file could not be read, or it never had any');
}
