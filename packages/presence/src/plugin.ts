import { definePlugin } from '@trunkline/core';
import { createPresence } from './presence.js';
import type { Presence, PresenceOptions } from './types.js';

/** Presence, as `client.presence`. @example createClient({ token, plugins: [presence()] }) */
export const presence = definePlugin({
  name: 'presence',
  version: '0.1.0',
  setup: (host, options?: PresenceOptions): Presence => createPresence(host, options),
});

declare module '@trunkline/wire' {
  interface Peers {
    readonly presence: Presence;
  }
}
