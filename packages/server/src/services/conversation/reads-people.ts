import { sql, type Kysely } from 'kysely';
import type { Database } from '../../store/index.js';
import type { Participant } from '../contracts.js';
import { conversationsByIds, participantOf, type Membership } from './store.js';

/** Where a page of people ended. */
export interface PersonPlace {
  readonly joinedPos: number;
  readonly userId: string;
}
export interface PeoplePage {
  readonly people: readonly Participant[];
  /** undefined when there are no more */
  readonly next: PersonPlace | undefined;
}

/** Reading who is in: in pages, and for several conversations at once. */
export function createPeopleReads(db: Kysely<Database>) {
  return {
    async peopleIds(conversationId: string): Promise<readonly string[]> {
      const rows = await db
        .selectFrom('participants')
        .select('user_id')
        .where('conversation_id', '=', conversationId)
        .where('left_pos', 'is', null)
        .execute();
      return rows.map((row) => row.user_id);
    },
    /** In the order they came. */
    async peoplePage(
      conversationId: string,
      { after, limit }: { readonly limit: number; readonly after?: PersonPlace },
    ): Promise<PeoplePage> {
      let select = db
        .selectFrom('participants')
        .selectAll()
        .where('conversation_id', '=', conversationId)
        .where('left_pos', 'is', null);
      if (after !== undefined)
        select = select.where(sql<boolean>`(joined_pos, user_id) > (${after.joinedPos}, ${after.userId})`);
      const rows = await select
        .orderBy('joined_pos')
        .orderBy('user_id')
        .limit(limit + 1)
        .execute();
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        people: page.map(participantOf),
        next:
          rows.length > limit && last !== undefined
            ? { joinedPos: last.joined_pos, userId: last.user_id }
            : undefined,
      };
    },
    /** The first few of each of these conversations. */
    async firstPeople(
      conversationIds: readonly string[],
      most: number,
    ): Promise<ReadonlyMap<string, readonly Participant[]>> {
      const found = new Map<string, Participant[]>();
      if (conversationIds.length === 0) return found;
      const rows = await db
        .selectFrom(
          db
            .selectFrom('participants')
            .selectAll()
            .select(
              sql<number>`row_number() over (partition by conversation_id order by joined_pos, user_id)`.as(
                'place',
              ),
            )
            .where('conversation_id', 'in', [...conversationIds])
            .where('left_pos', 'is', null)
            .as('placed'),
        )
        .selectAll()
        .where('place', '<=', most)
        .orderBy('conversation_id')
        .orderBy('place')
        .execute();
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
        db
          .selectFrom('participants')
          .selectAll()
          .where('user_id', '=', userId)
          .where('left_pos', 'is', null)
          .where('conversation_id', 'in', [...conversationIds])
          .execute(),
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
