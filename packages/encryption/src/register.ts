// import '@trunkline/encryption/register': end-to-end encryption, which is this plugin and conversation's
import '@trunkline/conversation/register';
import { registerPlugin } from '@trunkline/core';
import { encryption } from './plugin-web.js';
import type { Encryption } from './types.js';

declare module '@trunkline/core' {
  interface RegisteredPlugins {
    readonly encryption: Encryption;
  }
}

registerPlugin(encryption);
