import { type Kysely, sql } from 'kysely';
import { type Database, jsonRows, listed, prepared, remembered } from '../../kernel/store/index.js';
import type { Participant, StoredActivity } from './api.js';
import type { ConversationsTable, ParticipantsTable } from './schema.js';

export type Tx = Kysely<Database>;

/** A conversation as it is kept. Title and description are ciphertext under `keyUrl`. */
export interface ConversationRecord {
  readonly id: string;
  readonly orgId: string;
  readonly creatorId: string;
  readonly createdMs: number;
  readonly title: string | null;
  readonly keyUrl: string;
  readonly kroUrl: string;
  /** for everybody */
  readonly tags: readonly string[];
  readonly extra: Readonly<Record<string, unknown>>;
  readonly seq: number;
  readonly lastActivityMs: number;
  readonly lastReadableMs: number;
  /** a user left and could have its keys of now: a new one is made before anything else is written */
  readonly keyRetired: boolean;
  /** the team it belongs to; its own id for a team's general room, which is the team itself */
  readonly teamId: string | null;
  /** since when everybody of the organisation may find and join it */
  readonly publicMs: number | null;
}
export type ConversationChange = Partial<
  Pick<
    ConversationRecord,
    | 'title'
    | 'keyUrl'
    | 'kroUrl'
    | 'tags'
    | 'extra'
    | 'seq'
    | 'lastActivityMs'
    | 'lastReadableMs'
    | 'keyRetired'
    | 'teamId'
    | 'publicMs'
  >
>;
export interface Membership {
  readonly conversation: ConversationRecord;
  readonly me: Participant;
}

export const isDirect = (conversation: { readonly tags: readonly string[] }): boolean =>
  conversation.tags.includes('ONE_ON_ONE');

const conversationColumns = [
  'id',
  'org_id',
  'creator_id',
  'created_ms',
  'direct_key',
  'title',
  'key_url',
  'kro_url',
  'tags',
  'extra',
  'seq',
  'last_activity_ms',
  'last_readable_ms',
  'team_id',
  'public_ms',
  'key_retired',
] as const satisfies readonly (keyof ConversationsTable)[];

export const recordOf = (row: ConversationsTable): ConversationRecord => ({
  id: row.id,
  orgId: row.org_id,
  creatorId: row.creator_id,
  createdMs: row.created_ms,
  title: row.title,
  keyUrl: row.key_url ?? '',
  kroUrl: row.kro_url ?? '',
  tags: JSON.parse(row.tags) as string[],
  extra: row.extra === '{}' ? {} : (JSON.parse(row.extra) as Record<string, unknown>),
  seq: row.seq,
  lastActivityMs: row.last_activity_ms,
  lastReadableMs: row.last_readable_ms,
  keyRetired: row.key_retired !== 0,
  teamId: row.team_id,
  publicMs: row.public_ms,
});
export const participantOf = (
  row: Pick<
    ParticipantsTable,
    'user_id' | 'is_moderator' | 'tags' | 'joined_ms' | 'last_seen_activity_id' | 'last_seen_ms'
  >,
): Participant => ({
  userId: row.user_id,
  isModerator: row.is_moderator !== 0,
  tags: row.tags === '[]' ? [] : (JSON.parse(row.tags) as string[]),
  joinedMs: row.joined_ms,
  lastSeenActivityId: row.last_seen_activity_id,
  lastSeenMs: row.last_seen_ms,
});
// every message looks at these two; what changes them stands below, and nowhere else
const conversations = remembered<ConversationRecord>(5_000);
const participants = remembered<Participant>(20_000);
const cacheKey = (id: string, userId: string): string => `${id} ${userId}`;

