export * from './api.js';
export { createClient, type NodeClientOptions } from './create-client.node.js';
export type { NodeNetwork } from './network.node.js';
export { fileStorage } from './storage/file-storage.node.js';
export { checkEnvironment } from './environment/check.node.js';
