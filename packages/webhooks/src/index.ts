export { webhooks } from './plugin.js';
export { verifyWebhook } from './verify.js';
export type * from './types.js';
