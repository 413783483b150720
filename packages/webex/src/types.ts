// The type names of the official API texts.
import type { RoomWithReadStatus } from '@trunkline/rooms';
import type {
  AttachmentAction,
  Membership,
  Message,
  Person,
  PresenceStatus,
  Room,
  Team,
  TeamMembership,
  Webhook,
} from '@trunkline/wire';
import type { Presence } from './presence.js';

/** A room, as `webex.rooms` has it. */
export type RoomObject = Room;
/** A room with how far the signed-in person has read, as `rooms.getWithReadStatus` has it. */
export type RoomInfoObject = RoomWithReadStatus;
/** What `rooms.listWithReadStatus` resolves with. */
export interface RoomsList {
  readonly items: readonly RoomInfoObject[];
}
/** A message, as `webex.messages` has it. */
export type MessageObject = Message;
/** A membership, as `webex.memberships` has it. */
export type MembershipObject = Membership;
/** A person, as `webex.people` has it. */
export type PersonObject = Person;
/** A team, as `webex.teams` has it. */
export type TeamObject = Team;
/** A membership of a team, as `webex.teamMemberships` has it. */
export type TeamMembershipObject = TeamMembership;
/** A webhook, as `webex.webhooks` has it. */
export type WebhookObject = Webhook;
/** What was sent from a card, as `webex.attachmentActions` has it. */
export type AttachmentActionObject = AttachmentAction;
/** A person's status, as `presence.get` has it. */
export type PresenceStatusObject = PresenceStatus;
/** What `presence.list` resolves with. */
export interface PresenceStatusesObject {
  readonly statusList: readonly PresenceStatusObject[];
}
/** `webex.presence` */
export type IPresence = Presence;
/** `config.logger` */
export interface LoggerConfig {
  /** up to which lines are printed: silent, error, warn, log, info, debug or trace */
  readonly level?: string;
  /** how many lines are kept, 10 000 when left out */
  readonly historyLength?: number;
}
