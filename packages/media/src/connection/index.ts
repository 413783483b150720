export { createConnection, type ConnectionDependencies } from './connection.js';
export * from './types.js';
