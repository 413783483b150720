import type { Store } from '../../kernel/store/index.js';
import { activityOf, findActivity } from './activity-store.js';
import type { Participant, StoredActivity } from './api.js';
import { createActivityReads } from './reads-activities.js';
import { createListReads } from './reads-lists.js';
import { createPeopleReads } from './reads-people.js';
import { createRelatedReads } from './reads-related.js';
import {
  type ConversationRecord,
  findConversation,
  findDirect,
  findParticipant,
  type Membership,
  participantsOf,
  recordOf,
  roomsOfTeam,
} from './store.js';

/** Reading, for anyone who may: everything that takes a user's id answers undefined, or nothing, to those not in it. */
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
    ...createActivityReads(db),
    ...createListReads(db, (userId, ids) => people.memberships(userId, ids)),
    ...createRelatedReads(db),
    membership,
    participants: (conversationId: string): Promise<readonly Participant[]> =>
      participantsOf(db, conversationId),
    direct: (directKey: string): Promise<ConversationRecord | undefined> => findDirect(db, directKey),

    /** Regardless of who is in it: what is public of it, or belongs to a team, is for others, too. */
    conversation: (id: string): Promise<ConversationRecord | undefined> => findConversation(db, id),
    /** Ids of all rooms of a team, its general room among them. */
    teamRooms: (teamId: string): Promise<readonly string[]> => roomsOfTeam(db, teamId),
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
    /** The newest content of each, where they were edited, and how often. */
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
        .execute();
      // a message has only few
      for (const row of [...rows].sort((one, other) => one.published_ms - other.published_ms)) {
        const latest = activityOf(row);
        const parentId = row.parent_id ?? '';
        edits.set(parentId, { latest, count: (edits.get(parentId)?.count ?? 0) + 1 });
      }
      return edits;
    },
    /** Ids of what was replied to, edited or reacted to since; the latest to be so first. */
    async parents(conversationId: string, type: string, sinceMs: number): Promise<readonly string[]> {
      const rows = await db
        .selectFrom('parents')
        .select('parent_id')
        .where('conversation_id', '=', conversationId)
        .where('type', '=', type)
        .where('newest_ms', '>=', sinceMs)
        .orderBy('newest_ms', 'desc')
        .limit(1_000)
        .execute();
      return rows.map((row) => row.parent_id);
    },
  };
}
