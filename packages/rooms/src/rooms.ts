import { createEventSource, createList, sdkError, type Host } from '@trunkline/core';
import { publicEvents, type ConversationPeer, type Room, type WireActivity } from '@trunkline/wire';
import { createReadStatus } from './read-status.js';
import type { RoomEvents, Rooms } from './types.js';

/** What callers see as `client.rooms`. */
export function createRooms(host: Host): Rooms {
  return {
    ...roomEvents(host),
    ...createReadStatus(host),

    async create(room, init) {
      const options = { method: 'POST', service: 'hydra', path: 'rooms', body: room } as const;
      return (await host.request<Room>({ ...init, ...options })).body;
    },
    async get(room, init) {
      return (await host.request<Room>({ ...init, service: 'hydra', path: pathOf(room) })).body;
    },
    list: (query, init) =>
      createList<Room>(host, { ...init, service: 'hydra', path: 'rooms', query: { ...query } }),
    async update(room, init) {
      const options = { method: 'PUT', service: 'hydra', path: pathOf(room), body: room } as const;
      return (await host.request<Room>({ ...init, ...options })).body;
    },
    async remove(room, init) {
      await host.request({ ...init, method: 'DELETE', service: 'hydra', path: pathOf(room) });
    },
  };
}

/** Activities come decrypted from the conversation engine when it is there, else as they travel. */
function roomEvents(host: Host) {
  return createEventSource<RoomEvents>(host, 'rooms', ({ emit }) => {
    const hear = (activity: WireActivity): void => {
      for (const { resource, event, data } of publicEvents(activity, host.clusterOf(activity.url)))
        if (resource === 'rooms') emit(event, data);
    };
    const conversation = host.peer('conversation') as ConversationPeer | undefined;
    if (conversation) return conversation.onActivity(hear);
    return host.onWire('conversation.activity', ({ activity }) => {
      hear(activity);
    });
  });
}

function pathOf(room: string | { readonly id: string }): string {
  const id = typeof room === 'string' ? room : room.id;
  if (!id) throw sdkError('ERR_ARGUMENT', 'a room id is needed; give the id, or a room that has one');
  return `rooms/${encodeURIComponent(id)}`;
}
