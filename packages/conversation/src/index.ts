export { conversation } from './plugin.js';
export type * from './types.js';
