export { attachmentActions } from './plugin.js';
export type * from './types.js';
