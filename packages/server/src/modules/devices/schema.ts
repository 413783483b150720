// The tables of this module. Times are epoch ms; ids are bare lower-case uuids; JSON is text.
export interface DevicesTable {
  id: string;
  user_id: string;
  /** JSON of what the client said */
  body: string;
  created_ms: number;
  modified_ms: number;
  /** seconds */
  ttl_s: number | null;
  /** every event up to and including this position was acknowledged by this device */
  acked_pos: number;
  /** events that fell out of the retention before this device acknowledged them, since it was last informed */
  lost: number;
}

declare module '../../kernel/store/schema.js' {
  interface Database {
    devices: DevicesTable;
  }
}
