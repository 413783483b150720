import type { WireObject } from '@trunkline/wire';
import { prepared } from '../../kernel/store/index.js';
import type { StoredActivity } from './api.js';
import type { ActivitiesTable } from './schema.js';
import type { Tx } from './store.js';

/** Compares by time; `seq` decides within a millisecond of one conversation. */
export const byTime = (one: StoredActivity, other: StoredActivity): number =>
  one.publishedMs - other.publishedMs || one.seq - other.seq;

export const activityOf = (row: ActivitiesTable): StoredActivity => ({
  id: row.id,
  conversationId: row.conversation_id,
  seq: row.seq,
  verb: row.verb,
  actorId: row.actor_id,
  publishedMs: row.published_ms,
  parent: row.parent_id === null ? undefined : { id: row.parent_id, type: row.parent_type ?? 'reply' },
  clientTempId: row.client_temp_id,
  keyUrl: row.key_url,
  object: JSON.parse(row.object) as WireObject,
  deletedMs: row.deleted_ms,
});

const activityInserted = prepared(
  (
    db,
    id: string,
    conversationId: string,
    seq: number,
    verb: string,
    actorId: string,
    publishedMs: number,
    parentId: string | null,
    parentType: string | null,
    clientTempId: string | null,
    keyUrl: string | null,
    object: string,
  ) =>
    db.insertInto('activities').values({
      id,
      conversation_id: conversationId,
      seq,
      verb,
      actor_id: actorId,
      published_ms: publishedMs,
      parent_id: parentId,
      parent_type: parentType,
      client_temp_id: clientTempId,
      key_url: keyUrl,
      object,
      deleted_ms: null,
    }),
);
export async function insertActivity(tx: Tx, activity: StoredActivity): Promise<void> {
  await activityInserted(
    tx,
    activity.id,
    activity.conversationId,
    activity.seq,
    activity.verb,
    activity.actorId,
    activity.publishedMs,
    activity.parent?.id ?? null,
    activity.parent?.type ?? null,
    activity.clientTempId,
    activity.keyUrl,
    JSON.stringify(activity.object),
  );
}
export const findActivity = async (tx: Tx, id: string): Promise<StoredActivity | undefined> => {
  const row = await tx.selectFrom('activities').selectAll().where('id', '=', id).executeTakeFirst();
  return row && activityOf(row);
};
const activityByTempId = prepared(
  (db, id: string, actorId: string, clientTempId: string) =>
    db
      .selectFrom('activities')
      .selectAll()
      .where('conversation_id', '=', id)
      .where('actor_id', '=', actorId)
      .where('client_temp_id', '=', clientTempId),
  { first: true },
);
export const findByTempId = async (
  tx: Tx,
  id: string,
  actorId: string,
  clientTempId: string,
): Promise<StoredActivity | undefined> => {
  const [row] = await activityByTempId(tx, id, actorId, clientTempId);
  return row && activityOf(row);
};
const editIds = prepared((db, id: string) =>
  db.selectFrom('activities').select('id').where('parent_id', '=', id).where('parent_type', '=', 'edit'),
);
export const editsOf = async (tx: Tx, id: string): Promise<readonly string[]> =>
  (await editIds(tx, id)).map((row) => row.id);

const newestEdit = prepared(
  (db, id: string) =>
    db
      .selectFrom('activities')
      .selectAll()
      .where('parent_id', '=', id)
      .where('parent_type', '=', 'edit')
      .orderBy('seq', 'desc')
      .limit(1),
  { first: true },
);
export const latestEditOf = async (tx: Tx, id: string): Promise<StoredActivity | undefined> => {
  const [row] = await newestEdit(tx, id);
  return row && activityOf(row);
};

/** Content and files are removed permanently, also those of its edits; that it was there stays. */
export async function emptyActivity(tx: Tx, activity: StoredActivity, nowMs: number): Promise<void> {
  await tx
    .updateTable('activities')
    .set({ object: JSON.stringify({ objectType: activity.object.objectType }), deleted_ms: nowMs })
    .where((where) =>
      where.or([
        where('id', '=', activity.id),
        where.and([where('parent_id', '=', activity.id), where('parent_type', '=', 'edit')]),
      ]),
    )
    .execute();
}
