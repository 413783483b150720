export { teamMemberships, teams } from './plugin.js';
export type * from './types.js';
