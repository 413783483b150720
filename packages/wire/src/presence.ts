// Presence, as the service `apheleia` has it. @source protocol/presence-devices-support.md §1

export type PresenceName =
  | 'active'
  | 'inactive'
  | 'call'
  | 'meeting'
  | 'presenting'
  | 'calendarItem'
  | 'dnd'
  | 'ooo'
  | 'unknown'
  | (string & {});

/** @source §1.1 */
export interface PresenceStatus {
  readonly url: string;
  /** uuid of the person */
  readonly subject: string;
  readonly status: PresenceName;
  /** ISO 8601 */
  readonly statusTime?: string;
  /** ISO 8601 */
  readonly lastActive?: string;
  /** seconds, -1: none */
  readonly expiresTTL?: number;
  /** ISO 8601 */
  readonly expiresTime?: string;
  readonly vectorCounters?: Readonly<Record<string, unknown>>;
  readonly suppressNotifications?: boolean;
  readonly lastSeenDeviceUrl?: string;
}

/** `apheleia.subscription_update` on the socket. @source §1.2 */
export interface PresenceEventData extends PresenceStatus {
  readonly eventType: 'apheleia.subscription_update';
}

/** One answer of `POST subscriptions`. */
export interface PresenceSubscription {
  readonly subject: string;
  readonly responseCode: number;
  /** seconds */
  readonly subscriptionTtl: number;
  readonly status?: PresenceStatus;
}
