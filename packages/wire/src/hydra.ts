// The public REST resources, as they travel. Times are ISO 8601. @source protocol/hydra-rest.md

export type RoomType = 'direct' | 'group';

/** @source §2 */
export interface Room {
  readonly id: string;
  readonly title?: string;
  /** Ours: there is a title, and no one on this way could read it (its key is gone). */
  readonly titleEncrypted?: true;
  readonly type: RoomType;
  readonly isLocked: boolean;
  readonly lastActivity?: string;
  readonly creatorId?: string;
  readonly created: string;
  readonly ownerId?: string;
  readonly teamId?: string;
  readonly isAnnouncementOnly?: boolean;
  readonly isReadOnly?: boolean;
  readonly isPublic?: boolean;
  /** since when it is public */
  readonly madePublic?: string;
  readonly description?: string;
}

/** @source §3 */
export interface Message {
  readonly id: string;
  readonly roomId: string;
  readonly roomType: RoomType;
  readonly text?: string;
  readonly markdown?: string;
  readonly html?: string;
  readonly files?: readonly string[];
  readonly personId: string;
  readonly personEmail: string;
  readonly mentionedPeople?: readonly string[];
  readonly mentionedGroups?: readonly string[];
  readonly attachments?: readonly { readonly contentType: string; readonly content: unknown }[];
  readonly parentId?: string;
  readonly toPersonId?: string;
  readonly toPersonEmail?: string;
  readonly created: string;
  readonly updated?: string;
}

/** @source §5 */
export interface Membership {
  readonly id: string;
  readonly roomId: string;
  readonly personId: string;
  readonly personEmail: string;
  readonly personDisplayName: string;
  readonly personOrgId: string;
  readonly isModerator: boolean;
  readonly isRoomHidden?: boolean;
  readonly roomType: RoomType;
  readonly isMonitor?: boolean;
  readonly created: string;
}

/** @source §6 */
export interface Person {
  readonly id: string;
  readonly emails: readonly string[];
  readonly displayName: string;
  readonly orgId: string;
  readonly type: 'person' | 'bot' | 'appuser';
  readonly created: string;
  readonly extension?: string;
  readonly nickName?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly avatar?: string;
  readonly roles?: readonly string[];
  readonly status?: string;
  readonly lastModified?: string;
  readonly lastActivity?: string;
  readonly phoneNumbers?: readonly { readonly type: string; readonly value: string }[];
  readonly loginEnabled?: boolean;
  readonly invitePending?: boolean;
}

/** A refusal. @source §1.2 */
export interface ErrorBody {
  readonly message: string;
  readonly errors: readonly { readonly description: string }[];
  readonly trackingId: string;
  readonly errorCode?: number;
}
