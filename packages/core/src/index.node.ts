export * from './api.js';
export { createClient, type NodeClientOptions } from './kernel/create-client.node.js';
export type { NodeNetwork } from './kernel/network.node.js';
export { fileStorage } from './storage/file-storage.node.js';
export { checkEnvironment } from './environment/check.node.js';
