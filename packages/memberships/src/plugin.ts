import { definePlugin } from '@trunkline/core';
import type { ActivityEventData } from '@trunkline/wire';
import { createMemberships } from './memberships.js';
import type { Memberships } from './types.js';

/** Who is in which room, as `client.memberships`. @example createClient({ token, plugins: [memberships()] }) */
export const memberships = definePlugin({
  name: 'memberships',
  version: '0.1.0',
  setup: (host): Memberships => createMemberships(host),
});

declare module '@trunkline/core' {
  interface WireEvents {
    'conversation.activity': ActivityEventData;
  }
}

declare module '@trunkline/wire' {
  interface Peers {
    readonly memberships: Memberships;
  }
}
