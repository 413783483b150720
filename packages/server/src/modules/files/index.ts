import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { type Blobs, BlobTooLarge, folderBlobs, memoryBlobs } from '../../kernel/blobs.js';
import { removalTime } from '../../kernel/clock.js';
import { ApiError } from '../../kernel/http/errors.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import { defineModule, type Needs } from '../../kernel/module.js';
import type { Files } from './api.js';
import { migrations } from './migrations/index.js';
import { createReferences, idOfUrl } from './references.js';
import { RemoteFiles } from './remote.js';
import { fileRoutes } from './routes.js';
import { decryptStream, encryptStream } from './scr.js';
import { findFile, insertFile, removeFile } from './store.js';

export const downloadPath = (id: string): string => `${servicePaths.files}/files/${id}`;

/** @source protocol/conversation.md §3.2 */
export const files = defineModule({
  name: 'files',
  migrations,
  needs: ['audience', 'identity'],
  setup: createFiles,
});

function createFiles(kernel: Kernel, { audience, identity }: Needs<'audience' | 'identity'>) {
  const { config, store } = kernel;
  const blobs: Blobs =
    config.data === 'memory' ? memoryBlobs() : folderBlobs(path.join(config.data, 'blobs'));
  const references = createReferences(store, blobs, (error) => {
    kernel.log.error({ err: error }, 'a file that nothing shows any more could not be removed');
  });
  const api: Files = {
    ...references.port,
    take: async (source, urls) => {
      const id = randomUUID();
      const encrypting = encryptStream(kernel.now());
      source.on('error', (error) => encrypting.stream.destroy(error));
      try {
        const size = await blobs.write(id, source.pipe(encrypting.stream), config.limits.fileBytes);
        const url = urls.base + downloadPath(id);
        return { id, url, size, scr: encrypting.scr(url) };
      } catch (error) {
        source.destroy();
        throw error instanceof BlobTooLarge ? new ApiError(413, 'The file is too large.') : error;
      }
    },
    assign: ({ id, size }, conversationId, creatorId) =>
      insertFile(store, {
        id,
        conversation_id: conversationId,
        creator_id: creatorId,
        state: 'finished',
        size,
        created_ms: kernel.now(),
      }),
    discard: async ({ id }) => {
      await removeFile(store, id);
      await blobs.remove(id);
    },
    remote: new RemoteFiles({
      allowPrivate: config.allowPrivateTargets,
      maxBytes: config.limits.fileBytes,
    }),
    open: async (url, scr, conversationId) => {
      const id = idOfUrl(url);
      const file = id === undefined ? undefined : await findFile(store, id);
      const isHere = file?.state === 'finished' && file.conversation_id === conversationId;
      const blob = isHere ? await blobs.read(file.id) : undefined;
      if (blob === undefined) return undefined;
      const decrypting = decryptStream(scr);
      blob.stream.on('error', (error) => decrypting.destroy(error));
      return { stream: blob.stream.pipe(decrypting), size: blob.size };
    },
  };
  return {
    api,
    routes: [fileRoutes({ kernel, identity, audience, blobs, signer: kernel.vault.signer('files') })],
    // uploads of more than a day ago that no message shows
    sweep: () => references.sweep(removalTime(kernel)),
  };
}
