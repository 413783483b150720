import { definePlugin } from '@trunkline/core';
import { createAttachmentActions } from './attachment-actions.js';
import type { AttachmentActions } from './types.js';

/** AttachmentActions, as `client.attachmentActions`. @example createClient({ token, plugins: [attachmentActions()] }) */
export const attachmentActions = definePlugin({
  name: 'attachmentActions',
  version: '0.1.0',
  setup: (host): AttachmentActions => createAttachmentActions(host),
});
