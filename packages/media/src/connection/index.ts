export { createConnection, type ConnectionDependencies } from './connection.js';
export { createRemote } from './remote.js';
export * from './types.js';
