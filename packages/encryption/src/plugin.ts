import { conversation, type Conversation, type ConversationOptions } from '@trunkline/conversation';
import { definePlugin, type Plugin, type PluginFactory } from '@trunkline/core';
import type { KmsEventData } from '@trunkline/wire';
import type { ContentCrypto } from './content/content-crypto.js';
import { createEncryption } from './create-encryption.js';
import type { MakeFileCrypto } from './files/file-crypto.js';
import type { Encryption } from './types.js';

declare module '@trunkline/core' {
  interface WireEvents {
    'encryption.kms_message': KmsEventData;
  }
}

export type EncryptionPlugin = PluginFactory<'encryption', Encryption, undefined>;
/** Encryption and conversation together: end-to-end encrypted messages. */
export type E2ee = (
  options?: ConversationOptions,
) => readonly [Plugin<'encryption', Encryption>, Plugin<'conversation', Conversation>];

export const encryptionWith = <Key>(
  crypto: ContentCrypto<Key>,
  loadFiles: () => Promise<MakeFileCrypto>,
): EncryptionPlugin =>
  definePlugin({
    name: 'encryption',
    version: '0.1.0',
    setup: (host): Encryption => createEncryption(host, crypto, loadFiles),
  });

export const e2eeWith =
  (encryption: EncryptionPlugin): E2ee =>
  (options) => [encryption(), conversation(options)];
