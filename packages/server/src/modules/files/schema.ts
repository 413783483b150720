// The tables of this module. Times are epoch ms; ids are bare lower-case uuids; JSON is text.
export interface FilesTable {
  id: string;
  conversation_id: string;
  creator_id: string;
  state: 'open' | 'stored' | 'finished';
  /** bytes */
  size: number;
  created_ms: number;
}

/** Which activities show which of our files: a file that none shows any more is removed. */
export interface ActivityFilesTable {
  activity_id: string;
  file_id: string;
}

declare module '../../kernel/store/schema.js' {
  interface Database {
    files: FilesTable;
    activity_files: ActivityFilesTable;
  }
}
