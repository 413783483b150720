// Lists of a person's conversations, page by page.
import { type ConversationRecord, conversationsByIds, type Membership, type Tx } from './store.js';

export interface ListQuery {
  readonly limit: number;
  readonly sinceMs?: number;
  readonly direct?: boolean;
  readonly sortBy?: 'lastactivity' | 'created' | 'id';
  /** where the page before ended */
  readonly after?: { readonly value: number | string; readonly id: string };
  /** those that belong to this team */
  readonly teamId?: string;
  /** general rooms of teams only: the teams themselves */
  readonly teams?: boolean;
}

export function createListReads(
  db: Tx,
  memberships: (userId: string, ids: readonly string[]) => Promise<ReadonlyMap<string, Membership>>,
) {
  /** Ids of one page. @param left those that this person has left, instead of those they are in */
  async function page(userId: string, query: ListQuery, left: boolean): Promise<readonly string[]> {
    const column =
      query.sortBy === 'id'
        ? ('conversations.id' as const)
        : query.sortBy === 'created'
          ? ('conversations.created_ms' as const)
          : ('conversations.last_activity_ms' as const);
    const ascending = query.sortBy === 'id';
    let select = db
      .selectFrom('participants')
      .innerJoin('conversations', 'conversations.id', 'participants.conversation_id')
      .select(['conversations.id as conversation_id'])
      .where('participants.user_id', '=', userId);
    select = left
      ? // anyone who came back has not left; anyone who left twice has left once
        select
          .where('left_pos', 'is not', null)
          .where((where) =>
            where.not(
              where.exists(
                where
                  .selectFrom('participants as later')
                  .select('later.user_id')
                  .whereRef('later.conversation_id', '=', 'participants.conversation_id')
                  .whereRef('later.user_id', '=', 'participants.user_id')
                  .whereRef('later.joined_pos', '>', 'participants.joined_pos'),
              ),
            ),
          )
      : select.where('left_pos', 'is', null);
    if (query.sinceMs !== undefined) select = select.where('last_activity_ms', '>=', query.sinceMs);
    if (query.direct === true) select = select.where('direct_key', 'is not', null);
    if (query.direct === false) select = select.where('direct_key', 'is', null);
    if (query.teamId !== undefined) select = select.where('team_id', '=', query.teamId);
    if (query.teams === true) select = select.whereRef('team_id', '=', 'conversations.id');
    const { after } = query;
    if (after !== undefined) {
      const sign = ascending ? '>' : '<';
      select = select.where((where) =>
        where.or([
          where(column, sign, after.value),
          where.and([where(column, '=', after.value), where('conversations.id', sign, after.id)]),
        ]),
      );
    }
    const direction = ascending ? 'asc' : 'desc';
    const rows = await select
      .orderBy(column, direction)
      .orderBy('conversations.id', direction)
      .limit(query.limit)
      .execute();
    return [...new Set(rows.map((row) => row.conversation_id))];
  }

  return {
    /** Newest activity first, or by creation, or by id. */
    async list(userId: string, query: ListQuery): Promise<readonly Membership[]> {
      const ids = await page(userId, query, false);
      const current = await memberships(userId, ids);
      return ids.flatMap((id) => current.get(id) ?? []);
    },
    /** Those that this person has left: what may be shown of them is `wireLeftConversation`. */
    async listLeft(
      userId: string,
      query: Pick<ListQuery, 'limit' | 'after'>,
    ): Promise<readonly ConversationRecord[]> {
      // when something last happened there is not for those who left
      const ids = await page(userId, { ...query, sortBy: 'created' }, true);
      const left = await conversationsByIds(db, ids);
      return ids.flatMap((id) => left.get(id) ?? []);
    },
  };
}
