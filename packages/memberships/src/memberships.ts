import type { Host } from '@trunkline/core';
import {
  checkArguments,
  type ParameterRules,
  createEventSource,
  createResource,
  lateMethods,
  requireArgument,
} from '@trunkline/core/kit';
import { membershipEvents, type Membership, type WireActivity } from '@trunkline/wire';
import type { MembershipEvents, Memberships } from './types.js';

/** What each call takes before `init`. */
const rules: ParameterRules<Memberships> = {
  create: 'membership:object',
  listWithReadStatus: 'query:object(roomId:text)',
  updateLastSeen: 'message:object(id:text roomId:text)',
};

/** What callers see as `client.memberships`. */
export function createMemberships(host: Host): Memberships {
  const readStatus = host.late('readStatus', async () =>
    (await import('./read-status.js')).createReadStatus(host),
  );
  const { create, update, ...resource } = createResource<Membership>(host, 'memberships');
  return checkArguments('memberships', rules, {
    ...createEvents(host),
    ...resource,
    async create(membership, init) {
      const { roomId, personId, personEmail } = membership;
      requireArgument(
        roomId && !personId !== !personEmail,
        'memberships.create',
        'roomId and exactly one of personId and personEmail',
      );
      return create(membership, init);
    },
    ...lateMethods(readStatus, ['listWithReadStatus', 'updateLastSeen']),
    update: (membership, init) => update(membership, membership, init),
  });
}

/** Activities come decrypted from the conversation engine when it is there, else as they travel. */
function createEvents(host: Host) {
  return createEventSource<MembershipEvents>(host, 'memberships', ({ emit }) => {
    const hear = (activity: WireActivity): void => {
      for (const { event, data, actorId } of membershipEvents(activity, host.clusterOf(activity.url)))
        emit(event, { ...data, actorId });
    };
    const conversation = host.peer('conversation');
    if (conversation) return conversation.onActivity(hear);
    return host.onWire('conversation.activity', ({ activity }) => {
      hear(activity);
    });
  });
}
