// import '@trunkline/attachment-actions/register': the one file of this package that does something when it is loaded
import { registerPlugin } from '@trunkline/core';
import { attachmentActions } from './plugin.js';
import type { AttachmentActions } from './types.js';

declare module '@trunkline/core' {
  interface RegisteredPlugins {
    readonly attachmentActions: AttachmentActions;
  }
}

registerPlugin(attachmentActions);
