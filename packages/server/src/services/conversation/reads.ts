import type { Store } from '../../store/index.js';
import type { Participant, StoredActivity } from '../contracts.js';
import { createPeopleReads } from './reads-people.js';
import { createRelatedReads } from './reads-related.js';
import {
  activityOf,
  conversationsByIds,
  findActivity,
  findConversation,
  findDirect,
  findParticipant,
  participantsOf,
  recordOf,
  type ConversationRecord,
  type Membership,
} from './store.js';

export interface ActivityQuery {
  readonly limit: number;
  /** epoch ms, inclusive */
  readonly fromMs?: number;
  /** epoch ms, inclusive */
  readonly toMs?: number;
  readonly oldestFirst?: boolean;
  readonly verbs?: readonly string[];
  readonly parentId?: string;
  readonly parentType?: string;
  /** without what cards sent off: whoever puts threads in order takes each of them for the beginning of one */
  readonly threaded?: boolean;
  /** neither edits nor reactions nor what was deleted: what a reader sees as messages */
  readonly messagesOnly?: boolean;
  /** those that mention this person */
  readonly mentioning?: string;
}

/** Reading, for whoever may: everything that takes a user's id answers undefined, or nothing, to those not in it. */
export type ConversationReads = ReturnType<typeof createReads>;

