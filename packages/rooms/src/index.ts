export { rooms } from './plugin.js';
export type * from './types.js';
