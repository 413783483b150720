import { definePlugin } from '@trunkline/core';
import type { ActivityEventData } from '@trunkline/wire';
import { createRooms } from './rooms.js';
import type { Rooms } from './types.js';

/** Rooms, as `client.rooms`. @example createClient({ token, plugins: [rooms()] }) */
export const rooms = definePlugin({
  name: 'rooms',
  version: '0.1.0',
  setup: (host): Rooms => createRooms(host),
});

declare module '@trunkline/core' {
  interface WireEvents {
    'conversation.activity': ActivityEventData;
  }
}

declare module '@trunkline/wire' {
  interface Peers {
    readonly rooms: Rooms;
  }
}
