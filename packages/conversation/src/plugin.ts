import { definePlugin } from '@trunkline/core';
import type { ActivityEventData, TypingEventData } from '@trunkline/wire';
import { createConversation } from './create-conversation.js';
import type { ConversationOptions } from './files/types.js';
import type { Conversation } from './types.js';

declare module '@trunkline/core' {
  interface WireEvents {
    'conversation.activity': ActivityEventData;
    'status.start_typing': TypingEventData;
    'status.stop_typing': TypingEventData;
  }
}

/** `client.conversation`: see {@link Conversation}. Comes with `e2ee()` of `@trunkline/encryption`. */
export const conversation = definePlugin({
  name: 'conversation',
  version: '0.1.0',
  setup: (host, options?: ConversationOptions): Conversation => createConversation(host, options),
});
