// Tables by which threads and parents are listed without reading their history. Written with each activity, in its write.
import { sql } from 'kysely';
import type { StoredActivity } from './api.js';
import type { Tx } from './store.js';

/** Records a kept activity that has a parent. */
export async function indexChild(tx: Tx, activity: StoredActivity): Promise<void> {
  const { actorId, conversationId, parent, publishedMs } = activity;
  if (parent === undefined) return;
  await tx
    .insertInto('parents')
    .values({
      parent_id: parent.id,
      type: parent.type,
      conversation_id: conversationId,
      newest_ms: publishedMs,
    })
    .onConflict((conflict) => conflict.columns(['parent_id', 'type']).doUpdateSet({ newest_ms: publishedMs }))
    .execute();
  if (parent.type !== 'reply') return;
  // who began it, unless they deleted that message
  await sql`insert into thread_people (root_id, user_id, conversation_id, newest_ms, messages)
    select id, actor_id, conversation_id, ${publishedMs}, 1 from activities where id = ${parent.id} and deleted_ms is null
    on conflict (root_id, user_id) do nothing`.execute(tx);
  await sql`insert into thread_people (root_id, user_id, conversation_id, newest_ms, messages)
    values (${parent.id}, ${actorId}, ${conversationId}, ${publishedMs}, 1)
    on conflict (root_id, user_id) do update set messages = thread_people.messages + 1`.execute(tx);
  await tx
    .updateTable('thread_people')
    .set({ newest_ms: publishedMs })
    .where('root_id', '=', parent.id)
    .execute();
}

/** Records that a message, the first of a thread or a reply, was deleted. */
export async function forgetInThread(tx: Tx, { actorId, id, parent }: StoredActivity): Promise<void> {
  if (parent !== undefined && parent.type !== 'reply') return;
  const rootId = parent?.id ?? id;
  const rows = tx.updateTable('thread_people').where('root_id', '=', rootId);
  await rows
    .set((column) => ({ messages: column('messages', '-', 1) }))
    .where('user_id', '=', actorId)
    .execute();
  const newest = await tx
    .selectFrom('activities')
    .select('published_ms')
    .where('parent_id', '=', rootId)
    .where(sql<boolean>`parent_type = 'reply' and deleted_ms is null`)
    .orderBy('published_ms', 'desc')
    .limit(1)
    .executeTakeFirst();
  const gone = tx.deleteFrom('thread_people').where('root_id', '=', rootId);
  // without a reply it is not a thread, even for the user who began it
  if (newest === undefined) {
    await gone.execute();
    return;
  }
  await gone.where('messages', '<=', 0).execute();
  if (parent !== undefined)
    await rows
      .set({ newest_ms: newest.published_ms })
      .where('newest_ms', '<>', newest.published_ms)
      .execute();
}
