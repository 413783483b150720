// The tables of this module. Times are epoch ms; ids are bare lower-case uuids; JSON is text.
export interface ConversationsTable {
  id: string;
  org_id: string;
  creator_id: string;
  created_ms: number;
  /** the two people of a 1:1, sorted, joined by `:`; unique */
  direct_key: string | null;
  /** JWE under key_url */
  title: string | null;
  /** the conversation's own and default activity key */
  key_url: string | null;
  kro_url: string | null;
  /** JSON list of tags for everybody: LOCKED, ANNOUNCEMENT, PUBLIC, … */
  tags: string;
  /** JSON of the rest that REST shows (description, …) */
  extra: string;
  /** of the newest activity; the next one gets seq + 1 */
  seq: number;
  /** of the newest activity, strictly increasing */
  last_activity_ms: number;
  /** of the newest post or share */
  last_readable_ms: number;
  /** the team it belongs to; its own id: it is that team's general room */
  team_id: string | null;
  /** since when everybody of the organisation may find and join it; null: it is not public */
  public_ms: number | null;
  /** 1: a user left and could have the keys of now; the next write makes a new one first */
  key_retired: number;
}

export interface ParticipantsTable {
  conversation_id: string;
  user_id: string;
  /** events from this position on are for this person … */
  joined_pos: number;
  /** … up to and including this one (their own `leave`); null while they are in */
  left_pos: number | null;
  joined_ms: number;
  is_moderator: number;
  /** JSON list of tags for this person: HIDDEN, MUTED, FAVORITE, … */
  tags: string;
  last_seen_activity_id: string | null;
  last_seen_ms: number | null;
}

export interface ActivitiesTable {
  id: string;
  conversation_id: string;
  /** order within the conversation */
  seq: number;
  verb: string;
  actor_id: string;
  /** strictly increasing within the conversation */
  published_ms: number;
  parent_id: string | null;
  parent_type: string | null;
  client_temp_id: string | null;
  key_url: string | null;
  /** JSON of the activity's object: content is ciphertext */
  object: string;
  /** for a post that was deleted; its object is emptied */
  deleted_ms: number | null;
}

/** Whom a message means, by its newest words. */
export interface MentionsTable {
  /** of the person; the conversation's, when everybody in it is meant */
  user_id: string;
  activity_id: string;
  conversation_id: string;
  published_ms: number;
  /** who wrote the message */
  actor_id: string;
  /** the thread it is in */
  parent_id: string | null;
}

/** Activities that have children, by the kind of these: one row for each kind. */
export interface ParentsTable {
  parent_id: string;
  /** reply, edit, reaction, cardAction */
  type: string;
  conversation_id: string;
  /** of the newest child, or of taking one back */
  newest_ms: number;
}

/** Who wrote in which thread, its first message included; only threads that have a reply which was not deleted. */
export interface ThreadPeopleTable {
  root_id: string;
  user_id: string;
  conversation_id: string;
  /** of the newest reply of anyone, the same for all in the thread */
  newest_ms: number;
  /** how many of theirs were not deleted */
  messages: number;
}

/** Reactions that were not taken back. */
export interface ReactionsTable {
  activity_id: string;
  parent_id: string;
  actor_id: string;
  /** the same for the same reaction to the same message */
  hmac: string;
}

declare module '../../kernel/store/schema.js' {
  interface Database {
    conversations: ConversationsTable;
    participants: ParticipantsTable;
    activities: ActivitiesTable;
    mentions: MentionsTable;
    parents: ParentsTable;
    thread_people: ThreadPeopleTable;
    reactions: ReactionsTable;
  }
}
