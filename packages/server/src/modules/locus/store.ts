// The rows of meetings. Callers have checked who asks.
import type { Kysely } from 'kysely';
import type { Database } from '../../kernel/store/index.js';
import { hasEnded, type Meeting } from './model.js';

export type Tx = Kysely<Database>;

const read = (row: { readonly document: string } | undefined): Meeting | undefined =>
  row === undefined ? undefined : (JSON.parse(row.document) as Meeting);

export const findMeeting = async (tx: Tx, id: string): Promise<Meeting | undefined> =>
  read(await tx.selectFrom('loci').select('document').where('id', '=', id).executeTakeFirst());

/** The one that is held now in a scheduled meeting, a personal room or a room. */
export async function findHeld(
  tx: Tx,
  where: { readonly scheduledId: string } | { readonly conversationId: string },
): Promise<Meeting | undefined> {
  const query = tx.selectFrom('loci').select('document').where('ended', '=', 0);
  return read(
    await (
      'scheduledId' in where
        ? query.where('scheduled_id', '=', where.scheduledId)
        : query.where('conversation_id', '=', where.conversationId)
    ).executeTakeFirst(),
  );
}

export async function meetingsOf(tx: Tx, userId: string): Promise<readonly Meeting[]> {
  const rows = await tx
    .selectFrom('locus_people')
    .innerJoin('loci', 'loci.id', 'locus_people.locus_id')
    .select('loci.document')
    .where('locus_people.user_id', '=', userId)
    .where('loci.ended', '=', 0)
    .limit(100)
    .execute();
  return rows.map(({ document }) => JSON.parse(document) as Meeting);
}

export const heldMeetings = async (tx: Tx): Promise<readonly Meeting[]> =>
  (await tx.selectFrom('loci').select('document').where('ended', '=', 0).execute()).map(
    ({ document }) => JSON.parse(document) as Meeting,
  );

export async function putMeeting(tx: Tx, meeting: Meeting, before: Meeting | undefined): Promise<void> {
  const row = {
    scheduled_id: meeting.scheduledId ?? null,
    conversation_id: meeting.conversationId ?? null,
    ended: hasEnded(meeting) ? 1 : 0,
    updated_ms: meeting.activeMs,
    document: JSON.stringify(meeting),
  };
  if (before === undefined)
    await tx
      .insertInto('loci')
      .values({ id: meeting.id, ...row })
      .execute();
  else await tx.updateTable('loci').set(row).where('id', '=', meeting.id).execute();
  const known = new Set(before?.participants.map(({ userId }) => userId));
  const fresh = meeting.participants.flatMap(({ userId }) =>
    userId === undefined || known.has(userId) ? [] : [{ locus_id: meeting.id, user_id: userId }],
  );
  if (fresh.length > 0)
    await tx
      .insertInto('locus_people')
      .values(fresh)
      .onConflict((conflict) => conflict.columns(['locus_id', 'user_id']).doNothing())
      .execute();
}

/** Ended meetings are kept for a while: late requests get their end, not a 404. */
export async function removeEnded(tx: Tx, beforeMs: number): Promise<void> {
  const old = tx.selectFrom('loci').select('id').where('ended', '=', 1).where('updated_ms', '<', beforeMs);
  await tx.deleteFrom('locus_people').where('locus_id', 'in', old).execute();
  await tx.deleteFrom('loci').where('ended', '=', 1).where('updated_ms', '<', beforeMs).execute();
}
