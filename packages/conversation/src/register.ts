// import '@trunkline/conversation/register': the one file of this package that does something when it is loaded
import { registerPlugin } from '@trunkline/core';
import { conversation } from './plugin.js';
import type { Conversation } from './types.js';

declare module '@trunkline/core' {
  interface RegisteredPlugins {
    readonly conversation: Conversation;
  }
}

registerPlugin(conversation);
