import { webCrypto } from './content/crypto-web.js';
import { e2eeWith, encryptionWith } from './plugin.js';

/** `client.encryption`: see {@link Encryption}. Content crypto by WebCrypto. */
export const encryption = encryptionWith(
  webCrypto,
  async () => (await import('./files/files-web.js')).webFiles,
);
/** `plugins: [e2ee()]`: `client.encryption` and `client.conversation`; messages are then encrypted end to end. */
export const e2ee = e2eeWith(encryption);