const conversationById = prepared(
  (db, id: string) => db.selectFrom('conversations').selectAll().where('id', '=', id),
  { first: true },
);
export const findConversation = async (tx: Tx, id: string): Promise<ConversationRecord | undefined> => {
  const known = conversations.get(tx, id);
  if (known !== undefined) return known;
  const [row] = await conversationById(tx, id);
  if (row === undefined) return undefined;
  const record = recordOf(row);
  conversations.set(tx, id, record);
  return record;
};
export async function conversationsByIds(
  tx: Tx,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ConversationRecord>> {
  if (ids.length === 0) return new Map<string, ConversationRecord>();
  const rows = await jsonRows<ConversationsTable>(
    tx,
    conversationColumns,
    sql`${listed(ids)} cross join conversations where conversations.id = listed`,
  );
  return new Map(rows.map((row) => [row.id, recordOf(row)]));
}
export const findDirect = async (tx: Tx, directKey: string): Promise<ConversationRecord | undefined> => {
  const row = await tx
    .selectFrom('conversations')
    .selectAll()
    .where('direct_key', '=', directKey)
    .executeTakeFirst();
  return row && recordOf(row);
};
/** The same for both, whichever writes first. */
export const directKeyOf = (one: string, other: string): string => [one, other].sort().join(':');

export async function insertConversation(
  tx: Tx,
  conversation: ConversationRecord,
  directKey: string | null,
): Promise<void> {
  await tx
    .insertInto('conversations')
    .values({
      id: conversation.id,
      org_id: conversation.orgId,
      creator_id: conversation.creatorId,
      created_ms: conversation.createdMs,
      direct_key: directKey,
      title: conversation.title,
      key_url: conversation.keyUrl,
      kro_url: conversation.kroUrl,
      tags: JSON.stringify(conversation.tags),
      extra: JSON.stringify(conversation.extra),
      seq: conversation.seq,
      last_activity_ms: conversation.lastActivityMs,
      last_readable_ms: conversation.lastReadableMs,
      key_retired: conversation.keyRetired ? 1 : 0,
      team_id: conversation.teamId,
      public_ms: conversation.publicMs,
    })
    .execute();
}
const movedOn = prepared((db, id: string, seq: number, activityMs: number, readableMs: number) =>
  db
    .updateTable('conversations')
    .set({ seq, last_activity_ms: activityMs, last_readable_ms: readableMs })
    .where('id', '=', id),
);

/** Writes what is now of a conversation. @param change what else than its order changed */
export async function changeConversation(
  tx: Tx,
  now: ConversationRecord,
  change: ConversationChange = {},
): Promise<void> {
  const { id, lastActivityMs, lastReadableMs, seq } = now;
  if (Object.keys(change).some((name) => name !== 'lastReadableMs')) {
    conversations.forget(tx, id);
    await tx
      .updateTable('conversations')
      .set({
        ...(change.title === undefined ? {} : { title: now.title }),
        ...(change.keyUrl === undefined ? {} : { key_url: now.keyUrl }),
        ...(change.kroUrl === undefined ? {} : { kro_url: now.kroUrl }),
        ...(change.tags === undefined ? {} : { tags: JSON.stringify(now.tags) }),
        ...(change.extra === undefined ? {} : { extra: JSON.stringify(now.extra) }),
        ...(change.keyRetired === undefined ? {} : { key_retired: now.keyRetired ? 1 : 0 }),
        ...(change.teamId === undefined ? {} : { team_id: now.teamId }),
        ...(change.publicMs === undefined ? {} : { public_ms: now.publicMs }),
        seq,
        last_activity_ms: lastActivityMs,
        last_readable_ms: lastReadableMs,
      })
      .where('id', '=', id)
      .execute();
    return;
  }
  await movedOn(tx, id, seq, lastActivityMs, lastReadableMs);
  conversations.set(tx, id, now);
}

const participantIn = prepared(
  (db, id: string, userId: string) =>
    db
      .selectFrom('participants')
      .selectAll()
      .where('conversation_id', '=', id)
      .where('user_id', '=', userId)
      .where('left_pos', 'is', null),
  { first: true },
);
export const findParticipant = async (
  tx: Tx,
  id: string,
  userId: string,
): Promise<Participant | undefined> => {
  const key = cacheKey(id, userId);
  const known = participants.get(tx, key);
  if (known !== undefined) return known;
  const [row] = await participantIn(tx, id, userId);
  if (row === undefined) return undefined;
  const participant = participantOf(row);
  participants.set(tx, key, participant);
  return participant;
};
/** In the order they came. */
export const participantsOf = async (tx: Tx, id: string): Promise<readonly Participant[]> => {
  const rows = await tx
    .selectFrom('participants')
    .selectAll()
    .where('conversation_id', '=', id)
    .where('left_pos', 'is', null)
    .orderBy('joined_pos')
    .orderBy('user_id')
    .execute();
  return rows.map(participantOf);
};
const someMember = prepared(
  (db, id: string) =>
    db
      .selectFrom('participants')
      .select('user_id')
      .where('conversation_id', '=', id)
      .where('left_pos', 'is', null)
      .limit(1),
  { first: true },
);
export const hasMembers = async (tx: Tx, id: string): Promise<boolean> =>
  (await someMember(tx, id)).length > 0;
/** Ids of all rooms of a team, its general room among them. */
export const roomsOfTeam = async (tx: Tx, teamId: string): Promise<readonly string[]> =>
  (await tx.selectFrom('conversations').select('id').where('team_id', '=', teamId).execute()).map(
    ({ id }) => id,
  );
/** Whether one of those who are in moderates. */
export const hasModerator = async (tx: Tx, id: string): Promise<boolean> =>
  (await tx
    .selectFrom('participants')
    .select('user_id')
    .where('conversation_id', '=', id)
    .where('left_pos', 'is', null)
    .where('is_moderator', '=', 1)
    .limit(1)
    .executeTakeFirst()) !== undefined;
export async function insertParticipants(
  tx: Tx,
  id: string,
  people: readonly {
    readonly userId: string;
    readonly isModerator?: boolean;
    readonly tags?: readonly string[];
  }[],
  joined: { readonly pos: number; readonly ms: number },
): Promise<void> {
  for (const { userId } of people) participants.forget(tx, cacheKey(id, userId));
  // SQLite takes 32766 parameters at most
  for (let at = 0; at < people.length; at += 1_000)
    await tx
      .insertInto('participants')
      .values(
        people.slice(at, at + 1_000).map((person) => ({
          conversation_id: id,
          user_id: person.userId,
          joined_pos: joined.pos,
          left_pos: null,
          joined_ms: joined.ms,
          is_moderator: person.isModerator === true ? 1 : 0,
          tags: JSON.stringify(person.tags ?? []),
          last_seen_activity_id: null,
          last_seen_ms: null,
        })),
      )
      .execute();
}
export async function changeParticipant(
  tx: Tx,
  id: string,
  userId: string,
  change: Partial<
    Pick<ParticipantsTable, 'left_pos' | 'is_moderator' | 'tags' | 'last_seen_activity_id' | 'last_seen_ms'>
  >,
): Promise<void> {
  participants.forget(tx, cacheKey(id, userId));
  await tx
    .updateTable('participants')
    .set(change)
    .where('conversation_id', '=', id)
    .where('user_id', '=', userId)
    .where('left_pos', 'is', null)
    .execute();
}

const seenOwn = prepared((db, id: string, userId: string, activityId: string, ms: number) =>
  db
    .updateTable('participants')
    .set({ last_seen_activity_id: activityId, last_seen_ms: ms })
    .where('conversation_id', '=', id)
    .where('user_id', '=', userId)
    .where('left_pos', 'is', null),
);
/** Who does something in a conversation has read it up to there. */
export async function markSeen(
  tx: Tx,
  { actorId, conversationId, id, publishedMs }: StoredActivity,
): Promise<void> {
  await seenOwn(tx, conversationId, actorId, id, publishedMs);
  const key = cacheKey(conversationId, actorId);
  const known = participants.get(tx, key);
  if (known !== undefined)
    participants.set(tx, key, { ...known, lastSeenActivityId: id, lastSeenMs: publishedMs });
}
