import { createEventSource, createResource, needs, type Host } from '@trunkline/core';
import { publicEvents, type ConversationPeer, type Membership, type WireActivity } from '@trunkline/wire';
import { createReadStatus } from './read-status.js';
import type { MembershipEvents, Memberships } from './types.js';

/** What callers see as `client.memberships`. */
export function createMemberships(host: Host): Memberships {
  const { create, update, ...resource } = createResource<Membership>(host, 'memberships');
  return {
    ...membershipEvents(host),
    ...createReadStatus(host),
    ...resource,
    async create(membership, init) {
      const { roomId, personId, personEmail } = membership;
      needs(
        roomId && !personId !== !personEmail,
        'memberships.create',
        'roomId and one of personId and personEmail',
      );
      return create(membership, init);
    },
    update: (membership, init) => update(membership, membership, init),
  };
}

/** Activities come decrypted from the conversation engine when it is there, else as they travel. */
function membershipEvents(host: Host) {
  return createEventSource<MembershipEvents>(host, 'memberships', ({ emit }) => {
    const hear = (activity: WireActivity): void => {
      for (const { resource, event, data } of publicEvents(activity, host.clusterOf(activity.url)))
        if (resource === 'memberships') emit(event, data);
    };
    const conversation = host.peer('conversation') as ConversationPeer | undefined;
    if (conversation) return conversation.onActivity(hear);
    return host.onWire('conversation.activity', ({ activity }) => {
      hear(activity);
    });
  });
}
