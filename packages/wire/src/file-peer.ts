// Files, as the encryption engine offers them to its neighbours. Types only, like peers.ts.
import type { Scr } from './kms.js';
import type { CallInit, EncryptionPeer } from './peers.js';

/** A web stream, or a Node stream, or anything else that yields bytes. */
export type ByteStream = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>;
/** The bytes of a file: whole, or as they come. */
export type FileData = Blob | Uint8Array | ArrayBuffer | ByteStream;
/** A file of this computer, in Node: read as it is sent, by one buffer. Never build it of what someone else gave. */
export interface FileOnDisk {
  readonly path: string;
}

export interface SealInit {
  readonly signal?: AbortSignal;
  /** bytes of a stream, where they are known: it then travels as it comes */
  readonly size?: number;
  /** `ERR_TOO_LARGE` above, before anything is read where the length is known. Default 100 MiB. */
  readonly maxBytes?: number;
}

/** A file on its way out. */
export interface SealedFile {
  /** bytes, of the cipher text as of the plain one */
  readonly size: number;
  /** Cipher text, for a request: made as it is read, each time under a new key where it is made again. */
  readonly body: Blob;
  /** it can be read once only */
  readonly once: boolean;
  /** why the body could not be read, whatever the request made of it */
  failure(): unknown;
  /** Parameters of what left, when it has. `loc` is where it went. */
  scr(loc: string): Scr;
  /** Forgets what was kept. */
  close(): void;
}

/** How far a file is on its way here. */
export interface DownloadProgress {
  readonly receivedBytes: number;
  /** where the service says it */
  readonly totalBytes?: number;
}

export interface DownloadInit extends CallInit {
  /** `ERR_TOO_LARGE` above, before anything is read where the service says the length. Default 100 MiB. */
  readonly maxBytes?: number;
  /** Receives the download progress. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** bypasses results of a malware scan, such as `unscannable`; at your own risk */
  readonly allow?: string;
}

/** A file that is here. It is read once, by one of the three. */
export interface FileContent {
  /** bytes; undefined where the service did not say */
  readonly size: number | undefined;
  /** Returns the whole file as bytes. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** Returns the whole file as a Blob. */
  blob(): Promise<Blob>;
  /** Returns the file as a stream. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
  /** It is not wanted any more: what was kept of it goes. */
  cancel(): void;
}

/** A file with what its sender, or the service, says of it. */
export interface DownloadedFile extends FileContent {
  readonly name: string;
  readonly mimeType: string;
}

/** `client.encryption`, as those see it who send and fetch files. */
export interface FilePeer extends EncryptionPeer {
  /** Encrypts a file for an upload. @throws `ERR_TOO_LARGE` */
  sealFile(data: FileData | FileOnDisk, init?: SealInit): Promise<SealedFile>;
  /**
   * A file of this computer, with its name, read when it is asked for; undefined where there are none, as in browsers.
   *
   * @throws `ERR_ARGUMENT` when it cannot be read
   */
  fileAt(file: FileOnDisk): Promise<Blob | undefined>;
  /**
   * Fetches a file and decrypts it. Resolves when all of it is here and true.
   *
   * @param scr its parameters, or their JSON text
   * @throws `ERR_DECRYPT`, `ERR_TOO_LARGE`, `ERR_NETWORK`
   */
  download(url: string, scr: Scr | string, init?: DownloadInit): Promise<FileContent>;
}
