import { registerPlugin } from '@trunkline/core';
import { attachmentActions } from './plugin.js';
import type { AttachmentActions } from './types.js';

declare module '@trunkline/core' {
  interface RegisteredPlugins {
    readonly attachmentActions: AttachmentActions;
  }
}

registerPlugin(attachmentActions);
