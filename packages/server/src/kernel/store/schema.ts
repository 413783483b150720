// Every table, as kysely sees it. Times are epoch ms; ids are bare lower-case uuids; JSON is text.
import type { Generated } from 'kysely';

export interface MetaTable {
  key: string;
  value: string;
}
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
  /** the account it acts as when nobody is signed in; null: it never did */
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
/** What was sent to somebody's mailbox, so that they show that it is theirs: the newest of each kind. */
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
  /** events that fell out of the retention before this device acknowledged them, since it last heard of it */
  lost: number;
}
export interface ConversationsTable {
  id: string;
  org_id: string;
  creator_id: string;
  created_ms: number;
  /** the two people of a 1:1, sorted, joined by `:`; unique */
  direct_key: string | null;
  /** JWE under key_url */
  title: string | null;
  /** the conversation's own and default activity key */
  key_url: string | null;
  kro_url: string | null;
  /** JSON list of tags for everybody: LOCKED, ANNOUNCEMENT, PUBLIC, … */
  tags: string;
  /** JSON of the rest that REST shows (description, …) */
  extra: string;
  /** of the newest activity; the next one gets seq + 1 */
  seq: number;
  /** of the newest activity, strictly increasing */
  last_activity_ms: number;
  /** of the newest post or share */
  last_readable_ms: number;
  /** the team it belongs to; its own id: it is that team's general room */
  team_id: string | null;
  /** since when everybody of the organisation may find and join it; null: it is not public */
  public_ms: number | null;
  /** 1: somebody left and could have the keys of now; the next write makes a new one first */
  key_retired: number;
}
export interface ParticipantsTable {
  conversation_id: string;
  user_id: string;
  /** events from this position on are for this person … */
  joined_pos: number;
  /** … up to and including this one (their own `leave`); null while they are in */
  left_pos: number | null;
  joined_ms: number;
  is_moderator: number;
  /** JSON list of tags for this person: HIDDEN, MUTED, FAVORITE, … */
  tags: string;
  last_seen_activity_id: string | null;
  last_seen_ms: number | null;
}
export interface ActivitiesTable {
  id: string;
  conversation_id: string;
  /** order within the conversation */
  seq: number;
  verb: string;
  actor_id: string;
  /** strictly increasing within the conversation */
  published_ms: number;
  parent_id: string | null;
  parent_type: string | null;
  client_temp_id: string | null;
  key_url: string | null;
  /** JSON of the activity's object: content is ciphertext */
  object: string;
  /** for a post that was deleted; its object is emptied */
  deleted_ms: number | null;
}
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
export interface KmsKeysTable {
  uri: string;
  /** the 32 bytes, wrapped by the master key */
  wrapped: Uint8Array;
  creator_id: string;
  resource_uri: string | null;
  created_ms: number;
  bound_ms: number | null;
  /** since when nothing new may be under it: somebody who could have it has left */
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
/** Whom a message means, by its newest words. */
export interface MentionsTable {
  /** of the person; the conversation's, when everybody in it is meant */
  user_id: string;
  activity_id: string;
  conversation_id: string;
  published_ms: number;
  /** who wrote the message */
  actor_id: string;
  /** the thread it is in */
  parent_id: string | null;
}
/** Activities that have children, by the kind of these: one row for each kind. */
export interface ParentsTable {
  parent_id: string;
  /** reply, edit, reaction, cardAction */
  type: string;
  conversation_id: string;
  /** of the newest child, or of taking one back */
  newest_ms: number;
}
/** Who wrote in which thread, its first message included; only threads that have a reply which was not deleted. */
export interface ThreadPeopleTable {
  root_id: string;
  user_id: string;
  conversation_id: string;
  /** of the newest reply of anyone, the same for all in the thread */
  newest_ms: number;
  /** how many of theirs were not deleted */
  messages: number;
}
/** Reactions that were not taken back. */
export interface ReactionsTable {
  activity_id: string;
  parent_id: string;
  actor_id: string;
  /** the same for the same reaction to the same message */
  hmac: string;
}

/** Toggles that a person's clients set. */
export interface FeaturesTable {
  user_id: string;
  kind: 'developer' | 'user';
  key: string;
  val: string;
  modified_ms: number;
}

export interface WebhooksTable {
  id: string;
  org_id: string;
  creator_id: string;
  /** the client whose token created it */
  app_id: string;
  owned_by: 'creator' | 'org';
  name: string;
  target_url: string;
  resource: string;
  event: string;
  /** a query string, as it was given */
  filter: string | null;
  /** wrapped by the master key */
  secret: Uint8Array | null;
  status: 'active' | 'inactive';
  /** events after this position are for it */
  since_pos: number;
  created_ms: number;
}
/** What a webhook's target is still to be told, in this order. */
export interface WebhookDeliveriesTable {
  n: Generated<number>;
  webhook_id: string;
  /** JSON of resource, event, actorId and data; URLs with the base left open */
  body: string;
  attempts: number;
  failing_since_ms: number | null;
  /** not before */
  next_ms: number;
}

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

/** A simulated device in a meeting room; its id is that of its machine account. */
export interface RoomDevicesTable {
  id: string;
  org_id: string;
  display_name: string;
  product_name: string;
  /** as its screen shows it */
  pin: string;
  /** null: nobody has asked for it yet */
  pin_expires_ms: number | null;
  /** what its speaker says */
  ultrasound_token: string;
  /** 0 to 100 */
  volume: number;
  muted: 0 | 1;
  created_ms: number;
}
/** Who is in the room, or was shown a PIN and has not told it yet; once per device of theirs. */
export interface LyraOccupantsTable {
  device_id: string;
  user_id: string;
  wdm_id: string;
  verified: 0 | 1;
  expires_ms: number;
}
/** Wrong PINs in a row. */
export interface LyraAttemptsTable {
  device_id: string;
  user_id: string;
  failures: number;
  last_ms: number;
}
/** A room device is in a conversation because this person brought it there. */
export interface LyraBindingsTable {
  id: string;
  device_id: string;
  conversation_id: string;
  user_id: string;
  created_ms: number;
}
/** Room devices that a person's clients remember, with the names they gave them (ciphertext). */
export interface LyraAuxiliaryTable {
  user_id: string;
  device_id: string;
  name: string | null;
  key_url: string | null;
  modified_ms: number;
}

export interface Database {
  activity_files: ActivityFilesTable;
  mentions: MentionsTable;
  parents: ParentsTable;
  thread_people: ThreadPeopleTable;
  reactions: ReactionsTable;
  room_devices: RoomDevicesTable;
  lyra_occupants: LyraOccupantsTable;
  lyra_attempts: LyraAttemptsTable;
  lyra_bindings: LyraBindingsTable;
  lyra_auxiliary: LyraAuxiliaryTable;
  presence_events: PresenceEventsTable;
  presence_seen: PresenceSeenTable;
  client_logs: ClientLogsTable;
  feedback: FeedbackTable;
  meta: MetaTable;
  users: UsersTable;
  clients: ClientsTable;
  tokens: TokensTable;
  devices: DevicesTable;
  conversations: ConversationsTable;
  participants: ParticipantsTable;
  activities: ActivitiesTable;
  events: EventsTable;
  kms_keys: KmsKeysTable;
  kms_resources: KmsResourcesTable;
  kms_authorizations: KmsAuthorizationsTable;
  kms_sessions: KmsSessionsTable;
  files: FilesTable;
  features: FeaturesTable;
  codes: CodesTable;
  sessions: SessionsTable;
  known_browsers: KnownBrowsersTable;
  consents: ConsentsTable;
  guest_issuers: GuestIssuersTable;
  guests: GuestsTable;
  device_codes: DeviceCodesTable;
  one_time_codes: OneTimeCodesTable;
  fresh_grants: FreshGrantsTable;
  webhooks: WebhooksTable;
  webhook_deliveries: WebhookDeliveriesTable;
}
