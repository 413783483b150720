import { definePlugin } from '@trunkline/core';
import { createPeople } from './people.js';
import type { People, PeoplePluginOptions } from './types.js';

/** People, as `client.people`. @example createClient({ token, plugins: [people()] }) */
export const people = definePlugin({
  name: 'people',
  version: '0.1.0',
  setup: (host, options?: PeoplePluginOptions): People => createPeople(host, options),
});

declare module '@trunkline/wire' {
  interface Peers {
    readonly people: People;
  }
}
