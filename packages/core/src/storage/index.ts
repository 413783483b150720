export {
  indexedDbStorage,
  type ClosableStorage,
  type IndexedDbStorageOptions,
} from './indexed-db-storage.js';
export { memoryStorage } from './memory-storage.js';
export { namespaced } from './namespaced.js';
export type { Storage } from './storage.js';
export { webStorage, type WebStorageArea, type WebStorageOptions } from './web-storage.js';
