// The tables of this module. Times are epoch ms; ids are bare lower-case uuids; JSON is text.
/** Logs that people's clients sent; the text is in a file of its own. */
export interface ClientLogsTable {
  id: string;
  user_id: string;
  filename: string;
  state: 'open' | 'stored' | 'finished';
  /** bytes */
  size: number;
  /** JSON list of `{ key, value }` */
  meta: string;
  created_ms: number;
}

export interface FeedbackTable {
  id: string;
  user_id: string;
  /** 1 to 5; null: not given */
  rating: number | null;
  text: string;
  /** JSON of what the app said of itself */
  app: string;
  created_ms: number;
}

declare module '../../kernel/store/schema.js' {
  interface Database {
    client_logs: ClientLogsTable;
    feedback: FeedbackTable;
  }
}
