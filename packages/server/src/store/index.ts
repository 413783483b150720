export { newestMigration, openLibsqlStore } from './libsql.js';
export { prepared } from './prepared.js';
export type * from './schema.js';
export type { Store, Write } from './store.js';
