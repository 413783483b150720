export { conversation } from './plugin.js';
export type * from './types.js';
export type * from './files/types.js';
export type {
  DownloadedFile,
  DownloadInit,
  DownloadProgress,
  FileContent,
  FileData,
  FileOnDisk,
} from '@trunkline/wire';
