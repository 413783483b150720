export {
  indexedDbStorage,
  type ClosableStorage,
  type IndexedDbStorageOptions,
} from './storage/indexed-db-storage.js';
export { memoryStorage } from './storage/memory-storage.js';
export { namespaced } from './storage/namespaced.js';
export type { Storage } from './storage/storage.js';
export { webStorage, type WebStorageArea, type WebStorageOptions } from './storage/web-storage.js';
