// The tables of this module. Times are epoch ms; ids are bare lower-case uuids; JSON is text.
export interface KmsKeysTable {
  uri: string;
  /** the 32 bytes, wrapped by the master key */
  wrapped: Uint8Array;
  creator_id: string;
  resource_uri: string | null;
  created_ms: number;
  bound_ms: number | null;
  /** since when nothing new may be under it: a user who could have it has left */
  retired_ms: number | null;
}

export interface KmsResourcesTable {
  uri: string;
  created_ms: number;
}

export interface KmsAuthorizationsTable {
  resource_uri: string;
  user_id: string;
}

export interface KmsSessionsTable {
  uri: string;
  wrapped: Uint8Array;
  user_id: string;
  client_id: string;
  expires_ms: number;
}

declare module '../../kernel/store/schema.js' {
  interface Database {
    kms_keys: KmsKeysTable;
    kms_resources: KmsResourcesTable;
    kms_authorizations: KmsAuthorizationsTable;
    kms_sessions: KmsSessionsTable;
  }
}
