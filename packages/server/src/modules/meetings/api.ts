import type { Urls } from '../../kernel/http/urls.js';

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
  /** epoch ms */
  readonly startsMs?: number;
  readonly endsMs?: number;
}

/** Who is at the door, and with what. */
export interface Entrant {
  readonly userId: string;
  readonly orgId: string;
  readonly isGuest: boolean;
  /** from the meeting info, which checked the password */
  readonly permissionToken?: string;
  /** the host key */
  readonly pin?: string;
}
export interface Entry {
  readonly isHost: boolean;
  /** in the lobby, until a moderator admits them */
  readonly mustWait: boolean;
}

/** Meetings that are not being held: what they are called, and who may come. */
export interface MeetingsApi {
  /** By meeting link, number, `wbxmn:NUMBER`, SIP address or conversation URL; undefined: it may be a person. */
  find(address: string): Promise<MeetingPlace | undefined>;
  /** What clients are shown of a place; the caller has checked that they may know it. */
  show(urls: Urls, place: MeetingPlace): object;
  byScheduledId(id: string): Promise<MeetingPlace | undefined>;
  /** @throws ApiError 403 without the password, 404 for who may not know of it, 423 for a wrong PIN */
  enter(place: MeetingPlace, who: Entrant): Promise<Entry>;
  /** Whether a text is the host key. */
  isHostKey(place: MeetingPlace, key: unknown): Promise<boolean>;
}

declare module '../../kernel/module.js' {
  interface Modules {
    readonly meetings: MeetingsApi;
  }
}
