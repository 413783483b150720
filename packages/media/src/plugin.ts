import { definePlugin } from '@trunkline/core';
import { createMedia, type Media, type MediaOptions } from './media.js';

/** Cameras, microphones and media connections, as `client.media`. @example createClient({ token, plugins: [media()] }) */
export const media = definePlugin({
  name: 'media',
  version: '0.1.0',
  setup: (host, options?: Pick<MediaOptions, 'environment'>): Media => {
    const made = createMedia({
      clock: host.clock,
      report: (error, context) => {
        host.report(error, context);
      },
      ...options,
    });
    host.onClose(() => {
      made.close();
    });
    return made;
  },
});

declare module '@trunkline/wire' {
  interface Peers {
    readonly media: Media;
  }
}
