export { jsonLists, jsonRows, listed } from './json-rows.js';
export { openLibsqlStore } from './libsql.js';
export { firstMigrations, type Migrations, newestOf, sortMigrations } from './migrations.js';
export { prepared, preparedInsert } from './prepared.js';
export type * from './schema.js';
export { keepSteadyMark, readSteadyMark } from './steady-mark.js';
export type { Store, Write, WriteOptions } from './store.js';
export { remembered } from './write-cache.js';
