import { createEventSource, createList, sdkError, type Host } from '@trunkline/core';
import { publicEvents, type ConversationPeer, type Membership, type WireActivity } from '@trunkline/wire';
import { createReadStatus } from './read-status.js';
import type { MembershipEvents, Memberships } from './types.js';

/** What callers see as `client.memberships`. */
export function createMemberships(host: Host): Memberships {
  return {
    ...membershipEvents(host),
    ...createReadStatus(host),

    async create(membership, init) {
      const { roomId, personId, personEmail } = membership;
      if (!roomId || Boolean(personId) === Boolean(personEmail))
        throw sdkError(
          'ERR_ARGUMENT',
          'a membership needs roomId and exactly one of personId and personEmail',
        );
      const options = { method: 'POST', service: 'hydra', path: 'memberships', body: membership } as const;
      return (await host.request<Membership>({ ...init, ...options })).body;
    },
    async get(membership, init) {
      return (await host.request<Membership>({ ...init, service: 'hydra', path: pathOf(membership) })).body;
    },
    list: (query, init) =>
      createList<Membership>(host, { ...init, service: 'hydra', path: 'memberships', query: { ...query } }),
    async update(membership, init) {
      const options = {
        method: 'PUT',
        service: 'hydra',
        path: pathOf(membership),
        body: membership,
      } as const;
      return (await host.request<Membership>({ ...init, ...options })).body;
    },
    async remove(membership, init) {
      await host.request({ ...init, method: 'DELETE', service: 'hydra', path: pathOf(membership) });
    },
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

function pathOf(membership: string | { readonly id: string }): string {
  const id = typeof membership === 'string' ? membership : membership.id;
  if (!id)
    throw sdkError('ERR_ARGUMENT', 'a membership id is needed; give the id, or a membership that has one');
  return `memberships/${encodeURIComponent(id)}`;
}
