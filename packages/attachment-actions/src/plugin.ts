import { definePlugin } from '@trunkline/core';
import type { ActivityEventData } from '@trunkline/wire';
import { createAttachmentActions } from './attachment-actions.js';
import type { AttachmentActions, AttachmentActionsOptions } from './types.js';

/** What is sent off from cards, as `client.attachmentActions`. @example createClient({ token, plugins: [attachmentActions()] }) */
export const attachmentActions = definePlugin({
  name: 'attachmentActions',
  version: '0.1.0',
  setup: (host, options?: AttachmentActionsOptions): AttachmentActions =>
    createAttachmentActions(host, options),
});

declare module '@trunkline/core' {
  interface WireEvents {
    'conversation.activity': ActivityEventData;
  }
}

declare module '@trunkline/wire' {
  interface Peers {
    readonly attachmentActions: AttachmentActions;
  }
}
