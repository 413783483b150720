import type { CallInit, List, UploadInit } from '@trunkline/core';
import type { EventSource } from '@trunkline/core/kit';
import type { DownloadedFile, DownloadInit, Message, MessageDeletedEvent } from '@trunkline/wire';

export type {
  DownloadedFile,
  DownloadInit,
  DownloadProgress,
  Message,
  MessageDeletedEvent,
} from '@trunkline/wire';

export interface MessagesOptions {
  /** The most of one file, in bytes; by REST, of what is read from a stream before it is sent. Default 100 MiB. */
  readonly maxFileBytes?: number;
  /**
   * `false`: everything goes by REST, readable to the service, although `e2ee()` is on the client: messages are sent,
   * edited, downloaded and, for events, fetched there. Default: encrypted when `e2ee()` is on the client.
   */
  readonly encrypted?: false;
}

/** A web stream, or a Node stream, or anything else that yields bytes. */
export type ByteStream = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>;

/** Bytes with a name. */
export interface NamedFile {
  readonly data: Blob | Uint8Array | ArrayBuffer | ByteStream;
  readonly filename?: string;
  /** a MIME type, default `application/octet-stream` or the Blob's own */
  readonly contentType?: string;
  /** bytes of a stream, where they are known: with `e2ee()` it then leaves as it comes */
  readonly size?: number;
}

/** Per-call extras of `create`. */
export interface MessageSendInit extends UploadInit {
  /** instead of `maxFileBytes` of the plugin */
  readonly maxBytes?: number;
}
/** Which file of a message, and how far to go for it. */
export interface MessageDownloadInit extends DownloadInit {
  /** of `files`, default 0 */
  readonly index?: number;
}
/** What the service says of a file. */
export interface FileInfo {
  readonly name: string;
  readonly mimeType: string;
  /** bytes, where it says them */
  readonly size: number | undefined;
}
/** One of `files`, or the message with them. */
export type FileOfMessage = string | Pick<Message, 'files'>;

/**
 * A URL, or the bytes themselves. Without `e2ee()` the service downloads the URL, and streams are read into memory
 * first; with it this client downloads the URL (in browsers subject to CORS), and in Node streams stay streams.
 */
export type FileInput = string | Blob | Uint8Array | ArrayBuffer | ByteStream | NamedFile;

/** @source protocol/hydra-rest.md §3.3 */
export interface Attachment {
  readonly contentType: string;
  readonly content: unknown;
}

/** What is said. At least one of them; `markdown` wins over `html` and `text` for display, `text` is the fallback. */
export interface MessageContent {
  readonly text?: string;
  /** mentions are `<@personId:ID|Label>`, `<@personEmail:ADDRESS|Label>` and `<@all>` */
  readonly markdown?: string;
  readonly html?: string;
}

/** Exactly one destination. @source protocol/hydra-rest.md §3 */
export interface MessageCreate extends MessageContent {
  readonly roomId?: string;
  readonly toPersonId?: string;
  readonly toPersonEmail?: string;
  /** the service takes one per message */
  readonly files?: readonly FileInput[];
  /** cards; the service takes one per message, with `text` or `markdown` as fallback */
  readonly attachments?: readonly Attachment[];
  /** the message this one answers to, in the same room */
  readonly parentId?: string;
  /** With `e2ee()` on the client: send by REST all the same, readable to the service. */
  readonly encrypted?: false;
}

export interface MessageUpdate extends MessageContent {
  readonly roomId?: string;
  /** new cards, with `e2ee()` only; `[]` takes them away, left out they are kept */
  readonly attachments?: readonly Attachment[];
  /** With `e2ee()` on the client: send by REST all the same, readable to the service. */
  readonly encrypted?: false;
}

/** @source protocol/hydra-rest.md §3 */
export interface MessageQuery {
  readonly roomId: string;
  /** only the answers to this message */
  readonly parentId?: string;
  /** `me` or one's own id */
  readonly mentionedPeople?: string;
  /** ISO 8601 */
  readonly before?: string;
  /** a message id */
  readonly beforeMessage?: string;
  /** page size (default of the service: 50) */
  readonly max?: number;
}

/** Exactly one person. @source protocol/hydra-rest.md §3 */
export interface DirectMessageQuery {
  readonly personId?: string;
  readonly personEmail?: string;
  readonly parentId?: string;
}

export interface MessageEvents {
  /** Someone wrote, the signed-in person included. */
  created: Message;
  /** A message was edited: the same `id`, new words, `updated`. With `e2ee()` an answer's `parentId` is not in it. */
  updated: Message;
  /** A message was removed; `personId` is who removed it. */
  deleted: MessageDeletedEvent;
}

/**
 * Messages. Every call also throws `ERR_UNAUTHORIZED`, `ERR_RATE_LIMITED`, `ERR_NETWORK`, `ERR_TIMEOUT`,
 * `ERR_CLIENT_CLOSED`, as `client.request` does, and `ERR_ARGUMENT` before any request when an id is missing.
 *
 * With `e2ee()` on the client words leave only as ciphertext and arrive decrypted from the socket; without it they
 * travel by REST, over TLS, and the service can read them. `html` was written by others: treat it as untrusted.
 */
