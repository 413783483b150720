import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Database } from '../../kernel/store/index.js';
import { activityOf, byTime } from './activity-store.js';
import type { StoredActivity } from './api.js';
import type { ActivitiesTable } from './schema.js';

export interface ActivityQuery {
  readonly limit: number;
  /** epoch ms, inclusive */
  readonly fromMs?: number;
  /** epoch ms, inclusive */
  readonly toMs?: number;
  readonly oldestFirst?: boolean;
  readonly parentId?: string;
  readonly parentType?: string;
  /** without what cards sent off: clients that order threads would take each of them for the start of one */
  readonly threaded?: boolean;
  /** neither edits nor reactions nor what was deleted: what a reader sees as messages */
  readonly messagesOnly?: boolean;
  /** messages that mention this person */
  readonly mentioning?: string;
}

// The conditions of partial indexes (migration 0013): a query uses such an index when it has them word for word.
const isMessage = sql`deleted_ms is null and verb in ('post', 'share') and (parent_type is null or parent_type = 'reply')`;
const isReply = sql`parent_type = 'reply' and deleted_ms is null`;
const isReaction = sql`parent_type = 'reaction' and deleted_ms is null and verb <> 'delete'`;
// reactions that were taken back: there is nothing to show, and official clients stop at one when they order threads
const isShown = sql`(deleted_ms is null or parent_type is null or parent_type <> 'reaction')`;

const childTypes = ['reply', 'edit', 'reaction', 'cardAction'] as const;

/** Lists of activities: each reads what it answers, from an index in the order of the list. */
export function createActivityReads(db: Kysely<Database>) {
  async function select(
    where: RawBuilder<unknown>,
    { limit, fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, oldestFirst = false }: ActivityQuery,
  ): Promise<readonly StoredActivity[]> {
    const { rows } = await sql<ActivitiesTable>`select * from activities where ${where}
      and published_ms between ${fromMs} and ${toMs}
      order by published_ms ${sql.raw(oldestFirst ? 'asc' : 'desc')} limit ${limit}`.execute(db);
    return rows.map(activityOf);
  }

  function children(
    parentId: string,
    type: string,
    query: ActivityQuery,
  ): Promise<readonly StoredActivity[]> {
    const of = sql`parent_id = ${parentId}`;
    if (type === 'reaction') return select(sql`${of} and ${isReaction}`, query);
    if (type === 'reply' && query.messagesOnly === true) return select(sql`${of} and ${isReply}`, query);
    return select(sql`${of} and parent_type = ${type}`, query);
  }

  async function childrenOf(
    conversationId: string,
    parentId: string,
    query: ActivityQuery,
  ): Promise<readonly StoredActivity[]> {
    const given = query.messagesOnly === true ? 'reply' : query.parentType;
    const types: readonly string[] = given === undefined ? childTypes : [given];
    const found = (await Promise.all(types.map((type) => children(parentId, type, query)))).flat();
    return found
      .filter((child) => child.conversationId === conversationId)
      .sort((one, other) => (query.oldestFirst === true ? byTime(one, other) : byTime(other, one)))
      .slice(0, query.limit);
  }

  /** Messages whose newest content mentions this person, newest first. */
  async function mentioning(
    userId: string,
    conversationId: string,
    { limit, parentId, fromMs = 0, toMs = Number.MAX_SAFE_INTEGER }: ActivityQuery,
  ): Promise<readonly StoredActivity[]> {
    const where = parentId === undefined ? sql`` : sql`and parent_id = ${parentId}`;
    const { rows } = await sql<ActivitiesTable>`select activities.* from (
        select activity_id from mentions where user_id = ${userId} ${where}
        ${parentId === undefined ? sql`and conversation_id = ${conversationId}` : sql``}
        and published_ms between ${fromMs} and ${toMs} order by published_ms desc limit ${limit}
      ) as meant cross join activities where activities.id = meant.activity_id
      order by activities.published_ms desc`.execute(db);
    return rows.map(activityOf).filter((activity) => activity.conversationId === conversationId);
  }

  return {
    activities(conversationId: string, query: ActivityQuery): Promise<readonly StoredActivity[]> {
      if (query.mentioning !== undefined) return mentioning(query.mentioning, conversationId, query);
      if (query.parentId !== undefined) return childrenOf(conversationId, query.parentId, query);
      const here = sql`conversation_id = ${conversationId}`;
      if (query.messagesOnly === true) return select(sql`${here} and ${isMessage}`, query);
      return select(
        query.threaded === true
          ? sql`${here} and verb <> 'cardAction' and ${isShown}`
          : sql`${here} and ${isShown}`,
        query,
      );
    },
  };
}
