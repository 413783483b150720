import type { WireConversation } from '@trunkline/wire';
import { official } from './http-error.js';
import type { RoomInfoObject, RoomsList } from './types.js';
import type { Webex } from './webex.js';

/** What `rooms.getWithReadStatus` says of a room, from a conversation that is at hand. */
export function buildRoomInfo(webex: Webex, conversation: WireConversation): Promise<RoomInfoObject> {
  return official(webex.linkage.get().client.rooms.readStatusOf(conversation));
}
/**
 * What `rooms.listWithReadStatus` says of rooms, newest activity first.
 *
 * @param maxRecent how many rooms at most; 0, the default, for all
 */
export async function buildRoomInfoList(
  webex: Webex,
  conversations: readonly WireConversation[] | { readonly items: readonly WireConversation[] },
  maxRecent = 0,
): Promise<RoomsList> {
  const given = 'items' in conversations ? conversations.items : conversations;
  const items = await Promise.all(given.map((conversation) => buildRoomInfo(webex, conversation)));
  items.sort((a, b) => (b.lastActivityDate ?? '').localeCompare(a.lastActivityDate ?? ''));
  return { items: maxRecent > 0 ? items.slice(0, maxRecent) : items };
}
