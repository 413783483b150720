// From what a client asks for to a place that the caller may know of.
import { decodeId } from '@trunkline/wire';
import { uuidOfCompactId } from '../../kernel/http/fields.js';
import { fields, text } from '../../kernel/http/untrusted.js';
import type { Kernel } from '../../kernel/kernel.js';
import { type Conversations, isGuest, visiblePeople } from '../conversation/api.js';
import type { Caller, Identity } from '../identity/api.js';
import type { MeetingPlace } from './api.js';
import { personalRoom, placeOf, readAddress, roomPlace, type Secrets } from './places.js';
import { linkByNumber, placeById, placeByNumber, type PlaceRow } from './store.js';

/** A scheduled meeting or personal room with its row, or the meeting of a room. */
export type Found =
  | { readonly place: MeetingPlace; readonly row: PlaceRow }
  | { readonly place: MeetingPlace; readonly row?: never };

export interface Finder {
  /** By link, number, SIP address or conversation URL; it is not checked who may know of it. */
  at(address: string): Promise<Found | undefined>;
  /** The same; meetings of rooms are only for members. */
  visibleAt(caller: Caller, address: string): Promise<Found | undefined>;
  /** A person's own room, by uuid, public id or email. Guests find only people whom they know, and have none. */
  personal(caller: Caller, who: string): Promise<Found | undefined>;
  /** By what the body of a request for meeting info names. */
  inBody(caller: Caller, body: unknown): Promise<Found | undefined>;
}

export function createFinder(
  kernel: Kernel,
  identity: Pick<Identity, 'userById' | 'userByEmail'>,
  conversations: Pick<Conversations, 'reads'>,
  secrets: Secrets,
): Finder {
  const { db } = kernel.store;
  const ofRow = (row: PlaceRow | undefined): Found | undefined => row && { row, place: placeOf(row) };
  const ofRoom = async (conversationId: string): Promise<Found | undefined> => {
    const place = await roomPlace(db, conversations, conversationId);
    return place && { place };
  };

  const finder: Finder = {
    at: async (address) => {
      const read = readAddress(address);
      if (read === undefined) return undefined;
      if (read.kind === 'room') return ofRoom(read.conversationId);
      const link = await linkByNumber(db, read.number);
      return link === undefined ? ofRow(await placeByNumber(db, read.number)) : ofRoom(link.conversation_id);
    },
    visibleAt: async ({ user }, address) => {
      const found = await finder.at(address);
      const { conversationId } = found?.place ?? {};
      if (conversationId === undefined) return found;
      const membership = await conversations.reads.membership(conversationId, user.id);
      return membership === undefined ? undefined : found;
    },
    personal: async ({ user: caller }, who) => {
      const user = who.includes('@')
        ? await identity.userByEmail(who.toLowerCase())
        : await identity.userById(decodeId(who)?.local ?? who);
      if (user === undefined || isGuest(user)) return undefined;
      const isVisible = (await visiblePeople(conversations.reads, caller, [user.id])).has(user.id);
      return isVisible ? ofRow(await personalRoom(kernel, secrets, user)) : undefined;
    },
    inBody: async (caller, body) => {
      const { meetingKey, sipUrl, meetingUrl, conversationUrl, meetingUUID, userId } = fields(body);
      for (const value of [meetingKey, sipUrl, meetingUrl, conversationUrl]) {
        const address = text(value);
        if (address !== undefined) return finder.visibleAt(caller, address);
      }
      const id = uuidOfCompactId(text(meetingUUID));
      if (id !== undefined) return ofRow(await placeById(db, id));
      const who = text(userId);
      return who === undefined ? undefined : finder.personal(caller, who);
    },
  };
  return finder;
}
