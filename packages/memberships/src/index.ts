export { memberships } from './plugin.js';
export type * from './types.js';
