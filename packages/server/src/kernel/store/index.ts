export { jsonRows, listed } from './json-rows.js';
export { newestMigration, openLibsqlStore } from './libsql.js';
export { prepared, preparedInsert } from './prepared.js';
export type * from './schema.js';
export { keepSteadyMark, readSteadyMark } from './steady-mark.js';
export type { Store, Write, WriteOptions } from './store.js';
export { remembered } from './write-cache.js';