export interface Messages extends EventSource<MessageEvents> {
  /**
   * Sends a message.
   *
   * @param init.onProgress receives the bytes sent: with `e2ee()` of all files, else of the request
   * @throws {SdkError} `ERR_ARGUMENT` without exactly one of `roomId`, `toPersonId`, `toPersonEmail`, or with nothing to
   *   say, before any request, and with `e2ee()` also to oneself and for what is not a card; `ERR_TOO_LARGE` when a file is
   *   longer than `maxFileBytes`; `ERR_BAD_REQUEST`, `ERR_FORBIDDEN`, `ERR_NOT_FOUND`
   * @example await client.messages.create({ roomId, markdown: 'Hello **all**' });
   * @source protocol/hydra-rest.md §3, protocol/conversation.md §3
   */
  create(message: MessageCreate, init?: MessageSendInit): Promise<Message>;
  /**
   * Returns a message by its id.
   *
   * @param message its id, or any object with one
   * @throws {SdkError} `ERR_NOT_FOUND` when it does not exist or the person is not in its room
   * @source protocol/hydra-rest.md §3
   */
  get(message: string | { readonly id: string }, init?: CallInit): Promise<Message>;
  /**
   * Messages of a room, newest first, page by page, fetched as you read; `init.signal` stops between pages as well as
   * in mid-request.
   *
   * @throws {SdkError} `ERR_ARGUMENT` without `roomId`, at once; `ERR_FORBIDDEN`, `ERR_NOT_FOUND`
   * @example for await (const { text } of client.messages.list({ roomId })) show(text);
   * @source protocol/hydra-rest.md §1.1, §3
   */
  list(query: MessageQuery, init?: CallInit): List<Message>;
  /**
   * Messages of the room for two with one person.
   *
   * @throws {SdkError} `ERR_ARGUMENT` without exactly one of `personId` and `personEmail`, at once; `ERR_NOT_FOUND`
   * @source protocol/hydra-rest.md §3
   */
  listDirect(query: DirectMessageQuery, init?: CallInit): List<Message>;
  /**
   * Edits a message of one's own. What is named replaces what was there, the rest is kept: `text`, `markdown` and `html`
   * (with its mentions) are one, `attachments` are the cards, files stay as they are. By REST the service allows ten
   * edits, and refuses those of a message with files or cards; encrypted edits (`e2ee()`) have no such limit.
   *
   * @param message its id, or the message; with `roomId` where `changes` has none
   * @param changes what to replace; left out: the text of `message`
   * @throws {SdkError} `ERR_ARGUMENT` without id, room or anything to replace, and for other `files`; `ERR_BAD_REQUEST`,
   *   `ERR_FORBIDDEN`, `ERR_NOT_FOUND`
   * @source protocol/hydra-rest.md §3
   */
  update(
    message: string | ({ readonly id: string; readonly roomId?: string } & MessageContent),
    changes?: MessageUpdate,
    init?: CallInit,
  ): Promise<Message>;
  /**
   * A file of a message, by the message or by one of its `files`. With `e2ee()` it is decrypted here, and the promise
   * resolves when all of it has come and is true; otherwise when the service begins to send it. Then `bytes()`,
   * `blob()` or `stream()`, once. While the service scans the file, it is asked again after the time it names.
   *
   * @param init.index of `files`, default 0
   * @param init.onProgress receives `receivedBytes` and `totalBytes`
   * @param init.maxBytes of the file, default 100 MiB; refused before it is read
   * @param init.allow `unscannable`: also what could not be scanned
   * @throws {SdkError} `ERR_ARGUMENT` without such a file; `ERR_NOT_FOUND`; `ERR_GONE` when it was removed or is
   *   infected; `ERR_LOCKED` while it is scanned; `ERR_UNSCANNABLE`; `ERR_TOO_LARGE`; `ERR_NETWORK` when the connection
   *   ended during it; `ERR_DECRYPT` when it was altered
   * @example const picture = await (await client.messages.download(message)).blob();
   * @source protocol/hydra-rest.md §3.2, protocol/kms-and-encryption.md §7.1
   */
  download(file: FileOfMessage, init?: MessageDownloadInit): Promise<DownloadedFile>;
  /**
   * Name, type and size of a file, without fetching it.
   *
   * @throws {SdkError} as `download`
   * @source protocol/hydra-rest.md §3.2
   */
  fileInfo(file: FileOfMessage, init?: CallInit & { readonly index?: number }): Promise<FileInfo>;
  /**
   * Deletes a message.
   *
   * @throws {SdkError} `ERR_FORBIDDEN` when it is another's and the person is not a moderator, `ERR_NOT_FOUND`
   * @source protocol/hydra-rest.md §3
   */
  remove(message: string | { readonly id: string }, init?: CallInit): Promise<void>;
}
