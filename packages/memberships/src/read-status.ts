import { sdkError, type CallInit, type Host } from '@trunkline/core';
import { requireArgument } from '@trunkline/core/kit';
import {
  encodeId,
  membershipEvents,
  membershipOf,
  uuidOf,
  type Person,
  type WireActivity,
  type WireConversation,
  type WirePerson,
} from '@trunkline/wire';
import type { Memberships, MembershipWithReadStatus } from './types.js';

/** The two calls that the public REST service does not have: the conversation service answers them. */
export function createReadStatus(host: Host): Pick<Memberships, 'listWithReadStatus' | 'updateLastSeen'> {
  let asking: Promise<string> | undefined;
  /** uuid of the signed-in person; asked for once, again only after a failure */
  const myUuid = (): Promise<string> =>
    (asking ??= askMyUuid(host).catch((error: unknown) => {
      asking = undefined;
      throw error;
    }));

  return {
    async listWithReadStatus({ roomId }, init) {
      const uuid = uuidOf('ROOM', roomId);
      requireArgument(uuid, 'memberships.listWithReadStatus', 'the id of a room');
      const { body } = await host.request<WireConversation>({
        ...init,
        service: 'conversation',
        path: `conversations/${uuid}`,
        query: {
          uuidEntryFormat: true,
          personRefresh: true,
          includeConvWithDeletedUserUUID: false,
          participantAckFilter: 'all',
          activitiesLimit: 0,
        },
      });
      const hiddenFor = body.tags.includes('HIDDEN') ? await myUuid() : undefined;
      const cluster = host.clusterOf(body.url);
      const members = body.participants?.items ?? [];
      return { items: members.map((member) => toReadStatus(body, member, cluster, hiddenFor)) };
    },

    async updateLastSeen(message, init) {
      const roomUuid = uuidOf('ROOM', message.roomId);
      const messageUuid = uuidOf('MESSAGE', message.id);
      requireArgument(
        roomUuid && messageUuid,
        'memberships.updateLastSeen',
        'the id of a message and its roomId',
      );
      const conversation = host.peer('conversation');
      const activity = conversation
        ? await conversation.acknowledge(roomUuid, messageUuid, init)
        : await acknowledge(host, roomUuid, messageUuid, await myUuid(), init);
      const [seen] = membershipEvents(activity, host.clusterOf(activity.url));
      if (seen?.data.lastSeenId === undefined)
        throw sdkError('ERR_BAD_RESPONSE', 'the service answered no read receipt');
      return { ...seen.data, lastSeenId: seen.data.lastSeenId, isMonitor: false };
    },
  };
}

async function askMyUuid(host: Host): Promise<string> {
  const { body } = await host.request<Person>({ service: 'hydra', path: 'people/me' });
  const uuid = uuidOf('PEOPLE', body.id);
  if (uuid === undefined) throw sdkError('ERR_BAD_RESPONSE', 'the service answered no person');
  return uuid;
}

/** @source protocol/conversation.md §3 */
async function acknowledge(
  host: Host,
  roomUuid: string,
  messageUuid: string,
  personUuid: string,
  init?: CallInit,
): Promise<WireActivity> {
  const url = `${await host.serviceUrl('conversation', init)}/conversations/${roomUuid}`;
  const { body } = await host.request<WireActivity>({
    ...init,
    method: 'POST',
    service: 'conversation',
    path: `conversations/${roomUuid}/activities`,
    query: { personRefresh: true },
    idempotent: true, // reading twice is reading
    body: {
      objectType: 'activity',
      verb: 'acknowledge',
      actor: { objectType: 'person', id: personUuid, entryUUID: personUuid },
      object: { objectType: 'activity', id: messageUuid },
      target: { objectType: 'conversation', id: roomUuid, url },
    },
  });
  return body;
}

/** @source protocol/conversation.md §7 */
function toReadStatus(
  conversation: WireConversation,
  member: WirePerson & { readonly entryEmailAddress?: string },
  cluster: string,
  hiddenFor: string | undefined,
): MembershipWithReadStatus {
  const { entryUUID, entryEmailAddress, entryEmail, emailAddress, roomProperties } = member;
  const { isModerator, lastSeenActivityUUID, lastSeenActivityDate } = roomProperties ?? {};
  return {
    ...membershipOf(member, conversation, cluster),
    personEmail: entryEmailAddress ?? entryEmail ?? emailAddress ?? '',
    isMonitor: false,
    ...(isModerator !== undefined && { isModerator }),
    ...(entryUUID === hiddenFor && { isRoomHidden: true as const }),
    ...(lastSeenActivityUUID !== undefined && {
      lastSeenId: encodeId('MESSAGE', lastSeenActivityUUID, cluster),
    }),
    ...(lastSeenActivityDate !== undefined && { lastSeenDate: lastSeenActivityDate }),
  };
}
