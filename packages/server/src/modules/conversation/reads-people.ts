import { type Kysely, sql } from 'kysely';
import { type Database, jsonLists, jsonRows, listed } from '../../kernel/store/index.js';
import type { Participant } from './api.js';
import type { ParticipantsTable } from './schema.js';
import { conversationsByIds, type Membership, participantOf } from './store.js';

/** Where a page of people ended. */
export interface PersonCursor {
  readonly joinedPos: number;
  readonly userId: string;
}
export interface PeoplePage {
  readonly people: readonly Participant[];
  /** undefined on the last page */
  readonly next: PersonCursor | undefined;
}

type PersonRow = [
  userId: string,
  joinedPos: number,
  joinedMs: number,
  isModerator: number,
  tags: string,
  lastSeenActivityId: string | null,
  lastSeenMs: number | null,
];

const personColumns = [
  'conversation_id',
  'user_id',
  'joined_ms',
  'is_moderator',
  'tags',
  'last_seen_activity_id',
  'last_seen_ms',
] as const satisfies readonly (keyof ParticipantsTable)[];

// as in PersonRow
const pageColumns = [
  'user_id',
  'joined_pos',
  'joined_ms',
  'is_moderator',
  'tags',
  'last_seen_activity_id',
  'last_seen_ms',
] as const;

/** Reading who is in: in pages, and for several conversations at once. */
export function createPeopleReads(db: Kysely<Database>) {
  return {
    async peopleIds(conversationId: string): Promise<readonly string[]> {
      const rows = await jsonLists<readonly [string]>(
        db,
        ['user_id'],
        sql`participants where conversation_id = ${conversationId} and left_pos is null`,
      );
      return rows.map(([userId]) => userId);
    },
    /**
     * Who of these people is in a conversation with that person now.
     *
     * @param ids left out: everyone
     */
    async sharing(userId: string, ids?: readonly string[]): Promise<ReadonlySet<string>> {
      const others = sql`select distinct other.user_id as id from participants as mine
        cross join participants as other on other.conversation_id = mine.conversation_id
        where mine.user_id = ${userId} and mine.left_pos is null and other.left_pos is null`;
      const { rows } = await (
        ids === undefined ? others : sql`${others} and other.user_id in (select listed from ${listed(ids)})`
      ).execute(db);
      return new Set((rows as readonly { readonly id: string }[]).map(({ id }) => id));
    },
    /** In the order they came. */
    async peoplePage(
      conversationId: string,
      { after, limit }: { readonly limit: number; readonly after?: PersonCursor },
    ): Promise<PeoplePage> {
      const all = await jsonLists<PersonRow>(
        db,
        pageColumns,
        sql`(select * from participants where conversation_id = ${conversationId} and left_pos is null
        and (joined_pos, user_id) > (${after?.joinedPos ?? -1}, ${after?.userId ?? ''})
        order by joined_pos, user_id limit ${limit + 1}) as page`,
      );
      const page = all.slice(0, limit);
      const last = page.at(-1);
      return {
        people: page.map(
          ([userId, , joinedMs, isModerator, tags, lastSeenActivityId, lastSeenMs]): Participant => ({
            userId,
            isModerator: isModerator !== 0,
            tags: tags === '[]' ? [] : (JSON.parse(tags) as string[]),
            joinedMs,
            lastSeenActivityId,
            lastSeenMs,
          }),
        ),
        next: all.length > limit && last !== undefined ? { joinedPos: last[1], userId: last[0] } : undefined,
      };
    },
    /** The first few of each of these conversations. */
    async firstPeople(
      conversationIds: readonly string[],
      most: number,
    ): Promise<ReadonlyMap<string, readonly Participant[]>> {
      const found = new Map<string, Participant[]>();
      if (conversationIds.length === 0) return found;
      const place = sql`row_number() over (partition by conversation_id order by joined_pos, user_id) as place`;
      const rows = await jsonRows<ParticipantsTable, (typeof personColumns)[number]>(
        db,
        personColumns,
        sql`(select * from (select participants.*, ${place} from ${listed(conversationIds)}
          cross join participants where conversation_id = listed and left_pos is null)
          where place <= ${most} order by conversation_id, place)`,
      );
      for (const row of rows) {
        const people = found.get(row.conversation_id);
        if (people === undefined) found.set(row.conversation_id, [participantOf(row)]);
        else people.push(participantOf(row));
      }
      return found;
    },
    /** This person's own places in these conversations, as far as they are in. */
    async memberships(
      userId: string,
      conversationIds: readonly string[],
    ): Promise<ReadonlyMap<string, Membership>> {
      const found = new Map<string, Membership>();
      if (conversationIds.length === 0) return found;
      const [conversations, rows] = await Promise.all([
        conversationsByIds(db, conversationIds),
        jsonRows<ParticipantsTable, (typeof personColumns)[number]>(
          db,
          personColumns,
          sql`${listed(conversationIds)} cross join participants where conversation_id = listed and user_id = ${userId} and left_pos is null`,
        ),
      ]);
      for (const row of rows) {
        const conversation = conversations.get(row.conversation_id);
        if (conversation !== undefined)
          found.set(row.conversation_id, { conversation, me: participantOf(row) });
      }
      return found;
    },
  };
}
