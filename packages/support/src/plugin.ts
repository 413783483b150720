import { definePlugin } from '@trunkline/core';
import { createSupport } from './support.js';
import type { Support, SupportOptions } from './types.js';

/** Support, as `client.support`. @example createClient({ token, plugins: [support()] }) */
export const support = definePlugin({
  name: 'support',
  version: '0.1.0',
  setup: (host, options?: SupportOptions): Support => createSupport(host, options),
});

declare module '@trunkline/wire' {
  interface Peers {
    readonly support: Support;
  }
}
