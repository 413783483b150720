// The tables of this module. Times are epoch ms; ids are bare lower-case uuids; JSON is text.
import type { Generated } from 'kysely';

export interface EventsTable {
  pos: Generated<number>;
  /** the frame's id, the same at every delivery */
  id: string;
  /** for everybody who is in this conversation at this position, … */
  conversation_id: string | null;
  /** … or for all devices of one person */
  user_id: string | null;
  type: string;
  /** JSON of the frame's `data` */
  payload: string;
  created_ms: number;
}

declare module '../../kernel/store/schema.js' {
  interface Database {
    events: EventsTable;
  }
}
