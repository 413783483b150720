import { sdkError, type CallInit, type Host } from '@trunkline/core';
import type { EncryptionPeer, KmsKey, WireActivity, WireConversation } from '@trunkline/wire';
import { readActivity, readConversation } from './fields.js';
import { createHeads, type Heads } from './heads.js';
import { createOutbox, type Outbox } from './outbox.js';
import type { ReadableActivity, ReadableConversation } from './types.js';

/** What the encryption engine offers beyond its peers' view. */
export interface KeyService extends EncryptionPeer {
  ping?(init?: CallInit): Promise<void>;
  getKey?(keyUrl: string, init?: CallInit): Promise<KmsKey>;
}

/** What the parts of the engine share. */
export interface Context {
  readonly host: Host;
  readonly heads: Heads;
  readonly outbox: Outbox;
  /** @throws {SdkError} `ERR_NO_ENCRYPTION` */
  readonly encryption: () => KeyService;
  readonly encryptionIfAny: () => KeyService | undefined;
  /** Below the conversation service. */
  get<T>(path: string, query?: object, init?: CallInit): Promise<T>;
  readonly readActivity: (activity: WireActivity) => Promise<ReadableActivity>;
  readonly readConversation: (conversation: WireConversation) => Promise<ReadableConversation>;
}

export const pathOf = (conversationId: string): string =>
  `conversations/${encodeURIComponent(conversationId)}`;

export function createContext(host: Host): Context {
  let found: KeyService | undefined;
  // it may be added to the client later, and is never taken away
  const encryptionIfAny = (): KeyService | undefined =>
    (found ??= host.peer('encryption') as KeyService | undefined);
  const encryption = (): KeyService => {
    const peer = encryptionIfAny();
    if (peer) return peer;
    throw sdkError(
      'ERR_NO_ENCRYPTION',
      'conversations are encrypted: put e2ee() into the plugins of this client',
    );
  };
  const heads = createHeads(host);
  return {
    host,
    heads,
    outbox: createOutbox(host, heads, encryption),
    encryption,
    encryptionIfAny,
    get: async <T>(path: string, query: object = {}, init?: CallInit) =>
      (await host.request<T>({ ...init, service: 'conversation', path, query: { ...query } })).body,
    async readActivity(activity) {
      await readActivity(encryptionIfAny(), activity);
      return activity;
    },
    async readConversation(conversation) {
      heads.learn(conversation);
      await readConversation(encryptionIfAny(), conversation);
      return conversation;
    },
  };
}
