import { registerPlugin } from '@trunkline/core';
import { media } from './plugin.js';
import type { Media } from './media.js';

declare module '@trunkline/core' {
  interface RegisteredPlugins {
    readonly media: Media;
  }
}

registerPlugin(media);
