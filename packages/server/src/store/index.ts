export { openLibsqlStore } from './libsql.js';
export type * from './schema.js';
export type { Store, Write } from './store.js';
