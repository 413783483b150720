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

declare module '../../kernel/store/schema.js' {
  interface Database {
    loci: LociTable;
    locus_people: LocusPeopleTable;
  }
}
