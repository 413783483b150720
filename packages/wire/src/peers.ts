// What plugins offer to other plugins on the same client. Types only: `host.peer('conversation')`.
import type { WireActivity } from './activity.js';
import type { DownloadedFile, DownloadInit, FilePeer } from './file-peer.js';
import type { Message } from './hydra.js';
import type { KmsKey, KmsRequest } from './kms.js';

export interface CallInit {
  readonly signal?: AbortSignal;
  /** milliseconds for one attempt */
  readonly timeoutMs?: number;
}

/** `client.encryption`, as other engines see it. A value comes at once when key and platform allow, else a promise. */
export interface EncryptionPeer {
  /** compact JWE, header {@link contentHeader}. @throws `ERR_KMS_…` when the key cannot be had */
  encryptText(keyUrl: string, plaintext: string, init?: CallInit): string | Promise<string>;
  /** Decrypts a compact JWE under a key. @throws `ERR_DECRYPT` when the text was altered, `ERR_KMS_…` when the key cannot be had */
  decryptText(keyUrl: string, jwe: string, init?: CallInit): string | Promise<string>;
  /** New keys, bound to nothing yet: only this user can retrieve them. */
  createKeys(count: number, init?: CallInit): Promise<readonly KmsKey[]>;
  /** A request as JWE, to travel as `kmsMessage` inside another service's body. */
  wrap(request: Omit<KmsRequest, 'requestId' | 'client'>, init?: CallInit): Promise<string>;
  /** Prepares the session with the key service, so that the next call does not have to. */
  ping?(init?: CallInit): Promise<unknown>;
  /** Returns a key by its URL. @throws `ERR_KMS_…`, `ERR_KEY_DENIED` when the key cannot be retrieved */
  getKey?(keyUrl: string, init?: CallInit): Promise<KmsKey>;
}

/** Words of a message: `text` is always there, `html` (sanitised) where it is formatted. */
export interface ActivityContent {
  readonly text: string;
  readonly html?: string;
  /** uuids */
  readonly mentionedPeople?: readonly string[];
  readonly mentionsAll?: boolean;
  /** adaptive cards as JSON texts */
  readonly cards?: readonly string[];
}

/** Per-call extras of what may carry files. */
export interface FileSendInit extends CallInit {
  /** Receives the upload progress. */
  readonly onProgress?: (progress: { readonly sentBytes: number; readonly totalBytes?: number }) => void;
  /** of one file */
  readonly maxBytes?: number;
}

/** What is to be said, as the public API has it: markdown and public ids. */
export interface MessageDraft {
  readonly roomId?: string;
  readonly toPersonId?: string;
  readonly toPersonEmail?: string;
  readonly text?: string;
  readonly markdown?: string;
  readonly html?: string;
  readonly parentId?: string;
  readonly files?: readonly unknown[];
  readonly attachments?: readonly unknown[];
}

/** Messages of the public API by way of the engine: only ciphertext leaves, and what arrives is readable. */
export interface MessagePeer {
  /** Sends a message. @throws `ERR_ARGUMENT` for ids of the wrong kind, `ERR_TOO_LARGE` for files above `maxBytes` */
  create(message: MessageDraft, init?: FileSendInit): Promise<Message>;
  /** New words for the message with this id. */
  update(id: string, message: MessageDraft, init?: CallInit): Promise<Message>;
  /** The message a `post` or `share` stands for; undefined when it is not all there and has to be fetched. */
  read(activity: WireActivity): Message | undefined;
  /** The file behind one of `files[]` of a message, decrypted here. */
  download(contentUrl: string, init?: DownloadInit): Promise<DownloadedFile>;
}

/** `client.conversation`, as plugins see it. All ids are bare uuids; activities come out readable. */
export interface ConversationPeer {
  /** The same in the terms of the public API. */
  readonly messages: MessagePeer;
  /** Encrypts and posts; the answer is the stored activity, readable. Sent again after a lost answer, it is stored once. */
  post(
    conversationId: string,
    words: ActivityContent,
    options?: { readonly parentId?: string; readonly clientTempId?: string },
    init?: CallInit,
  ): Promise<WireActivity>;
  /**
   * Encrypts and posts new words for an activity of one's own. Text, HTML and mentions replace those of the message,
   * `cards` its cards; what is not named is kept, and so are its files.
   */
  edit(
    conversationId: string,
    activityId: string,
    words: Partial<ActivityContent>,
    init?: CallInit,
  ): Promise<WireActivity>;
  /** The conversation with this one person, made if there is none yet; answers its uuid. */
  direct(personUuid: string, init?: CallInit): Promise<string>;
  /** Read receipt: everything up to this activity has been seen. */
  acknowledge(conversationId: string, activityId: string, init?: CallInit): Promise<WireActivity>;
  /**
   * Each activity once, decrypted, in order within its conversation. A listener's promise is waited for before the
   * next activity of that conversation and before the frame is acknowledged. Returns an unsubscribe function.
   */
  onActivity(listener: (activity: WireActivity) => void | Promise<void>): () => void;
  /** Encrypts and submits what a user filled in on the card of an activity; resolves with the stored activity. */
  cardAction?(
    conversationId: string,
    activityId: string,
    inputs: Readonly<Record<string, unknown>>,
    init?: CallInit,
  ): Promise<WireActivity>;
}

/**
 * What a plugin offers to the other plugins on the same client, by plugin name: the types of `host.peer(name)`.
 * Each plugin adds itself by declaration merging. The two engines are declared here, because plugins use them without
 * depending on their packages.
 *
 * @example
 * declare module '@trunkline/wire' {
 *   interface Peers {
 *     readonly polls: Polls;
 *   }
 * }
 */
export interface Peers {
  readonly conversation: ConversationPeer;
  readonly encryption: FilePeer;
}
