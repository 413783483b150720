import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { Scr } from '@trunkline/wire';
import { ApiError } from '../../kernel/http/errors.js';
import { servicePaths } from '../../kernel/http/urls.js';
import { BlobTooLarge, folderBlobs, memoryBlobs, type Blobs } from '../../kernel/blobs.js';
import { removalTime } from '../../kernel/clock.js';
import type { Context, Identity, Routes, Urls } from '../contracts.js';
import type { ConversationService } from '../conversation/index.js';
import type { KmsService } from '../kms/index.js';
import { createReferences, idOfUrl } from './references.js';
import { RemoteFiles } from './remote.js';
import { fileRoutes } from './routes.js';
import { decryptStream, encryptStream } from './scr.js';
import { findFile, insertFile, removeFile } from './store.js';

/** A file that was encrypted here and belongs to no conversation yet. */
export interface Upload {
  readonly id: string;
  readonly scr: Scr;
  readonly url: string;
  /** bytes of the plaintext, and of the ciphertext: they are as long */
  readonly size: number;
}

/** Files, as REST uses them: in clear on that side, ciphertext on the disk. */
export interface Files {
  readonly routes: Routes;
  /** Removes uploads of more than a day ago that nothing shows. */
  sweep(): Promise<void>;
  /** Encrypts while it is read; plaintext never touches the disk. @throws ApiError 413 */
  take(source: Readable, urls: Urls): Promise<Upload>;
  /** Gives it to a conversation, whose members may then download it. */
  assign(upload: Upload, conversationId: string, creatorId: string): Promise<void>;
  discard(upload: Upload): Promise<void>;
  /** files that messages name by URL */
  readonly remote: RemoteFiles;
  /**
   * The plaintext of a file of this conversation; undefined when it was removed, or belongs to another one. The stream
   * errors at its end when the file was altered.
   */
  open(
    url: string,
    scr: Scr,
    conversationId: string,
  ): Promise<{ readonly stream: Readable; readonly size: number } | undefined>;
}

export const downloadPath = (id: string): string => `${servicePaths.files}/files/${id}`;

/** @source protocol/conversation.md §3.2 */
export function createFiles(
  context: Context,
  identity: Identity,
  conversations: ConversationService,
  kms: KmsService,
): Files {
  const { config, store } = context;
  const blobs: Blobs =
    config.data === 'memory' ? memoryBlobs() : folderBlobs(path.join(config.data, 'blobs'));
  const references = createReferences(store, blobs, (error) => {
    context.log.error({ err: error }, 'a file that nothing shows any more could not be removed');
  });
  conversations.useFiles(references.port);
  const tools = { context, identity, conversations, blobs, signer: kms.vault.signer('files') };
  return {
    routes: fileRoutes(tools),
    sweep: () => references.sweep(removalTime(context)),
    take: async (source, urls) => {
      const id = randomUUID();
      const encrypting = encryptStream(context.now());
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
        created_ms: context.now(),
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
}
