export { messages } from './plugin.js';
export type * from './types.js';