export function createReads({ db }: Store) {
  const membership = async (conversationId: string, userId: string): Promise<Membership | undefined> => {
    const me = await findParticipant(db, conversationId, userId);
    const conversation = me && (await findConversation(db, conversationId));
    return conversation && { conversation, me };
  };

  const people = createPeopleReads(db);
  return {
    ...people,
    ...createRelatedReads(db),
    membership,
    participants: (conversationId: string): Promise<readonly Participant[]> =>
      participantsOf(db, conversationId),
    direct: (directKey: string): Promise<ConversationRecord | undefined> => findDirect(db, directKey),

    /** Newest activity first, or by creation, or by id. */
    async list(
      userId: string,
      query: {
        readonly limit: number;
        readonly sinceMs?: number;
        readonly direct?: boolean;
        readonly sortBy?: 'lastactivity' | 'created' | 'id';
        /** where the page before ended */
        readonly after?: { readonly value: number | string; readonly id: string };
        readonly left?: boolean;
        /** those that belong to this team */
        readonly teamId?: string;
        /** general rooms of teams only: the teams themselves */
        readonly teams?: boolean;
      },
    ): Promise<readonly Membership[]> {
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
      select =
        query.left === true
          ? // whoever came back has not left; whoever left twice has left once
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
      const ids = [...new Set(rows.map((row) => row.conversation_id))];
      if (query.left !== true) {
        const current = await people.memberships(userId, ids);
        return ids.flatMap((id) => current.get(id) ?? []);
      }
      const left = await conversationsByIds(db, ids);
      return ids.flatMap((id) => {
        const conversation = left.get(id);
        return conversation === undefined ? [] : [{ conversation, me: absentee(userId) }];
      });
    },

    /** Whoever is in it: what is public of it, or belongs to a team, is for others, too. */
    conversation: (id: string): Promise<ConversationRecord | undefined> => findConversation(db, id),
    /** Ids of all rooms of a team, its general room among them. */
    async teamRooms(teamId: string): Promise<readonly string[]> {
      const rows = await db.selectFrom('conversations').select('id').where('team_id', '=', teamId).execute();
      return rows.map(({ id }) => id);
    },
    /** Public rooms of an organisation, the latest to become so first; times are epoch ms, inclusive. */
    async publicRooms(
      orgId: string,
      query: {
        readonly limit: number;
        readonly fromMs?: number;
        readonly toMs?: number;
        readonly after?: { readonly value: number; readonly id: string };
      },
    ): Promise<readonly ConversationRecord[]> {
      const { after, fromMs, toMs } = query;
      let select = db
        .selectFrom('conversations')
        .selectAll()
        .where('org_id', '=', orgId)
        .where('public_ms', 'is not', null);
      if (fromMs !== undefined) select = select.where('public_ms', '>=', fromMs);
      if (toMs !== undefined) select = select.where('public_ms', '<=', toMs);
      if (after !== undefined)
        select = select.where((where) =>
          where.or([
            where('public_ms', '<', after.value),
            where.and([where('public_ms', '=', after.value), where('id', '<', after.id)]),
          ]),
        );
      const rows = await select
        .orderBy('public_ms', 'desc')
        .orderBy('id', 'desc')
        .limit(query.limit)
        .execute();
      return rows.map(recordOf);
    },

    /** An activity of a conversation that this person is in. */
    async activity(
      userId: string,
      id: string,
    ): Promise<(Membership & { activity: StoredActivity }) | undefined> {
      const activity = await findActivity(db, id);
      const current = activity && (await membership(activity.conversationId, userId));
      return activity && current && { ...current, activity };
    },
    activities: async (conversationId: string, query: ActivityQuery): Promise<readonly StoredActivity[]> => {
      let select = db
        .selectFrom('activities')
        .selectAll()
        .where('conversation_id', '=', conversationId)
        // reactions that were taken back: there is nothing to show, and official clients stop at one when they order threads
        .where((where) =>
          where.or([
            where('deleted_ms', 'is', null),
            where('parent_type', 'is', null),
            where('parent_type', '!=', 'reaction'),
          ]),
        );
      if (query.fromMs !== undefined) select = select.where('published_ms', '>=', query.fromMs);
      if (query.toMs !== undefined) select = select.where('published_ms', '<=', query.toMs);
      if (query.verbs !== undefined) select = select.where('verb', 'in', [...query.verbs]);
      if (query.threaded === true) select = select.where('verb', '!=', 'cardAction');
      // a reaction that is taken back belongs to the message, too, but nobody asks for that
      if (query.parentId !== undefined)
        select = select.where('parent_id', '=', query.parentId).where('verb', '!=', 'delete');
      if (query.parentType !== undefined) select = select.where('parent_type', '=', query.parentType);
      // ids in what is kept are those of mentioned people; words are ciphertext. The newest words say who is meant.
      if (query.mentioning !== undefined)
        select = select.where(
          (build) =>
            build.fn.coalesce(
              build
                .selectFrom('activities as edit')
                .select('edit.object')
                .whereRef('edit.parent_id', '=', 'activities.id')
                .where('edit.parent_type', '=', 'edit')
                .where('edit.deleted_ms', 'is', null)
                .orderBy('edit.published_ms', 'desc')
                .limit(1),
              'activities.object',
            ),
          'like',
          `%"id":"${query.mentioning}"%`,
        );
      if (query.messagesOnly === true)
        select = select
          .where('deleted_ms', 'is', null)
          .where('verb', 'in', ['post', 'share'])
          .where((where) => where.or([where('parent_type', 'is', null), where('parent_type', '=', 'reply')]));
      const rows = await select
        .orderBy('published_ms', query.oldestFirst === true ? 'asc' : 'desc')
        .limit(query.limit)
        .execute();
      return rows.map(activityOf);
    },
    /** The newest words of each, where they were edited, and how often. */
    async edits(
      ids: readonly string[],
    ): Promise<ReadonlyMap<string, { latest: StoredActivity; count: number }>> {
      const edits = new Map<string, { latest: StoredActivity; count: number }>();
      if (ids.length === 0) return edits;
      const rows = await db
        .selectFrom('activities')
        .selectAll()
        .where('parent_id', 'in', [...ids])
        .where('parent_type', '=', 'edit')
        .where('deleted_ms', 'is', null)
        .orderBy('published_ms')
        .execute();
      for (const row of rows) {
        const latest = activityOf(row);
        const parentId = row.parent_id ?? '';
        edits.set(parentId, { latest, count: (edits.get(parentId)?.count ?? 0) + 1 });
      }
      return edits;
    },
    /** Ids of what was replied to, edited or reacted to since. */
    async parents(conversationId: string, type: string, sinceMs: number): Promise<readonly string[]> {
      const rows = await db
        .selectFrom('activities')
        .select('parent_id')
        .distinct()
        .where('conversation_id', '=', conversationId)
        .where('parent_type', '=', type)
        .where('published_ms', '>=', sinceMs)
        .limit(1_000)
        .execute();
      return rows.flatMap((row) => (row.parent_id === null ? [] : [row.parent_id]));
    },
  };
}

const absentee = (userId: string): Participant => ({
  userId,
  isModerator: false,
  tags: [],
  joinedMs: 0,
  lastSeenActivityId: null,
  lastSeenMs: null,
});
