export { rooms } from './plugin.js';
export type * from './types.js';
export { toReadStatus } from './read-status.js';
