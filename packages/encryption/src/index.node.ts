export { e2ee, encryption } from './plugin-node.js';
export type { E2ee, EncryptionPlugin } from './plugin.js';
export type * from './types.js';
