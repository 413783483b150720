// Who may come in, and how.
import { ApiError, notFound } from '../../kernel/http/errors.js';
import type { Conversations } from '../conversation/api.js';
import type { Identity } from '../identity/api.js';
import type { Entrant, Entry, MeetingPlace } from './api.js';
import type { Permissions } from './permission.js';
import type { Secrets } from './places.js';
import { inviteeOf, placeById, type PlaceRow, type Tx } from './store.js';

export interface EntryParts {
  readonly db: Tx;
  readonly conversations: Pick<Conversations, 'reads'>;
  readonly identity: Pick<Identity, 'userById'>;
  readonly secrets: Secrets;
  readonly permissions: Permissions;
  readonly now: () => number;
}

const passwordRequired = (): ApiError =>
  new ApiError(403, 'The meeting needs its password: ask for the meeting info with it first.', {
    errorCode: 403004,
  });
const wrongPin = (): ApiError =>
  new ApiError(423, 'The PIN is not the host key of this meeting.', { errorCode: 2423006 });

/** Whether the person needs no password: it is theirs, or they are invited. */
export async function isExpected(
  { db, identity }: Pick<EntryParts, 'db' | 'identity'>,
  row: PlaceRow,
  userId: string,
): Promise<boolean> {
  if (row.owner_id === userId) return true;
  const user = await identity.userById(userId);
  return user !== undefined && (await inviteeOf(db, row.id, user.email)) !== undefined;
}

export async function enter(parts: EntryParts, place: MeetingPlace, who: Entrant): Promise<Entry> {
  const { db, conversations, identity, secrets, permissions } = parts;
  if (place.conversationId !== undefined) {
    // no one else learns that it exists
    if ((await conversations.reads.membership(place.conversationId, who.userId)) === undefined)
      throw notFound('No one and no meeting has this address.');
    return { isHost: false, mustWait: false };
  }
  const row = await placeById(db, place.scheduledId ?? '');
  if (row === undefined) throw notFound('No one and no meeting has this address.');
  const isOwner = row.owner_id === who.userId;
  if (who.pin !== undefined && who.pin !== '' && !isOwner) {
    if (who.isGuest || !secrets.isHostKey(row, who.pin)) throw wrongPin();
    return { isHost: true, mustWait: false };
  }
  if (isOwner) return { isHost: true, mustWait: false };
  const user = await identity.userById(who.userId);
  const invitee = user && (await inviteeOf(db, row.id, user.email));
  const needsPassword = row.password !== null && invitee === undefined;
  if (needsPassword && !permissions.isGood(who.permissionToken, who.userId, row.id, parts.now()))
    throw passwordRequired();
  const isForeign = who.isGuest || who.orgId !== row.org_id;
  return { isHost: invitee?.co_host === 1, mustWait: isForeign && invitee === undefined };
}
