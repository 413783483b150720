import { definePlugin } from '@trunkline/core';
import type { ActivityEventData } from '@trunkline/wire';
import { createMessages } from './messages.js';
import type { Messages, MessagesOptions } from './types.js';

/** Messages, as `client.messages`. @example createClient({ token, plugins: [messages()] }) */
export const messages = definePlugin({
  name: 'messages',
  version: '0.1.0',
  setup: (host, options?: MessagesOptions): Messages => createMessages(host, options),
});

declare module '@trunkline/core' {
  interface WireEvents {
    'conversation.activity': ActivityEventData;
  }
}

declare module '@trunkline/wire' {
  interface Peers {
    readonly messages: Messages;
  }
}
