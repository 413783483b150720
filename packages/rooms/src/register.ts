// import '@trunkline/rooms/register': the one file of this package that does something when it is loaded
import { registerPlugin } from '@trunkline/core';
import { rooms } from './plugin.js';
import type { Rooms } from './types.js';

declare module '@trunkline/core' {
  interface RegisteredPlugins {
    readonly rooms: Rooms;
  }
}

registerPlugin(rooms);
