import { encodeId, type Room } from '@trunkline/wire';
import { iso, personId, roomId, roomTypeOf, teamId } from '../../kernel/http/fields.js';
import { text } from '../../kernel/http/untrusted.js';
import type { ConversationRecord } from '../../modules/conversation/api.js';
import type { Caller } from '../../modules/identity/api.js';
import type { Rest } from '../tools.js';

const isDirect = (room: ConversationRecord): boolean => roomTypeOf(room) === 'direct';

/** What a room is called: by its title; a direct one by the name of the other person. */
interface Words {
  readonly title: string | undefined;
  readonly description: string | undefined;
}

/** Rooms as REST shows them: people, keys and names are asked for once, however many rooms there are. */
export async function showRooms(
  rest: Rest,
  caller: Caller,
  rooms: readonly ConversationRecord[],
): Promise<readonly Room[]> {
  const [names, content] = await Promise.all([otherNames(rest, caller, rooms), contentOf(rest, rooms)]);
  return rooms.map((room, n) => {
    const { title, description } = content[n] ?? { title: undefined, description: undefined };
    return show(room, { title: isDirect(room) ? names.get(room.id) : title, description });
  });
}

/** A room as REST shows it. @source protocol/hydra-rest.md §2 */
export async function showRoom(rest: Rest, caller: Caller, room: ConversationRecord): Promise<Room> {
  const [names, [content]] = await Promise.all([otherNames(rest, caller, [room]), contentOf(rest, [room])]);
  const title = isDirect(room) ? names.get(room.id) : content?.title;
  return show(room, { title, description: content?.description });
}

/** Who the other one is, of each room of two. */
async function otherNames(
  { conversations, identity }: Rest,
  caller: Caller,
  rooms: readonly ConversationRecord[],
): Promise<ReadonlyMap<string, string>> {
  const direct = rooms.filter(isDirect).map(({ id }) => id);
  const people = await conversations.reads.firstPeople(direct, 2);
  const others = new Map<string, string>();
  for (const [id, two] of people) {
    const other = two.find(({ userId }) => userId !== caller.user.id);
    if (other !== undefined) others.set(id, other.userId);
  }
  const users = await identity.usersByIds([...new Set(others.values())]);
  return new Map(
    [...others].flatMap(([id, userId]) => {
      const user = users.get(userId);
      return user === undefined ? [] : [[id, user.display_name]];
    }),
  );
}

/** Titles and descriptions, in clear; undefined where there are none, or no one here can read them (any more). */
async function contentOf({ kms }: Rest, rooms: readonly ConversationRecord[]): Promise<readonly Words[]> {
  const sealed = rooms.flatMap(({ keyUrl, title, extra }) =>
    [title, text(extra['description'])].flatMap((jwe) =>
      jwe === null || jwe === undefined ? [] : [{ keyUrl, jwe }],
    ),
  );
  const clear = await kms.decryptAll(sealed);
  let at = 0;
  const next = (): string | undefined => clear[at++];
  return rooms.map(({ title, extra }) => ({
    title: title === null ? undefined : next(),
    description: text(extra['description']) === undefined ? undefined : next(),
  }));
}

function show(room: ConversationRecord, { title, description }: Words): Room {
  const { publicMs, tags } = room;
  return {
    id: roomId(room.id),
    ...(title === undefined
      ? room.title === null
        ? { title: 'Untitled' }
        : { titleEncrypted: true }
      : { title }),
    type: roomTypeOf(room),
    isLocked: tags.includes('LOCKED'),
    ...(room.teamId === null ? {} : { teamId: teamId(room.teamId) }),
    lastActivity: iso(room.lastActivityMs),
    creatorId: personId(room.creatorId),
    created: iso(room.createdMs),
    ownerId: encodeId('ORGANIZATION', room.orgId),
    isAnnouncementOnly: tags.includes('ANNOUNCEMENT'),
    isReadOnly: tags.includes('READ_ONLY'),
    isPublic: publicMs !== null,
    ...(publicMs === null ? {} : { madePublic: iso(publicMs) }),
    ...(description === undefined ? {} : { description }),
  };
}
