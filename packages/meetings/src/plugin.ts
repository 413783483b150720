import { definePlugin } from '@trunkline/core';
import { createMeetings, type Meetings } from './meetings.js';

/** Meetings and calls, as `client.meetings`. @example createClient({ token, plugins: [media(), meetings()] }) */
export const meetings = definePlugin({
  name: 'meetings',
  version: '0.1.0',
  setup: (host): Meetings => createMeetings(host),
});

declare module '@trunkline/wire' {
  interface Peers {
    readonly meetings: Meetings;
  }
}
