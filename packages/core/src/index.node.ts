export * from './api.js';
export { createClient, type NodeClientOptions } from './create-client.node.js';
export { fileStorage } from './storage/file-storage.node.js';
