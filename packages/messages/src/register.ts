// import '@trunkline/messages/register': the one file of this package that does something when it is loaded
import { registerPlugin } from '@trunkline/core';
import { messages } from './plugin.js';
import type { Messages } from './types.js';

declare module '@trunkline/core' {
  interface RegisteredPlugins {
    readonly messages: Messages;
  }
}

registerPlugin(messages);
