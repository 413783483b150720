export * from './api.js';
export { createClient } from './kernel/create-client.web.js';
export { checkEnvironment } from './environment/check.web.js';
