import type { CallInit } from '@trunkline/core';
import type {
  FileContent,
  FilePeer,
  KmsAuthorization,
  KmsKey,
  KmsRequest,
  KmsResource,
  KmsResponse,
  Scr,
} from '@trunkline/wire';
import type { FileLocationInit } from './files/download.js';

export type { FileLocationInit } from './files/download.js';
export type {
  DownloadInit,
  DownloadProgress,
  FileContent,
  FileData,
  FileOnDisk,
  SealedFile,
  SealInit,
} from '@trunkline/wire';

/** Where the parameters of a file are, when they are not in its URL. */
export interface EncryptedFileInit extends FileLocationInit {
  /** the file's SCR as JWE, for lack of `JWE` in the URL */
  readonly jwe?: string;
  /** the key it is under, for lack of `keyUri` in the URL */
  readonly keyUri?: string;
}

/** A request to the key service, without what the engine adds itself. @source protocol/kms-and-encryption.md §5 */
export type KmsOperation = Omit<KmsRequest, 'requestId' | 'client'>;

/** A key that the caller holds, or its URL: `kms://HOST/keys/ID`. A key that is given is used as it is, and not kept. */
export type KeyOrUrl = string | KmsKey;

/** Whose rights count when a key is fetched. */
export interface KeyCallInit extends CallInit {
  /**
   * uuid of the person for whom a compliance officer reads. The caller needs the role `spark.kms_orgagent`; what is
   * fetched so is not kept.
   */
  readonly onBehalfOf?: string;
}

/** A file made unreadable. `cipher` is what is uploaded, and as long as the file. */
export interface EncryptedFile {
  readonly cipher: Uint8Array<ArrayBuffer>;
  /** Add `loc`, where the file lies, and wrap it for the conversation. @source protocol/kms-and-encryption.md §7 */
  readonly scr: Omit<Scr, 'loc'>;
}

/**
 * `client.encryption`: keys from the key service, and what is done with them. All key URLs are `kms://HOST/keys/ID`.
 * Every call that needs the key service opens the socket first, since its answers come over it. All of them may reject
 * with `ERR_KMS_TIMEOUT` (no answer within 90 s), `ERR_KMS` (refused, with `status`), `ERR_KMS_INVALID` (its key or
 * its response failed validation), `ERR_CLIENT_CLOSED`, or the signal's reason.
 *
 * @source protocol/kms-and-encryption.md
 */
export interface Encryption extends FilePeer {
  /**
   * A key, from memory or from the key service. All callers of one key share one request.
   *
   * @param init.fresh asks the key service, whatever is remembered: whether this user may have the key now
   * @throws {SdkError} `ERR_KEY_DENIED` when this user may not have it; that is remembered for 30 s
   */
  getKey(keyUrl: string, init?: KeyCallInit & { readonly fresh?: boolean }): Promise<KmsKey>;
  /** Encrypts a text under a key, as a compact JWE. */
  encryptText(key: KeyOrUrl, plaintext: string, init?: KeyCallInit): string | Promise<string>;
  /** Decrypts a compact JWE. */
  decryptText(key: KeyOrUrl, jwe: string, init?: KeyCallInit): string | Promise<string>;
  /** Makes a resource: its `userIds` may retrieve the keys that are bound to it. */
  createResource(
    resource: { readonly userIds: readonly string[]; readonly keyUris: readonly string[] },
    init?: CallInit,
  ): Promise<KmsResource>;
  /** From now on those authorised on `resourceUri` can retrieve the key. */
  bindKey(keyUrl: string, resourceUri: string, init?: CallInit): Promise<void>;
  /** Lets users get the keys of a resource. */
  addAuthorization(
    resourceUri: string,
    userIds: readonly string[],
    init?: CallInit,
  ): Promise<readonly KmsAuthorization[]>;
  /** Resolves with what was removed. @param authId uuid of a user, or URI of a resource */
  removeAuthorization(
    resourceUri: string,
    authId: string,
    init?: CallInit,
  ): Promise<readonly KmsAuthorization[]>;
  /** Lists the users who can get the keys of a resource. */
  listAuthorizations(resourceUri: string, init?: CallInit): Promise<readonly KmsAuthorization[]>;
  /** Resolves when the key service has answered, with the status of its answer (200) and the id of the request. */
  ping(init?: CallInit): Promise<{ readonly status: number; readonly requestId: string }>;
  /**
   * The key service's answer to a wrapped request, as other services return it in `kmsMessage`.
   *
   * @returns undefined when it was made for another client, or for an earlier session
   */
  unwrap(kmsMessage: string): Promise<KmsResponse | undefined>;
  /** As `encryptText`, for bytes. @source protocol/kms-and-encryption.md §6 */
  encryptBinary(key: KeyOrUrl, bytes: Uint8Array, init?: KeyCallInit): Promise<string>;
  /** Decrypts bytes that `encryptBinary` encrypted. @throws {SdkError} `ERR_DECRYPT` */
  decryptBinary(key: KeyOrUrl, jwe: string, init?: KeyCallInit): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Fetches a file and decrypts it. It resolves when all of it is here and its tag holds; before that nothing of it
   * can be read. In Node what is longer than 4 MiB waits, still encrypted, in a file without a name.
   *
   * @param url https, or of the service of this client
   * @param scr its parameters, see `unwrapScr`, or their JSON text
   * @param init.signal ends the download; nothing stays
   * @param init.onProgress receives `receivedBytes` and `totalBytes`
   * @throws {SdkError} `ERR_DECRYPT` when it was altered, cut or lengthened; `ERR_NETWORK` when the connection ended;
   *   `ERR_TOO_LARGE` above `maxBytes` (100 MiB), before reading where the service says the length; `ERR_TIMEOUT` when
   *   nothing comes for `timeoutMs`; `ERR_STORAGE` when the temporary folder is full
   * @source protocol/kms-and-encryption.md §7.1
   */
  download(url: string, scr: Scr | string, init?: FileLocationInit): Promise<FileContent>;
  /**
   * The bytes of a file that another service gives as URL, parameters and key, as `cypher` of the official client does.
   *
   * @param fileUri with the query parameters `JWE` and `keyUri` (as a pair they win), or without
   * @param init.useFileService default `false`: the URL itself is fetched
   * @throws {SdkError} `ERR_ARGUMENT` without parameters or key, or for a URL without https; `ERR_KEY_DENIED`, and what
   *   `download` throws
   * @source protocol/kms-and-encryption.md §7.2
   */
  downloadAndDecryptFile(fileUri: string, init?: EncryptedFileInit): Promise<Uint8Array<ArrayBuffer>>;
  /** Encrypts a file under a new key of its own. */
  encryptFile(bytes: Uint8Array): Promise<EncryptedFile>;
  /** Decrypts a whole file that `encryptFile` encrypted. @throws {SdkError} `ERR_DECRYPT` when file or parameters were altered */
  decryptFile(cipher: Uint8Array, scr: Scr | EncryptedFile['scr']): Promise<Uint8Array<ArrayBuffer>>;
  /** Parameters of a file as JWE, readable with this key. `loc` must be set. */
  wrapScr(key: KeyOrUrl, scr: Scr, init?: KeyCallInit): Promise<string>;
  /** Decrypts the parameters of a file. @throws {SdkError} `ERR_DECRYPT` when it was altered or is not about a file */
  unwrapScr(key: KeyOrUrl, jwe: string, init?: KeyCallInit): Promise<Scr>;
}
