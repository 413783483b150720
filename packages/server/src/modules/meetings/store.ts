// The rows of scheduled meetings and personal rooms. Callers have checked who asks.
import type { Kysely } from 'kysely';
import { notFound } from '../../kernel/http/errors.js';
import type { Database } from '../../kernel/store/index.js';
import type { MeetingInviteesTable, MeetingLinksTable, MeetingPlacesTable } from './schema.js';

export type Tx = Kysely<Database>;
export type PlaceRow = MeetingPlacesTable;
export type InviteeRow = MeetingInviteesTable;

export const placeById = (tx: Tx, id: string): Promise<PlaceRow | undefined> =>
  tx.selectFrom('meeting_places').selectAll().where('id', '=', id).executeTakeFirst();
export const placeByNumber = (tx: Tx, number: string): Promise<PlaceRow | undefined> =>
  tx.selectFrom('meeting_places').selectAll().where('number', '=', number).executeTakeFirst();
/** A scheduled meeting of this person. @throws ApiError 404 where it is not theirs */
export async function ownScheduled(tx: Tx, id: string, ownerId: string): Promise<PlaceRow> {
  const row = await placeById(tx, id);
  if (row?.kind !== 'scheduled' || row.owner_id !== ownerId) throw notFound();
  return row;
}
export const personalRoomOf = (tx: Tx, ownerId: string): Promise<PlaceRow | undefined> =>
  tx
    .selectFrom('meeting_places')
    .selectAll()
    .where('owner_id', '=', ownerId)
    .where('kind', '=', 'personal')
    .executeTakeFirst();

export interface PlaceQuery {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly number?: string | undefined;
  readonly limit: number;
  readonly after?: { readonly startMs: number; readonly id: string } | undefined;
}
/** Scheduled meetings that a person owns or is invited to, in the order in which they start. */
export async function scheduledFor(
  tx: Tx,
  { id, email }: { readonly id: string; readonly email: string },
  query: PlaceQuery,
): Promise<readonly PlaceRow[]> {
  let select = tx
    .selectFrom('meeting_places')
    .selectAll()
    .where('kind', '=', 'scheduled')
    .where((where) =>
      where.or([
        where('owner_id', '=', id),
        where(
          'id',
          'in',
          where.selectFrom('meeting_invitees').select('place_id').where('email', '=', email.toLowerCase()),
        ),
      ]),
    );
  const { fromMs, toMs, number, after } = query;
  if (fromMs !== undefined) select = select.where('end_ms', '>=', fromMs);
  if (toMs !== undefined) select = select.where('start_ms', '<=', toMs);
  if (number !== undefined) select = select.where('number', '=', number);
  if (after !== undefined)
    select = select.where((where) =>
      where.or([
        where('start_ms', '>', after.startMs),
        where.and([where('start_ms', '=', after.startMs), where('id', '>', after.id)]),
      ]),
    );
  return select.orderBy('start_ms').orderBy('id').limit(query.limit).execute();
}

export const inviteesOf = (tx: Tx, placeId: string): Promise<readonly InviteeRow[]> =>
  tx
    .selectFrom('meeting_invitees')
    .selectAll()
    .where('place_id', '=', placeId)
    .orderBy('email')
    .limit(1_000)
    .execute();
export const inviteeOf = (tx: Tx, placeId: string, email: string): Promise<InviteeRow | undefined> =>
  tx
    .selectFrom('meeting_invitees')
    .selectAll()
    .where('place_id', '=', placeId)
    .where('email', '=', email.toLowerCase())
    .executeTakeFirst();
export const inviteeById = (tx: Tx, id: string): Promise<InviteeRow | undefined> =>
  tx.selectFrom('meeting_invitees').selectAll().where('id', '=', id).executeTakeFirst();

/** Puts people on the list; a user who is on it already keeps their place. */
export async function putInvitees(tx: Tx, rows: readonly InviteeRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx
    .insertInto('meeting_invitees')
    .values([...rows])
    .onConflict((conflict) => conflict.columns(['place_id', 'email']).doNothing())
    .execute();
}

export async function removeInvitees(tx: Tx, placeId: string): Promise<void> {
  await tx.deleteFrom('meeting_invitees').where('place_id', '=', placeId).execute();
}

export async function removePlace(tx: Tx, id: string): Promise<void> {
  await removeInvitees(tx, id);
  await tx.deleteFrom('meeting_places').where('id', '=', id).execute();
}

export const linkOf = (tx: Tx, conversationId: string): Promise<MeetingLinksTable | undefined> =>
  tx.selectFrom('meeting_links').selectAll().where('conversation_id', '=', conversationId).executeTakeFirst();
export const linkByNumber = (tx: Tx, number: string): Promise<MeetingLinksTable | undefined> =>
  tx.selectFrom('meeting_links').selectAll().where('number', '=', number).executeTakeFirst();
export async function putLink(tx: Tx, row: MeetingLinksTable): Promise<void> {
  await tx.insertInto('meeting_links').values(row).execute();
}
/** @returns whether there was one */
export async function removeLink(tx: Tx, conversationId: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('meeting_links')
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
