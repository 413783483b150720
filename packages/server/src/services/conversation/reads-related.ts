import { sql, type Kysely } from 'kysely';
import type { ActivitiesTable, Database } from '../../store/index.js';
import type { StoredActivity } from '../contracts.js';
import { countReactions, type ReactionCount } from './related.js';
import { activityOf } from './store.js';

/** A message that was answered, and its newest answers. */
export interface Thread {
  readonly parent: StoredActivity;
  /** oldest first */
  readonly replies: readonly StoredActivity[];
}

/** of one's own writing, looked through for threads */
const ownRecent = 2_000;

/** Reading what belongs together: activities by id, answers, reactions, threads, mentions. */
export function createRelatedReads(db: Kysely<Database>) {
  async function byIds(ids: readonly string[]): Promise<ReadonlyMap<string, StoredActivity>> {
    if (ids.length === 0) return new Map<string, StoredActivity>();
    const rows = await db
      .selectFrom('activities')
      .selectAll()
      .where('id', 'in', [...ids])
      .execute();
    return new Map(rows.map((row) => [row.id, activityOf(row)]));
  }

  /** The newest few of each group, the oldest of them first. */
  async function newestOf(
    group: 'parent_id' | 'conversation_id',
    ids: readonly string[],
    most: number,
  ): Promise<ReadonlyMap<string, readonly StoredActivity[]>> {
    const found = new Map<string, StoredActivity[]>();
    if (ids.length === 0) return found;
    let inner = db
      .selectFrom('activities')
      .selectAll()
      .select(
        sql<number>`row_number() over (partition by ${sql.ref(group)} order by published_ms desc)`.as(
          'place',
        ),
      )
      .where(group, 'in', [...ids]);
    if (group === 'parent_id')
      inner = inner.where('parent_type', '=', 'reply').where('deleted_ms', 'is', null);
    const rows: (ActivitiesTable & { place: number })[] = await db
      .selectFrom(inner.as('placed'))
      .selectAll()
      .where('place', '<=', most)
      .orderBy('published_ms')
      .execute();
    for (const row of rows) {
      const key = row[group] ?? '';
      const list = found.get(key);
      if (list === undefined) found.set(key, [activityOf(row)]);
      else list.push(activityOf(row));
    }
    return found;
  }

  return {
    byIds,
    replies: (parentIds: readonly string[], most: number) => newestOf('parent_id', parentIds, most),
    /** The newest of each conversation, newest first. */
    async newest(
      conversationIds: readonly string[],
      most: number,
    ): Promise<ReadonlyMap<string, readonly StoredActivity[]>> {
      const found = await newestOf('conversation_id', conversationIds, most);
      return new Map([...found].map(([id, list]) => [id, [...list].reverse()]));
    },
    reactions: (parentIds: readonly string[], userId: string): Promise<readonly ReactionCount[]> =>
      countReactions(db, parentIds, userId),

    /** Messages that mean this person, or everybody where they are in; newest first. Only of conversations they are in. */
    async mentions(
      userId: string,
      query: { readonly limit: number; readonly fromMs?: number; readonly toMs?: number },
    ): Promise<readonly StoredActivity[]> {
      const { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, limit } = query;
      const { rows } = await sql<ActivitiesTable>`
        with mine as (select conversation_id from participants where user_id = ${userId} and left_pos is null),
        meant as (
          select m.activity_id, m.published_ms from mentions m
          where m.user_id = ${userId} and m.published_ms between ${fromMs} and ${toMs}
          and m.conversation_id in (select conversation_id from mine)
          union
          select m.activity_id, m.published_ms from mine join mentions m on m.user_id = mine.conversation_id
          and m.conversation_id = mine.conversation_id
          where m.published_ms between ${fromMs} and ${toMs}
        )
        select a.* from meant join activities a on a.id = meant.activity_id
        where a.deleted_ms is null and a.actor_id <> ${userId}
        group by a.id order by max(meant.published_ms) desc limit ${limit}`.execute(db);
      return rows.map(activityOf);
    },

    /** Threads this person wrote in or began, the one with the newest answer first. Only of conversations they are in. */
    async threads(
      userId: string,
      query: {
        readonly limit: number;
        readonly fromMs?: number;
        readonly toMs?: number;
        readonly replies: number;
      },
    ): Promise<readonly Thread[]> {
      const { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, limit } = query;
      const { rows } = await sql<ActivitiesTable>`
        with own as (
          select id, conversation_id, parent_id, parent_type from activities where actor_id = ${userId}
          and verb in ('post', 'share') and deleted_ms is null order by published_ms desc limit ${ownRecent}
        ),
        roots as (
          select parent_id as id from own where parent_type = 'reply'
          union select id from own where parent_type is null
        ),
        answered as (
          select a.parent_id, max(a.published_ms) as newest_ms from roots
          join activities a on a.parent_id = roots.id and a.parent_type = 'reply' and a.deleted_ms is null
          group by a.parent_id
        )
        select a.* from answered join activities a on a.id = answered.parent_id
        join participants p on p.conversation_id = a.conversation_id and p.user_id = ${userId} and p.left_pos is null
        where answered.newest_ms between ${fromMs} and ${toMs}
        order by answered.newest_ms desc limit ${limit}`.execute(db);
      const parents = rows.map(activityOf);
      const replies = await newestOf(
        'parent_id',
        parents.map((parent) => parent.id),
        query.replies,
      );
      return parents.map((parent) => ({ parent, replies: replies.get(parent.id) ?? [] }));
    },
  };
}
