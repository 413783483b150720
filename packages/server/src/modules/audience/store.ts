// Reads of the participants table; the conversation module writes it.
import { type RawBuilder, sql } from 'kysely';
import { prepared, type Store } from '../../kernel/store/index.js';

const none: readonly string[] = [];

export async function membersAt(
  db: Store['db'],
  conversationId: string,
  pos: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await db
    .selectFrom('participants')
    .select(['user_id', 'tags'])
    .where('conversation_id', '=', conversationId)
    .where('joined_pos', '<=', pos)
    .where((where) => where.or([where('left_pos', 'is', null), where('left_pos', '>=', pos)]))
    .execute();
  return new Map(
    rows.map((row) => [row.user_id, row.tags === '[]' ? none : (JSON.parse(row.tags) as string[])]),
  );
}

const current = prepared(
  (db, conversationId: string, userId: string) =>
    db
      .selectFrom('participants')
      .select('user_id')
      .where('conversation_id', '=', conversationId)
      .where('user_id', '=', userId)
      .where('left_pos', 'is', null)
      .limit(1),
  { first: true },
);
export const isMember = async (db: Store['db'], conversationId: string, userId: string): Promise<boolean> =>
  (await current(db, conversationId, userId)).length > 0;

export async function isMemberByResource(
  db: Store['db'],
  kroUrl: string,
  userId: string,
): Promise<boolean | undefined> {
  const row = await db
    .selectFrom('conversations')
    .select('id')
    .where('kro_url', '=', kroUrl)
    .executeTakeFirst();
  return row && isMember(db, row.id, userId);
}

/** SQL: whether this user was in the conversation of an event, at the event's position. */
export const wasMember = (userId: string): RawBuilder<boolean> => sql<boolean>`exists (
  select 1 from participants p where p.conversation_id = events.conversation_id and p.user_id = ${userId}
  and p.joined_pos <= events.pos and (p.left_pos is null or p.left_pos >= events.pos))`;
