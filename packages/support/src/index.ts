export { support } from './plugin.js';
export type * from './types.js';
