// The tables of this module. Times are epoch ms; ids are bare lower-case uuids; JSON is text.

/** Meetings and calls that are held, and for a while those that were. */
export interface LociTable {
  id: string;
  /** the scheduled meeting or personal room; null for calls and meetings of a room */
  scheduled_id: string | null;
  conversation_id: string | null;
  /** 1: it has ended */
  ended: number;
  updated_ms: number;
  /** JSON of a `Meeting`, see model.ts */
  document: string;
}

/** Who takes or took part in which, to find a person's meetings. */
export interface LocusPeopleTable {
  locus_id: string;
  user_id: string;
}

/** Recordings that were ended. Their files lie in the data folder. */
export interface RecordingsTable {
  id: string;
  locus_id: string;
  /** the host */
  owner_id: string;
  scheduled_id: string | null;
  title: string;
  /** absolute path */
  file: string;
  started_ms: number;
  duration_ms: number;
  byte_length: number;
  /** 1: nothing of anybody is in it */
  is_empty: number;
}

declare module '../../kernel/store/schema.js' {
  interface Database {
    loci: LociTable;
    locus_people: LocusPeopleTable;
    recordings: RecordingsTable;
  }
}
