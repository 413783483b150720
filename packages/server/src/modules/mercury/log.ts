import { sql } from 'kysely';
import { prepared, preparedInsert, type Store, type Write } from '../../kernel/store/index.js';
import { wasMember } from '../audience/api.js';
import type { LogRow } from './frames.js';

const columns = ['pos', 'id', 'conversation_id', 'user_id', 'type', 'payload', 'created_ms'] as const;

/** Whether an event is for this person: their own, or of a conversation they are in at its position. */
const isFor = (userId: string) => sql<boolean>`(events.user_id = ${userId} or ${wasMember(userId)})`;

/** Position of the newest event. */
export async function headOf(db: Store['db']): Promise<number> {
  const { head } = await db
    .selectFrom('events')
    .select((query) => query.fn.max<number | null>('pos').as('head'))
    .executeTakeFirstOrThrow();
  return head ?? 0;
}

const inserted = preparedInsert(
  (
    db,
    id: string,
    conversationId: string | null,
    userId: string | null,
    type: string,
    payload: string,
    createdMs: number,
  ) =>
    db.insertInto('events').values({
      id,
      conversation_id: conversationId,
      user_id: userId,
      type,
      payload,
      created_ms: createdMs,
    }),
);
/** Its position. */
export const insertEvent = (tx: Write['tx'], event: Omit<LogRow, 'pos'>): Promise<number> =>
  inserted(tx, event.id, event.conversation_id, event.user_id, event.type, event.payload, event.created_ms);

const following = prepared((db, after: number, limit: number) =>
  db.selectFrom('events').select(columns).where('pos', '>', after).orderBy('pos').limit(limit),
);
/** The next events after a position, for all users. */
export const nextRows = (store: Store, after: number, limit: number): Promise<readonly LogRow[]> =>
  following(store.db, after, limit);

/** Of the events in (after, upTo], those for this person. */
export const rowsFor = (
  store: Store,
  userId: string,
  range: { readonly after: number; readonly upTo: number },
  limit: number,
): Promise<LogRow[]> =>
  store.db
    .selectFrom('events')
    .select(columns)
    .where('pos', '>', range.after)
    .where('pos', '<=', range.upTo)
    .where(isFor(userId))
    .orderBy('pos')
    .limit(limit)
    .execute();

export async function countFor(
  db: Store['db'],
  userId: string,
  range: { readonly after: number; readonly upTo: number },
): Promise<number> {
  const { count } = await db
    .selectFrom('events')
    .select((query) => query.fn.countAll<number>().as('count'))
    .where('pos', '>', range.after)
    .where('pos', '<=', range.upTo)
    .where(isFor(userId))
    .executeTakeFirstOrThrow();
  return count;
}

/**
 * Removes events older than the retention. What a device had not acknowledged of them is counted as lost to it, exactly,
 * in the same transaction. Returns whether there is more to remove.
 */
export async function pruneLog(store: Store, cutoffMs: number, most = 5000): Promise<boolean> {
  const old = await store.db
    .selectFrom('events')
    .select('pos')
    .where('created_ms', '<', cutoffMs)
    .orderBy('pos')
    .limit(most)
    .execute();
  const upTo = old.at(-1)?.pos;
  if (upTo === undefined) return false;
  await store.write(async ({ tx }) => {
    const behind = await tx
      .selectFrom('devices')
      .select(['id', 'user_id', 'acked_pos', 'lost'])
      .where('acked_pos', '<', upTo)
      .execute();
    for (const device of behind) {
      const lost = await countFor(tx, device.user_id, { after: device.acked_pos, upTo });
      await tx
        .updateTable('devices')
        .set({ acked_pos: upTo, lost: device.lost + lost })
        .where('id', '=', device.id)
        .execute();
    }
    await tx.deleteFrom('events').where('pos', '<=', upTo).execute();
  });
  return old.length === most;
}
