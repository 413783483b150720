import { sdkError, type CallInit, type Host } from '@trunkline/core';
import type { FilePeer, WireActivity, WireConversation } from '@trunkline/wire';
import { readActivity, readConversation } from './activity-codec.js';
import { createConversationCache, type ConversationCache } from './conversation-cache.js';
import { createSubmitter, type Submitter } from './submitter.js';
import type { ReadableActivity, ReadableConversation } from '../types.js';

/** What the parts of the engine share. */
export interface Context {
  readonly host: Host;
  readonly conversations: ConversationCache;
  readonly submitter: Submitter;
  /** @throws {SdkError} `ERR_NO_ENCRYPTION` */
  readonly encryption: () => FilePeer;
  readonly encryptionIfAny: () => FilePeer | undefined;
  /** Below the conversation service. */
  get<T>(path: string, query?: object, init?: CallInit): Promise<T>;
  readonly readActivity: (activity: WireActivity) => Promise<ReadableActivity>;
  readonly readConversation: (conversation: WireConversation) => Promise<ReadableConversation>;
}

export const pathOf = (conversationId: string): string =>
  `conversations/${encodeURIComponent(conversationId)}`;

export function createContext(host: Host): Context {
  let found: FilePeer | undefined;
  // it may be added to the client later, and is never taken away
  const encryptionIfAny = (): FilePeer | undefined => (found ??= host.peer('encryption'));
  const encryption = (): FilePeer => {
    const peer = encryptionIfAny();
    if (peer) return peer;
    throw sdkError(
      'ERR_NO_ENCRYPTION',
      'conversations are encrypted: put e2ee() into the plugins of this client',
    );
  };
  const conversations = createConversationCache(host);
  return {
    host,
    conversations,
    submitter: createSubmitter(host, conversations, encryption),
    encryption,
    encryptionIfAny,
    get: async <T>(path: string, query: object = {}, init?: CallInit) =>
      (await host.request<T>({ ...init, service: 'conversation', path, query: { ...query } })).body,
    async readActivity(activity) {
      await readActivity(encryptionIfAny(), activity);
      return activity;
    },
    async readConversation(conversation) {
      conversations.learn(conversation);
      await readConversation(encryptionIfAny(), conversation);
      return conversation;
    },
  };
}
