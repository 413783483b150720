// import '@trunkline/people/register': the one file of this package that does something when it is loaded
import { registerPlugin } from '@trunkline/core';
import { people } from './plugin.js';
import type { People } from './types.js';

declare module '@trunkline/core' {
  interface RegisteredPlugins {
    readonly people: People;
  }
}

registerPlugin(people);
