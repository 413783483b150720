import { nodeCrypto } from './content/crypto-node.js';
import { e2eeWith, encryptionWith } from './plugin.js';

/** `client.encryption`: see {@link Encryption}. Content crypto by node:crypto, at once once the key is here. */
export const encryption = encryptionWith(
  nodeCrypto,
  async () => (await import('./files/files-node.js')).nodeFiles,
);
/** `plugins: [e2ee()]`: `client.encryption` and `client.conversation`; messages are then encrypted end to end. */
export const e2ee = e2eeWith(encryption);
