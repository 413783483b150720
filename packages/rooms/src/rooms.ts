import type { Host } from '@trunkline/core';
import {
  checkArguments,
  type ParameterRules,
  createEventSource,
  createResource,
  lateMethods,
} from '@trunkline/core/kit';
import { roomEvents, type Room, type WireActivity } from '@trunkline/wire';
import type { RoomEvents, Rooms } from './types.js';

/** What each call takes before `init`. */
const rules: ParameterRules<Rooms> = {
  getWithReadStatus: 'roomId:text',
  readStatusOf: 'conversation:object(id:text url:text tags:texts displayName?:string)',
  listWithReadStatus: 'maxRecent?:number',
};

/** What callers see as `client.rooms`. */
export function createRooms(host: Host): Rooms {
  const readStatus = host.late('readStatus', async () =>
    (await import('./read-status.js')).createReadStatus(host),
  );
  const { update, ...resource } = createResource<Room>(host, 'rooms');
  return checkArguments('rooms', rules, {
    ...createEvents(host),
    ...resource,
    ...lateMethods(readStatus, ['getWithReadStatus', 'listWithReadStatus', 'readStatusOf']),
    update: (room, init) => update(room, room, init),
  });
}

/** Activities come decrypted from the conversation engine when it is there, else as they travel. */
function createEvents(host: Host) {
  return createEventSource<RoomEvents>(host, 'rooms', ({ emit }) => {
    const hear = (activity: WireActivity): void => {
      for (const { event, data, actorId } of roomEvents(activity, host.clusterOf(activity.url)))
        emit(event, { ...data, actorId });
    };
    const conversation = host.peer('conversation');
    if (conversation) return conversation.onActivity(hear);
    return host.onWire('conversation.activity', ({ activity }) => {
      hear(activity);
    });
  });
}
