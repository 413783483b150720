// Where meetings are held: addresses, and the secrets of a place.
import { isUuid } from '@trunkline/wire';
import { randomInt, randomUUID } from 'node:crypto';
import type { Kernel } from '../../kernel/kernel.js';
import { isSameToken } from '../../kernel/http/access.js';
import type { Urls } from '../../kernel/http/urls.js';
import type { Conversations } from '../conversation/api.js';
import type { User } from '../identity/api.js';
import type { MeetingPlace } from './api.js';
import { linkByNumber, linkOf, personalRoomOf, placeByNumber, type PlaceRow, type Tx } from './store.js';

/** Of all addresses; two labels, so that clients do not take it for a host to ask. */
export const sipDomain = 'meet.trunkline';
const roomPrefix = 'room-';

/** What an address says, without looking whether it exists. */
export type Address =
  | { readonly kind: 'number'; readonly number: string }
  | { readonly kind: 'room'; readonly conversationId: string };

const linkPath = /\/m\/(\d{6,15})\/?$/;
const conversationPath = /\/conversations\/([0-9a-f-]{36})\/?$/;

/** Reads a meeting link, number, `wbxmn:NUMBER`, SIP address or conversation URL; undefined for anything else. */
export function readAddress(given: string): Address | undefined {
  const text = given.trim();
  if (URL.canParse(text)) {
    const { pathname, protocol } = new URL(text);
    if (protocol === 'http:' || protocol === 'https:') {
      const number = linkPath.exec(pathname)?.[1];
      if (number !== undefined) return { kind: 'number', number };
      const conversationId = conversationPath.exec(pathname)?.[1];
      return conversationId === undefined ? undefined : { kind: 'room', conversationId };
    }
  }
  const address = text.replace(/^(?:sips?|wbxmn):/i, '').toLowerCase();
  const [user = '', domain, ...rest] = address.split('@');
  if (rest.length > 0 || (domain !== undefined && domain !== sipDomain)) return undefined;
  if (user.startsWith(roomPrefix) && isUuid(user.slice(roomPrefix.length)))
    return { kind: 'room', conversationId: user.slice(roomPrefix.length) };
  const number = user.replace(/[\s-]/g, '');
  return /^\d{6,15}$/.test(number) ? { kind: 'number', number } : undefined;
}

export const sipAddressOf = (place: Pick<MeetingPlace, 'number' | 'conversationId'>): string =>
  place.conversationId === undefined
    ? `${place.number ?? ''}@${sipDomain}`
    : `${roomPrefix}${place.conversationId}@${sipDomain}`;

/** The page of a meeting; clients recognise it by `MTID`. */
export const meetingLink = ({ base }: Pick<Urls, 'base'>, number: string): string =>
  `${base}/m/${number}?MTID=m${number}`;

export const placeOf = (row: PlaceRow): MeetingPlace => ({
  kind: row.kind,
  scheduledId: row.id,
  title: row.title,
  orgId: row.org_id,
  hostUserId: row.owner_id,
  number: row.number,
  sipAddress: sipAddressOf({ number: row.number }),
  isPersonalRoom: row.kind === 'personal',
  ...(row.start_ms !== null && { startsMs: row.start_ms }),
  ...(row.end_ms !== null && { endsMs: row.end_ms }),
});

/** A secret of ten digits or less, without a bias. */
const digits = (length: number): string => Array.from({ length }, () => String(randomInt(10))).join('');

/** The secrets of places, wrapped by the master key and tied to their row. */
export interface Secrets {
  wrap(id: string, field: 'password' | 'host_key', secret: string): Buffer;
  password(row: PlaceRow): string | undefined;
  hostKey(row: PlaceRow): string;
  isPassword(row: PlaceRow, given: string | undefined): boolean;
  isHostKey(row: PlaceRow, given: unknown): boolean;
}

export function createSecrets({ vault }: Pick<Kernel, 'vault'>): Secrets {
  const nameOf = (id: string, field: string): string => `meeting/${id}/${field}`;
  const unwrap = (row: PlaceRow, field: 'password' | 'host_key'): string | undefined => {
    const wrapped = row[field];
    return wrapped === null ? undefined : vault.unwrap(nameOf(row.id, field), wrapped).toString('utf8');
  };
  const secrets: Secrets = {
    wrap: (id, field, secret) => vault.wrap(nameOf(id, field), Buffer.from(secret)),
    password: (row) => unwrap(row, 'password'),
    hostKey: (row) => unwrap(row, 'host_key') ?? '',
    isPassword: (row, given) => {
      const right = unwrap(row, 'password');
      return right === undefined || isSameToken(given, right);
    },
    isHostKey: (row, given) => typeof given === 'string' && isSameToken(given, secrets.hostKey(row)),
  };
  return secrets;
}

export type NewPlace = Pick<PlaceRow, 'kind' | 'org_id' | 'owner_id' | 'title'> &
  Partial<Pick<PlaceRow, 'start_ms' | 'end_ms' | 'timezone' | 'agenda'>> & {
    readonly password?: string | undefined;
  };

/** A meeting number that is not in use. */
export async function newNumber(tx: Tx): Promise<string> {
  for (;;) {
    const number = `2${digits(9)}`;
    const used = (await placeByNumber(tx, number)) ?? (await linkByNumber(tx, number));
    if (used === undefined) return number;
  }
}

/** Stores a place, with a number that no other one has. */
export async function createPlace(
  tx: Tx,
  secrets: Secrets,
  { password, ...place }: NewPlace,
  nowMs: number,
): Promise<PlaceRow> {
  const id = randomUUID();
  const number = await newNumber(tx);
  const row: PlaceRow = {
    start_ms: null,
    end_ms: null,
    timezone: 'UTC',
    agenda: null,
    ...place,
    id,
    number,
    password: password === undefined ? null : secrets.wrap(id, 'password', password),
    host_key: secrets.wrap(id, 'host_key', digits(6)),
    created_ms: nowMs,
  };
  await tx.insertInto('meeting_places').values(row).execute();
  return row;
}

/** A person's own room, made when it is first asked for. */
export async function personalRoom(
  { store, now }: Pick<Kernel, 'store' | 'now'>,
  secrets: Secrets,
  user: Pick<User, 'id' | 'org_id' | 'display_name'>,
): Promise<PlaceRow> {
  const known = await personalRoomOf(store.db, user.id);
  if (known !== undefined) return known;
  return store.write(
    async ({ tx }) =>
      (await personalRoomOf(tx, user.id)) ??
      createPlace(
        tx,
        secrets,
        {
          kind: 'personal',
          org_id: user.org_id,
          owner_id: user.id,
          title: `${user.display_name}'s personal room`,
        },
        now(),
      ),
  );
}

/** The meeting of a room of the messaging side. Its title is ciphertext there, so it has none of its own. */
export async function roomPlace(
  tx: Tx,
  conversations: Pick<Conversations, 'reads'>,
  conversationId: string,
): Promise<MeetingPlace | undefined> {
  const conversation = await conversations.reads.conversation(conversationId);
  if (conversation === undefined) return undefined;
  const link = await linkOf(tx, conversationId);
  return {
    kind: 'room',
    conversationId,
    title: 'Meeting',
    orgId: conversation.orgId,
    sipAddress: sipAddressOf({ conversationId }),
    ...(link && { number: link.number }),
    isPersonalRoom: false,
  };
}
