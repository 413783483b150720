// import '@trunkline/memberships/register': the one file of this package that does something when it is loaded
import { registerPlugin } from '@trunkline/core';
import { memberships } from './plugin.js';
import type { Memberships } from './types.js';

declare module '@trunkline/core' {
  interface RegisteredPlugins {
    readonly memberships: Memberships;
  }
}

registerPlugin(memberships);
