// The tables of this module. Times are epoch ms; ids are bare lower-case uuids.

/** Scheduled meetings and personal rooms. */
export interface MeetingPlacesTable {
  id: string;
  kind: 'scheduled' | 'personal';
  org_id: string;
  owner_id: string;
  title: string;
  /** digits, unique */
  number: string;
  /** wrapped by the master key; null: none is needed */
  password: Uint8Array | null;
  /** wrapped by the master key */
  host_key: Uint8Array;
  /** null: of a personal room */
  start_ms: number | null;
  end_ms: number | null;
  timezone: string;
  agenda: string | null;
  created_ms: number;
}

export interface MeetingInviteesTable {
  id: string;
  place_id: string;
  /** in lower case */
  email: string;
  display_name: string | null;
  /** 1: may do what the host may */
  co_host: number;
}

/** Meeting links of rooms that stay. */
export interface MeetingLinksTable {
  conversation_id: string;
  /** digits, unique; no place has it either */
  number: string;
  /** who enabled it */
  user_id: string;
  created_ms: number;
}

declare module '../../kernel/store/schema.js' {
  interface Database {
    meeting_places: MeetingPlacesTable;
    meeting_invitees: MeetingInviteesTable;
    meeting_links: MeetingLinksTable;
  }
}
