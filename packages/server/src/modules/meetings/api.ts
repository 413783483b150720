/** Where meetings are held: a scheduled meeting, a personal room, or a room of the messaging side. */
export interface MeetingPlace {
  readonly kind: 'scheduled' | 'personal' | 'room';
  /** of scheduled meetings and personal rooms */
  readonly scheduledId?: string;
  /** of rooms */
  readonly conversationId?: string;
  readonly title: string;
  readonly orgId: string;
  readonly hostUserId?: string;
  /** digits */
  readonly number?: string;
  readonly sipAddress: string;
  readonly isPersonalRoom: boolean;
  readonly startsMs?: number;
  readonly endsMs?: number;
}
/** Who is at the door, and with what. */
export interface Entrant {
  readonly userId: string;
  readonly orgId: string;
  readonly isGuest: boolean;
  readonly permissionToken?: string;
  readonly moderator?: boolean;
  readonly pin?: string;
}
export interface Entry {
  readonly isHost: boolean;
  readonly mustWait: boolean;
}
export interface MeetingsApi {
  /** By meeting link, number, `wbxmn:NUMBER`, SIP address or conversation URL. undefined: no such place. */
  find(address: string): Promise<MeetingPlace | undefined>;
  /** @throws ApiError 403, 404, 423 */
  enter(place: MeetingPlace, who: Entrant): Promise<Entry>;
  isHostKey(place: MeetingPlace, key: unknown): Promise<boolean>;
  byScheduledId(id: string): Promise<MeetingPlace | undefined>;
}

declare module '../../kernel/module.js' {
  interface Modules {
    readonly meetings: MeetingsApi;
  }
}
