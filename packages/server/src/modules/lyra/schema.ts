// The tables of this module. Times are epoch ms; ids are bare lower-case uuids; JSON is text.
/** A simulated device in a meeting room; its id is that of its machine account. */
export interface RoomDevicesTable {
  id: string;
  org_id: string;
  display_name: string;
  product_name: string;
  /** as its screen shows it */
  pin: string;
  /** null: no one has asked for it yet */
  pin_expires_ms: number | null;
  /** what its speaker says */
  ultrasound_token: string;
  /** 0 to 100 */
  volume: number;
  muted: 0 | 1;
  created_ms: number;
}

/** Who is in the room, or was shown a PIN and has not entered it yet; once per device of theirs. */
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

declare module '../../kernel/store/schema.js' {
  interface Database {
    room_devices: RoomDevicesTable;
    lyra_occupants: LyraOccupantsTable;
    lyra_attempts: LyraAttemptsTable;
    lyra_bindings: LyraBindingsTable;
    lyra_auxiliary: LyraAuxiliaryTable;
  }
}
