// Tables beside the activities: whom they mean, and how people reacted to them. Written with each activity, in its write.
import { fields, items, text } from '../../kernel/http/untrusted.js';
import { findActivity } from './activity-store.js';
import type { StoredActivity } from './api.js';
import { type Tx } from './store.js';

/** Ids under which those a message means are found; the conversation's own id when all are meant. */
function meant({ conversationId, object }: StoredActivity): readonly string[] {
  const people = items(object.mentions).flatMap((entry) => text(fields(entry)['id']) ?? []);
  const all = items(object.groupMentions).some((entry) => text(fields(entry)['groupType']) === 'all');
  return [...new Set([...people, ...(all ? [conversationId] : [])])];
}

/** The newest content of a message say whom it means. */
export async function noteMentions(tx: Tx, activity: StoredActivity): Promise<void> {
  const { parent } = activity;
  const isEdit = parent?.type === 'edit';
  const activityId = isEdit ? parent.id : activity.id;
  if (isEdit) await forgetMentions(tx, activityId);
  const ids = meant(activity);
  if (ids.length === 0) return;
  const message = isEdit ? await findActivity(tx, activityId) : activity;
  const threadId = message?.parent?.type === 'reply' ? message.parent.id : null;
  await tx
    .insertInto('mentions')
    .values(
      ids.map((userId) => ({
        user_id: userId,
        activity_id: activityId,
        conversation_id: activity.conversationId,
        // of the message itself: an edit does not make it newer
        published_ms: isEdit
          ? Date.parse(parent.published ?? '') || activity.publishedMs
          : activity.publishedMs,
        actor_id: activity.actorId,
        parent_id: threadId,
      })),
    )
    .execute();
}
export async function forgetMentions(tx: Tx, activityId: string): Promise<void> {
  await tx.deleteFrom('mentions').where('activity_id', '=', activityId).execute();
}

/** How one person reacted to one message. */
export const reactionsBy = async (tx: Tx, parentId: string, actorId: string): Promise<readonly string[]> =>
  (
    await tx
      .selectFrom('reactions')
      .select('hmac')
      .where('parent_id', '=', parentId)
      .where('actor_id', '=', actorId)
      .execute()
  ).map((row) => row.hmac);

/** How many different ones a message has. */
export async function kindsOfReactions(tx: Tx, parentId: string): Promise<ReadonlySet<string>> {
  const rows = await tx
    .selectFrom('reactions')
    .select('hmac')
    .distinct()
    .where('parent_id', '=', parentId)
    .execute();
  return new Set(rows.map((row) => row.hmac));
}
export async function insertReaction(tx: Tx, activity: StoredActivity, hmac: string): Promise<void> {
  await tx
    .insertInto('reactions')
    .values({
      activity_id: activity.id,
      parent_id: activity.parent?.id ?? '',
      actor_id: activity.actorId,
      hmac,
    })
    .execute();
}
export async function forgetReaction(tx: Tx, activityId: string): Promise<void> {
  await tx.deleteFrom('reactions').where('activity_id', '=', activityId).execute();
}

/** One reaction to one message, by any user. */
export interface ReactionCount {
  readonly parentId: string;
  readonly hmac: string;
  readonly count: number;
  /** one of the activities that gave it: its content are those of all */
  readonly activityId: string;
  /** the activity by which this person gave it, to take it back by */
  readonly ownId: string | undefined;
}

/** Of these messages, all reactions, counted; and which of them are this person's. */
export async function countReactions(
  tx: Tx,
  parentIds: readonly string[],
  userId: string,
): Promise<readonly ReactionCount[]> {
  if (parentIds.length === 0) return [];
  const [all, own] = await Promise.all([
    tx
      .selectFrom('reactions')
      .select(['parent_id', 'hmac'])
      .select((query) => [
        query.fn.countAll<number>().as('count'),
        query.fn.min<string>('activity_id').as('activity_id'),
      ])
      .where('parent_id', 'in', [...parentIds])
      .groupBy(['parent_id', 'hmac'])
      .execute(),
    tx
      .selectFrom('reactions')
      .select(['parent_id', 'hmac', 'activity_id'])
      .where('parent_id', 'in', [...parentIds])
      .where('actor_id', '=', userId)
      .execute(),
  ]);
  const mine = new Map(own.map((row) => [`${row.parent_id} ${row.hmac}`, row.activity_id]));
  return all.map((row) => ({
    parentId: row.parent_id,
    hmac: row.hmac,
    count: row.count,
    activityId: row.activity_id,
    ownId: mine.get(`${row.parent_id} ${row.hmac}`),
  }));
}
