import { sdkError, type Host, type UploadInit } from '@trunkline/core';
import { race } from '@trunkline/core/kit';
import { endingOf, type FilePeer, type WireFile } from '@trunkline/wire';
import type { ConversationCache } from '../engine/conversation-cache.js';
import type { Draft } from '../engine/submitter.js';
import type { Uploads } from '../types.js';
import { comment } from '../engine/posting.js';
import { boundsOf } from './bounds.js';
import { categoryOf } from './category.js';
import { downloadFile, downloadImage } from './download.js';
import { imageSize } from './image-size.js';
import { sourceOf, tooLarge, type Source } from './source.js';
import { browserThumbnail } from './thumbnail.js';
import type { Bounds, ConversationFiles, ConversationOptions } from './types.js';
import { createSpaces, uploadFile, type Spaces } from './upload.js';

export const defaultMaxBytes = 100 * 1024 * 1024;
const maxThumbnailBytes = 5 * 1024 * 1024;

export interface Sharing extends ConversationFiles, Uploads {}
type Submit = (conversationId: string, draft: Draft, init?: Bounds) => ReturnType<ConversationFiles['share']>;

/** Files of conversations. @source protocol/conversation.md §3.2 */
export function createShare(
  host: Host,
  conversations: ConversationCache,
  peer: () => FilePeer,
  submit: Submit,
  { thumbnail = browserThumbnail }: ConversationOptions = {},
): Sharing {
  const spacesOf = createSpaces(host);

  /** The small picture, in the hidden space. An image without one is an image all the same. */
  async function picture(
    source: Source,
    size: { readonly width?: number; readonly height?: number },
    hidden: string,
    bounds: Bounds,
  ): Promise<WireFile['image'] | undefined> {
    if (!source.whole || !source.mimeType.startsWith('image/')) return undefined;
    try {
      const { mimeType } = source;
      const made = await race(
        thumbnail({ data: source.data as Blob | Uint8Array, mimeType, ...size }),
        bounds.signal,
      );
      if (made === undefined) return undefined;
      const { bytes, width, height } = made;
      const data = { data: bytes, size: undefined, maxBytes: maxThumbnailBytes };
      const { url, scr } = await uploadFile(host, peer(), hidden, data, bounds);
      return { url, scr: JSON.stringify(scr), width, height };
    } catch (error) {
      bounds.signal?.throwIfAborted();
      host.log.warn({ error }, 'an image goes without its small picture');
      return undefined;
    }
  }

  async function sendOne(
    source: Source,
    spaces: Spaces,
    maxBytes: number,
    init: UploadInit,
    role?: string,
  ): Promise<WireFile> {
    const bounds = boundsOf(init);
    const { data, name, mimeType } = source;
    const size = mimeType.startsWith('image/') ? imageSize(source.head) : undefined;
    const ending = endingOf(name);
    const options = {
      ...{ data, size: source.size, maxBytes },
      ...(ending !== '' && { claimedFileType: ending }),
      ...(role !== undefined && { role }),
    };
    const uploaded = await uploadFile(host, peer(), spaces.files, options, init);
    const image = role === undefined ? await picture(source, size ?? {}, spaces.hidden, bounds) : undefined;
    return {
      objectType: 'file',
      displayName: name,
      fileSize: uploaded.size,
      mimeType,
      url: uploaded.url,
      scr: JSON.stringify(uploaded.scr),
      ...size,
      ...(image && { image }),
    };
  }

  return {
    async share(conversationId, { files, parentId, clientTempId, ...words }, init = {}) {
      const { maxBytes = defaultMaxBytes, onProgress, ...bounds } = init;
      const { signal } = bounds;
      if (files.length === 0) throw sdkError('ERR_ARGUMENT', 'share needs at least one file');
      peer(); // throws ERR_NO_ENCRYPTION before anything is read
      signal?.throwIfAborted();
      const sources: Source[] = [];
      // all of them, before the first byte leaves: one that is too large must not leave others behind
      for (const file of files) sources.push(await sourceOf(host, peer, file, maxBytes, bounds));
      if (sources.some(({ size = 0 }) => size > maxBytes)) throw tooLarge(maxBytes);
      const head = await conversations.get(conversationId, bounds);
      const spaces = await spacesOf(head, bounds);
      const sizes = sources.map(({ size }) => size);
      const totalBytes = sizes.every((size) => size !== undefined)
        ? sizes.reduce((sum, size) => sum + size, 0)
        : undefined;
      let doneBytes = 0;
      const items: WireFile[] = [];
      for (const source of sources) {
        signal?.throwIfAborted();
        const item = await sendOne(source, spaces, maxBytes, {
          ...bounds,
          ...(onProgress && {
            onProgress: ({ sentBytes }) => {
              onProgress({
                sentBytes: doneBytes + sentBytes,
                ...(totalBytes !== undefined && { totalBytes }),
              });
            },
          }),
        });
        doneBytes += item.fileSize ?? 0;
        items.push(item);
      }
      signal?.throwIfAborted();
      const { text = '', ...rest } = words;
      const { displayName, ...said } = comment({ ...rest, text });
      const object = {
        ...said,
        ...(displayName !== '' && { displayName }),
        objectType: 'content',
        files: { items },
        contentCategory: categoryOf(sources.map(({ mimeType }) => mimeType)),
      };
      const parent = parentId !== undefined && { parent: { id: parentId, type: 'reply' } };
      const own = clientTempId !== undefined && { clientTempId };
      return submit(conversationId, { verb: 'share', object, ...parent, ...own }, bounds);
    },

    async upload(conversationId, { data, name, type }, { role }, init = {}) {
      const bounds = boundsOf(init);
      const file = {
        data,
        ...(name !== undefined && { filename: name }),
        ...(type !== undefined && { contentType: type }),
      };
      const source = await sourceOf(host, peer, file, defaultMaxBytes, bounds);
      const spaces = await spacesOf(await conversations.get(conversationId, bounds), bounds);
      return { ...(await sendOne(source, spaces, defaultMaxBytes, init, role)) };
    },

    download: async (file, init) => downloadFile(peer(), file, init),
    downloadThumbnail: async (file, init) => downloadImage(peer(), file, init),
  };
}
