// The tables of this module. Times are epoch ms; ids are bare lower-case uuids; JSON is text.
export interface UsersTable {
  id: string;
  org_id: string;
  /** lower case, unique */
  email: string;
  display_name: string;
  /** null: taken from the display name */
  given_name: string | null;
  family_name: string | null;
  /** scrypt, see modules/identity */
  password_hash: string | null;
  /** JSON list of `admin`, `agent`, `bot`, `guest`, `machine`, `spark.kms_orgagent` */
  roles: string;
  extension: string;
  created_ms: number;
}

export interface ClientsTable {
  id: string;
  /** null: a public client */
  secret_hash: string | null;
  /** JSON list */
  redirect_uris: string;
  /** space separated */
  scopes: string;
  name: string;
  created_ms: number;
  /** the account it acts as when no one is signed in; null: it never did */
  machine_id: string | null;
}

export interface TokensTable {
  /** SHA-256 of the token, hex: the token itself is nowhere */
  hash: string;
  kind: 'access' | 'refresh';
  user_id: string;
  client_id: string | null;
  /** space separated, sorted */
  scope: string;
  /** access and refresh tokens of one grant fall together */
  grant_id: string;
  expires_ms: number;
  created_ms: number;
  /** hash of the refresh token that this one is to replace */
  parent: string | null;
  /** of a refresh token whose successor was used: shown again, it was stolen */
  spent_ms: number | null;
}

/** Authorization codes, on their way from the sign-in page to the client. */
export interface CodesTable {
  /** SHA-256 of the code, hex */
  hash: string;
  client_id: string;
  user_id: string;
  redirect_uri: string;
  scope: string;
  /** PKCE, S256 */
  challenge: string | null;
  /** of what it gives: revoked when the code is shown again */
  grant_id: string;
  used_ms: number | null;
  expires_ms: number;
}

/** Who is signed in at the sign-in page, in which browser. */
export interface SessionsTable {
  /** SHA-256 of the cookie, hex */
  hash: string;
  user_id: string;
  expires_ms: number;
  /** 0: before this was kept */
  started_ms: number;
  /** what the browser called itself */
  agent: string;
}

/** A browser in which this person gave the right password before. */
export interface KnownBrowsersTable {
  /** SHA-256 of the browser's cookie, hex */
  hash: string;
  user_id: string;
  /** epoch ms of the last right password */
  used_ms: number;
}

/** Sign-ins of devices without a browser: one code is with the device, the other is typed by a person. */
export interface DeviceCodesTable {
  /** SHA-256 of the device's code, hex */
  hash: string;
  /** SHA-256 of the person's code, hex */
  user_code_hash: string;
  client_id: string;
  /** space separated, sorted */
  scope: string;
  state: 'pending' | 'allowed' | 'denied' | 'used';
  /** who decided */
  user_id: string | null;
  /** of what it gives: revoked when the code is shown again */
  grant_id: string;
  expires_ms: number;
}

/** What a person allowed a client, so that they are not asked again. */
export interface ConsentsTable {
  user_id: string;
  client_id: string;
  /** space separated, sorted */
  scope: string;
  given_ms: number;
}

/** Who may vouch for guests, by signing tokens with a secret. */
export interface GuestIssuersTable {
  id: string;
  /** the 32 bytes, wrapped by the master key */
  wrapped: Uint8Array;
  name: string;
  created_ms: number;
}

export interface GuestsTable {
  issuer_id: string;
  /** what the issuer calls them */
  sub: string;
  user_id: string;
}

declare module '../../kernel/store/schema.js' {
  interface Database {
    users: UsersTable;
    clients: ClientsTable;
    tokens: TokensTable;
    codes: CodesTable;
    sessions: SessionsTable;
    known_browsers: KnownBrowsersTable;
    device_codes: DeviceCodesTable;
    consents: ConsentsTable;
    guest_issuers: GuestIssuersTable;
    guests: GuestsTable;
  }
}
