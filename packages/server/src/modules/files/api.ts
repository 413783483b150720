import type { Scr } from '@trunkline/wire';
import type { Readable } from 'node:stream';
import type { Urls } from '../../kernel/http/urls.js';
import type { Write } from '../../kernel/store/index.js';
import type { RemoteFiles } from './remote.js';

export { parseScr } from './scr.js';

/** A file that was encrypted here and belongs to no conversation yet. */
export interface Upload {
  readonly id: string;
  readonly scr: Scr;
  readonly url: string;
  /** bytes of the plaintext, and of the ciphertext: they are as long */
  readonly size: number;
}

/** Which activities show which files, within the write under way. */
export interface FileReferences {
  /** Whether a URL, with or without host, names a file of this service. */
  isOurs(url: string): boolean;
  /** Bytes of a file of ours that was uploaded to this conversation; undefined for everything else. */
  sizeOf(write: Write, url: string, conversationId: string): Promise<number | undefined>;
  /** This activity of the conversation shows these; files of other conversations and of elsewhere are left out. */
  show(write: Write, conversationId: string, activityId: string, urls: readonly string[]): Promise<void>;
  /** These activities of the conversation show nothing any more: its files that no other shows are removed after COMMIT. */
  drop(write: Write, conversationId: string, activityIds: readonly string[]): Promise<void>;
  /** No one can read the conversation any more: all its files are removed after COMMIT. */
  dropAll(write: Write, conversationId: string): Promise<void>;
}

/** Files: plaintext for REST, ciphertext on the disk. */
export interface Files extends FileReferences {
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

declare module '../../kernel/module.js' {
  interface Modules {
    readonly files: Files;
  }
}
