export { defineState, of } from './define-state.js';
export type * from './types.js';
