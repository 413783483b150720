import { type Kysely, type RawBuilder, sql } from 'kysely';
import { type Database, listed } from '../../kernel/store/index.js';
import { activityOf } from './activity-store.js';
import type { StoredActivity } from './api.js';
import { countReactions, type ReactionCount } from './related.js';
import type { ActivitiesTable } from './schema.js';

/** A message that was answered, and its newest answers. */
export interface Thread {
  readonly parent: StoredActivity;
  /** oldest first */
  readonly replies: readonly StoredActivity[];
}

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

  /** Newest first. */
  async function newestOf(
    ids: readonly string[],
    column: 'parent_id' | 'conversation_id',
    newestIn: RawBuilder<unknown>,
  ): Promise<ReadonlyMap<string, readonly StoredActivity[]>> {
    const found = new Map<string, StoredActivity[]>();
    if (ids.length === 0) return found;
    const { rows } = await sql<ActivitiesTable>`select activities.* from ${listed(ids)} cross join activities
      where activities.id in (${newestIn}) order by activities.published_ms desc`.execute(db);
    for (const row of rows) {
      const key = row[column] ?? '';
      const list = found.get(key);
      if (list === undefined) found.set(key, [activityOf(row)]);
      else list.push(activityOf(row));
    }
    return found;
  }

  /** The newest few of each parent, the oldest of them first. */
  async function replies(
    parentIds: readonly string[],
    most: number,
  ): Promise<ReadonlyMap<string, readonly StoredActivity[]>> {
    const found = await newestOf(
      parentIds,
      'parent_id',
      sql`select id from activities as one where one.parent_id = listed
        and one.parent_type = 'reply' and one.deleted_ms is null order by one.published_ms desc limit ${most}`,
    );
    return new Map([...found].map(([id, list]) => [id, [...list].reverse()]));
  }

  return {
    byIds,
    replies,
    /** The newest of each conversation, newest first. */
    newest: (
      conversationIds: readonly string[],
      most: number,
    ): Promise<ReadonlyMap<string, readonly StoredActivity[]>> =>
      newestOf(
        conversationIds,
        'conversation_id',
        sql`select id from activities as one where one.conversation_id = listed
          and (one.deleted_ms is null or one.parent_type is null or one.parent_type <> 'reaction')
          order by one.published_ms desc limit ${most}`,
      ),
    reactions: (parentIds: readonly string[], userId: string): Promise<readonly ReactionCount[]> =>
      countReactions(db, parentIds, userId),

    /** Messages that mean this person, or everybody where they are in; newest first. Only of conversations they are in. */
    async mentions(
      userId: string,
      query: { readonly limit: number; readonly fromMs?: number; readonly toMs?: number },
    ): Promise<readonly StoredActivity[]> {
      const { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, limit } = query;
      const within = sql`published_ms between ${fromMs} and ${toMs} and actor_id <> ${userId}`;
      // the newest few are in the conversations (and of the kinds) whose newest is among the newest few
      const { rows } = await sql<ActivitiesTable>`
        with mine as (select conversation_id from participants where user_id = ${userId} and left_pos is null),
        newest as (
          select * from (
            select conversation_id, ${userId} as whom, (select published_ms from mentions where user_id = ${userId}
              and conversation_id = mine.conversation_id and ${within} order by published_ms desc limit 1) as newest_ms
            from mine
            union all
            select conversation_id, conversation_id as whom, (select published_ms from mentions
              where user_id = mine.conversation_id and conversation_id = mine.conversation_id and ${within}
              order by published_ms desc limit 1) as newest_ms
            from mine
          ) as each_of where newest_ms is not null order by newest_ms desc limit ${limit}
        ),
        meant as (
          select distinct one.activity_id, one.published_ms from newest cross join mentions as one
          where (one.activity_id, one.user_id) in (select activity_id, user_id from mentions
            where user_id = newest.whom and conversation_id = newest.conversation_id and ${within}
            order by published_ms desc limit ${limit})
          order by one.published_ms desc limit ${limit}
        )
        select activities.* from meant cross join activities where activities.id = meant.activity_id
        order by meant.published_ms desc`.execute(db);
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
      const within = sql`newest_ms between ${fromMs} and ${toMs}`;
      // the newest few are in the conversations whose newest is among the newest few
      const { rows } = await sql<ActivitiesTable>`
        with newest as (
          select * from (
            select conversation_id, (select newest_ms from thread_people where user_id = ${userId}
              and conversation_id = participants.conversation_id and ${within} order by newest_ms desc limit 1) as newest_ms
            from participants where user_id = ${userId} and left_pos is null
          ) as each_of where newest_ms is not null order by newest_ms desc limit ${limit}
        ),
        own as (
          select one.root_id, one.newest_ms from newest cross join thread_people as one
          where (one.root_id, one.user_id) in (select root_id, user_id from thread_people where user_id = ${userId}
            and conversation_id = newest.conversation_id and ${within} order by newest_ms desc limit ${limit})
          order by one.newest_ms desc limit ${limit}
        )
        select activities.* from own cross join activities where activities.id = own.root_id
        order by own.newest_ms desc`.execute(db);
      const parents = rows.map(activityOf);
      const newest = await replies(
        parents.map((parent) => parent.id),
        query.replies,
      );
      return parents.map((parent) => ({ parent, replies: newest.get(parent.id) ?? [] }));
    },
  };
}
