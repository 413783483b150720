import type { CallInit, UploadInit } from '@trunkline/core';
import type {
  DownloadedFile,
  DownloadInit,
  FileData,
  FileOnDisk,
  WireFile,
  ActivityContent,
} from '@trunkline/wire';
import type { ReadableActivity } from '../types.js';

/** Bytes with a name. */
export interface NamedFile {
  readonly data: FileData;
  readonly filename?: string;
  /** a MIME type; otherwise that of the Blob, else by the name's ending */
  readonly contentType?: string;
  /** bytes of a stream, where they are known: then nothing waits on the disk or in memory */
  readonly size?: number;
}
/** A file of this computer, in Node only. */
export interface NamedPath extends FileOnDisk {
  /** otherwise the last part of the path */
  readonly filename?: string;
  /** a MIME type; otherwise by the name's ending */
  readonly contentType?: string;
}
/** A URL here is fetched by this client, encrypted and sent on. */
export type ShareInput = FileData | NamedFile | NamedPath | string;

/** A picture that stands for a larger one. */
export interface Thumbnail {
  readonly bytes: Uint8Array | Blob;
  readonly mimeType: string;
  /** pixels, at most 640 × 960 */
  readonly width: number;
  readonly height: number;
}
export interface ImageToShow {
  /** read it at most once */
  readonly data: Blob | Uint8Array;
  readonly mimeType: string;
  /** pixels, as its header says */
  readonly width?: number;
  readonly height?: number;
}

export interface ConversationOptions {
  /**
   * Makes the small picture of an image, at most 640 × 960. Browsers do it themselves; elsewhere images go without one
   * when this is left out, or answers nothing, or fails.
   */
  readonly thumbnail?: (image: ImageToShow) => Promise<Thumbnail | undefined>;
}

/** Files, and words with them. */
export interface Share extends Partial<ActivityContent> {
  readonly files: readonly ShareInput[];
  /** the message this answers to */
  readonly parentId?: string;
  readonly clientTempId?: string;
}
export interface ShareInit extends UploadInit {
  /** The most one file may have, in bytes. Looked at before it is read where it is known. Default 100 MiB. */
  readonly maxBytes?: number;
}

/** The part of `client.conversation` that is about files. */
export interface ConversationFiles {
  /**
   * Encrypts files and sends them as one message. Nothing is posted unless all of them are there.
   *
   * @param share.files Blobs, bytes, streams, `{ data, filename, contentType, size }`, in Node `{ path }` of a file,
   *   which is what costs least there; or URLs, which this client fetches (in browsers subject to CORS)
   * @param init.onProgress receives `sentBytes` and `totalBytes` of all files together
   * @param init.signal ends it at every step
   * @throws {SdkError} `ERR_TOO_LARGE` above `maxBytes`; `ERR_ARGUMENT` without files, for what cannot be read, or when
   *   a stream is not as long as its `size`; `ERR_NETWORK` after three attempts
   * @source protocol/conversation.md §3.2
   */
  share(conversationId: string, share: Share, init?: ShareInit): Promise<ReadableActivity>;
  /**
   * A file of an activity, decrypted. It resolves when all of it is here and true; then `bytes()`, `blob()` or
   * `stream()`, once.
   *
   * @param file one of `activity.object.files.items`, as the engine gave it
   * @throws {SdkError} `ERR_DECRYPT`, `ERR_TOO_LARGE`, `ERR_NETWORK`, `ERR_NOT_FOUND`, `ERR_GONE`
   * @source protocol/kms-and-encryption.md §7.1
   */
  download(file: WireFile, init?: DownloadInit): Promise<DownloadedFile>;
  /** The small picture of a shared image; undefined when there is none. */
  downloadThumbnail(file: WireFile, init?: DownloadInit): Promise<DownloadedFile | undefined>;
}

/** How one call is bounded. */
export type Bounds = Pick<CallInit, 'signal' | 'timeoutMs'>;
