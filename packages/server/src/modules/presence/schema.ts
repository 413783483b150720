// The tables of this module. Times are epoch ms; ids are bare lower-case uuids; JSON is text.
/** What a person's clients, or they themselves, say they do. */
export interface PresenceEventsTable {
  user_id: string;
  /** dnd, ooo, call, … */
  event_type: string;
  set_ms: number;
  /** null: until it is taken back */
  expires_ms: number | null;
}

/** When a person last did something. */
export interface PresenceSeenTable {
  user_id: string;
  last_active_ms: number;
}

declare module '../../kernel/store/schema.js' {
  interface Database {
    presence_events: PresenceEventsTable;
    presence_seen: PresenceSeenTable;
  }
}
