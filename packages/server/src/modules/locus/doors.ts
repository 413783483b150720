// From an address to a place, or a person to call, and to the rights of who comes.
import { notFound } from '../../kernel/http/errors.js';
import { fields, text } from '../../kernel/http/untrusted.js';
import { type Conversations, isGuest, visiblePeople } from '../conversation/api.js';
import type { Caller, Identity, User } from '../identity/api.js';
import type { Entry, MeetingPlace, MeetingsApi } from '../meetings/api.js';
import type { NewMeeting } from './live.js';
import type { Meeting } from './model.js';
import type { Arrival, Invitee } from './rules/joining.js';

/** What an address stands for. */
export type Destination =
  { readonly kind: 'place'; readonly place: MeetingPlace } | { readonly kind: 'person'; readonly user: User };

/** Phone numbers, formatting included. */
const phonePattern = /^(?:tel:)?\+?[\d\s().*#,-]{3,40}$/;

export interface Doors {
  /** @throws ApiError 404 where no one and nothing has this address */
  resolve(caller: Caller, address: string): Promise<Destination>;
  /** Who may come in, and how. @throws ApiError 403, 404, 423 */
  enter(place: MeetingPlace, caller: Caller, body: unknown): Promise<Entry>;
  /** The scheduled meeting or personal room that is held; undefined for calls and meetings of a room. */
  placeOf(meeting: Meeting): Promise<MeetingPlace | undefined>;
  /** A person or a phone to call. @throws ApiError 404 */
  invitee(caller: Caller, address: string): Promise<Invitee>;
  isHostKey(meeting: Meeting, key: unknown): Promise<boolean>;
}

export const newMeetingAt = (place: MeetingPlace): NewMeeting => ({
  type: 'MEETING',
  orgId: place.orgId,
  title: place.title,
  isPersonalRoom: place.isPersonalRoom,
  sipAddress: place.sipAddress,
  ...(place.scheduledId !== undefined && { scheduledId: place.scheduledId }),
  ...(place.conversationId !== undefined && { conversationId: place.conversationId }),
  ...(place.hostUserId !== undefined && { hostUserId: place.hostUserId }),
  ...(place.number !== undefined && { number: place.number }),
});

/** The user who comes, with a device. */
export const arrivalOf = (
  { user }: Caller,
  body: unknown,
  deviceKey: string,
  { isHost, mustWait }: Entry,
): Arrival => {
  const { device, correlationId, alias } = fields(body);
  const name = text(alias)?.trim().slice(0, 128);
  return {
    userId: user.id,
    name: name === undefined || name === '' ? user.display_name : name,
    email: user.email,
    orgId: user.org_id,
    isGuest: isGuest(user),
    device: {
      key: deviceKey,
      deviceType: text(fields(device)['deviceType'])?.slice(0, 40) ?? 'WEB',
      correlationId: text(correlationId)?.slice(0, 80) ?? '',
    },
    isHost,
    mustWait,
  };
};

export function createDoors(
  identity: Pick<Identity, 'userByEmail'>,
  conversations: Pick<Conversations, 'reads'>,
  meetings: MeetingsApi,
): Doors {
  /** Guests find only people whom they know. */
  const personAt = async ({ user: caller }: Caller, address: string): Promise<User | undefined> => {
    const email = address.replace(/^sips?:/i, '').toLowerCase();
    const user = email.includes('@') ? await identity.userByEmail(email) : undefined;
    if (user === undefined) return undefined;
    return (await visiblePeople(conversations.reads, caller, [user.id])).has(user.id) ? user : undefined;
  };
  const placeOf: Doors['placeOf'] = async ({ scheduledId }) =>
    scheduledId === undefined ? undefined : meetings.byScheduledId(scheduledId);
  return {
    placeOf,
    resolve: async (caller, address) => {
      const place = await meetings.find(address);
      if (place !== undefined) return { kind: 'place', place };
      const user = await personAt(caller, address);
      if (user === undefined) throw notFound('No one and no meeting has this address.');
      return { kind: 'person', user };
    },
    enter: (place, { user }, body) => {
      const { permissionToken, pin } = fields(body);
      return meetings.enter(place, {
        userId: user.id,
        orgId: user.org_id,
        isGuest: isGuest(user),
        ...(typeof permissionToken === 'string' && { permissionToken }),
        ...(typeof pin === 'string' && { pin }),
      });
    },
    invitee: async (caller, address) => {
      const user = await personAt(caller, address);
      if (user !== undefined)
        return {
          userId: user.id,
          name: user.display_name,
          email: user.email,
          orgId: user.org_id,
          address,
        };
      if (!phonePattern.test(address)) throw notFound('No one has this address.');
      return { name: address, address };
    },
    isHostKey: async (meeting, key) => {
      const place = await placeOf(meeting);
      return place !== undefined && meetings.isHostKey(place, key);
    },
  };
}
