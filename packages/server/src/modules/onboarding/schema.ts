// The tables of this module. Times are epoch ms; ids are bare lower-case uuids; JSON is text.
/** What was sent to a user's mailbox, so that they show that it is theirs: the newest of each kind. */
export interface OneTimeCodesTable {
  id: string;
  kind: 'password' | 'activation';
  user_id: string;
  client_id: string;
  /** SHA-256 of the long text of an activation, hex */
  token_hash: string | null;
  /** scrypt of the digits, as passwords */
  code_hash: string;
  tries: number;
  expires_ms: number;
}

/** Sign-ins by a code out of a mailbox, for as long as they may set a new password. */
export interface FreshGrantsTable {
  grant_id: string;
  user_id: string;
  expires_ms: number;
}

declare module '../../kernel/store/schema.js' {
  interface Database {
    one_time_codes: OneTimeCodesTable;
    fresh_grants: FreshGrantsTable;
  }
}
