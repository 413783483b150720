import type { CallInit, Host } from '@trunkline/core';
import { requireArgument } from '@trunkline/core/kit';
import { encodeId, joseHeader, uuidOf, type WireConversation } from '@trunkline/wire';
import type { Rooms, RoomWithReadStatus } from './types.js';

const recentMs = 14 * 24 * 60 * 60 * 1000;
const never = '1970-01-01T00:00:00.000Z';

/** The two calls that the public REST service does not have: the conversation service answers them. */
export function createReadStatus(
  host: Host,
): Pick<Rooms, 'getWithReadStatus' | 'listWithReadStatus' | 'readStatusOf'> {
  return {
    readStatusOf: (conversation, init) => toReadStatus(host, conversation, init),
    async getWithReadStatus(roomId, init) {
      const uuid = uuidOf('ROOM', roomId);
      requireArgument(uuid, 'rooms.getWithReadStatus', 'the id of a room');
      const { body } = await host.request<WireConversation>({
        ...init,
        service: 'conversation',
        path: `conversations/${uuid}`,
        query: {
          uuidEntryFormat: true,
          personRefresh: true,
          activitiesLimit: 0,
          includeConvWithDeletedUserUUID: false,
          includeParticipants: false,
          computeTitleIfEmpty: true,
        },
      });
      return toReadStatus(host, body, init);
    },

    async listWithReadStatus(maxRecent = 0, init) {
      const isCount = Number.isInteger(maxRecent) && maxRecent >= 0;
      requireArgument(
        isCount,
        'rooms.listWithReadStatus',
        'a number of rooms: 0 for all, or a positive integer',
      );
      const query = {
        personRefresh: true,
        uuidEntryFormat: true,
        activitiesLimit: 0,
        participantsLimit: 0,
        computeTitleIfEmpty: true,
        conversationsLimit: maxRecent || 1000,
        isActive: true,
        ...(maxRecent > 0 && { sinceDate: host.clock.now() - recentMs }),
      };
      type Found = {
        readonly items?: readonly WireConversation[];
        readonly additionalUrls?: readonly string[];
      };
      const { body } = await host.request<Found>({
        ...init,
        service: 'conversation',
        path: 'conversations',
        query,
      });
      // a person's rooms may be spread over clusters, each with a conversation service of its own
      const others = await Promise.all(
        (body.additionalUrls ?? []).map((url) =>
          host.request<Found>({ ...init, url: `${url}/conversations`, query }),
        ),
      );
      const found = [body, ...others.map((other) => other.body)].flatMap(({ items = [] }) => items);
      const items = await Promise.all(found.map((conversation) => toReadStatus(host, conversation, init)));
      items.sort((a, b) => (b.lastActivityDate ?? '').localeCompare(a.lastActivityDate ?? ''));
      return { items: maxRecent > 0 ? items.slice(0, maxRecent) : items };
    },
  };
}

/** A room with its read status, from its conversation. @source protocol/conversation.md §7 */
async function toReadStatus(
  host: Host,
  conversation: WireConversation,
  init: CallInit = {},
): Promise<RoomWithReadStatus> {
  const { id, url, tags, lastReadableActivityDate, lastRelevantActivityDate, lastSeenActivityDate } =
    conversation;
  const lastActivityDate = lastReadableActivityDate ?? lastRelevantActivityDate;
  return {
    id: encodeId('ROOM', id, host.clusterOf(url)),
    type: tags.includes('ONE_ON_ONE') ? 'direct' : 'group',
    ...(await readableTitle(host, conversation, init)),
    ...(lastActivityDate !== undefined && { lastActivityDate }),
    lastSeenActivityDate: lastSeenActivityDate ?? never,
  };
}

async function readableTitle(
  host: Host,
  { displayName, computedTitle, encryptionKeyUrl }: WireConversation,
  init: CallInit,
): Promise<Pick<RoomWithReadStatus, 'title' | 'titleEncrypted'>> {
  const title = displayName ?? computedTitle;
  if (title === undefined) return {};
  if (joseHeader(title)?.parts !== 5) return { title };
  const encryption = host.peer('encryption');
  if (encryption === undefined || encryptionKeyUrl === undefined) return { titleEncrypted: true };
  try {
    return { title: await encryption.decryptText(encryptionKeyUrl, title, init) };
  } catch (error) {
    init.signal?.throwIfAborted();
    // one lost key must not take the whole list away
    host.log.warn({ error }, 'a room title could not be decrypted');
    return { titleEncrypted: true };
  }
}
