export * from './api.js';
export { createClient } from './create-client.web.js';
export { checkEnvironment } from './environment/check.web.js';
