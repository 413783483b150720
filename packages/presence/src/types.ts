import type { CallInit } from '@trunkline/core';
import type { EventSource } from '@trunkline/core/kit';
import type { State } from '@trunkline/state';
import type {
  EventData,
  Feature,
  PresenceEventData,
  PresenceName,
  PresenceStatus,
  PresenceSubscription,
} from '@trunkline/wire';

export type { PresenceEventData, PresenceName, PresenceStatus, PresenceSubscription } from '@trunkline/wire';

export interface PresenceOptions {
  /**
   * People in one request. Left out: 50 in the Webex cloud, which takes no more, and 500 elsewhere.
   *
   * @source protocol/presence-devices-support.md §1.1
   */
  readonly batchSize?: number;
}

/** What one may say of oneself. `clear` takes back everything that was said. */
export type OwnStatus =
  'active' | 'inactive' | 'calendarItem' | 'call' | 'clear' | 'dnd' | 'meeting' | 'ooo' | 'presenting';

/** What the service made of it. */
export interface OwnPresence {
  /** uuid */
  readonly subject: string;
  readonly eventType: OwnStatus;
  /** what others see now, as far as the service says; else `eventType` */
  readonly status: PresenceName;
}

/**
 * Something was learned of people. The order is that of learning.
 *
 * @source protocol/presence-devices-support.md §1.2, §1.3
 */
export type PresenceUpdate =
  /** a change that the service pushed */
  | { readonly type: 'subscription'; readonly payload: PresenceEventData }
  /** an answer to what `enqueue` or `watch` asked for */
  | {
      readonly type: 'presence';
      readonly payload: { readonly statusList: readonly PresenceStatus[] };
    }
  /** too old to be shown any more: ids of people, bare uuids */
  | { readonly type: 'delete'; readonly payload: readonly string[] };

export interface PresenceEvents {
  updated: PresenceUpdate;
}

/** What a model holds. */
export interface WatchedValues {
  /** uuid */
  readonly personId: string;
  /** `unknown` until it is known, for who is hidden, and when nothing arrived for ten minutes */
  readonly status: PresenceName;
  /** ISO 8601 */
  readonly statusTime: string | undefined;
  /** ISO 8601 */
  readonly lastActive: string | undefined;
}

/** One person's presence, kept fresh until it is closed. Emits `change:status`, `change:isOnline` … */
export interface WatchedPresence extends State<
  WatchedValues,
  {
    /** active, or in a call or meeting; not known of who does not want to be disturbed */
    readonly isOnline: boolean;
  }
> {
  /** No more changes. What is known stays readable. */
  close(): void;
}

/**
 * Presence. Ids may be bare uuids or public ids; answers have bare uuids. Calls also throw what `client.request` does;
 * `setStatus`, `enable`, `disable` and `isEnabled` register the device and open the socket first, as `connect` does.
 */
export interface Presence extends EventSource<PresenceEvents> {
  /**
   * One person's presence, asked for at once. Who cannot be seen is `unknown`.
   *
   * @throws {SdkError} `ERR_ARGUMENT` without an id
   * @source protocol/presence-devices-support.md §1.1
   */
  get(personId: string, init?: CallInit): Promise<PresenceStatus>;
  /**
   * That of many, in this order. Calls made within 50 ms leave together, in as few requests as may be.
   *
   * @throws {SdkError} `ERR_BAD_RESPONSE` when the service left someone out, `ERR_ARGUMENT` without ids
   * @source protocol/presence-devices-support.md §1.1, §0.1
   */
  list(personIds: readonly string[], init?: CallInit): Promise<readonly PresenceStatus[]>;
  /**
   * Someone is on the screen: they are asked about soon, and subscribed to when they stay a minute. What is learned
   * comes as `updated`. Count it back with `dequeue`.
   *
   * @throws {SdkError} `ERR_ARGUMENT` without an id; anything else is tried again, and reported
   * @source protocol/presence-devices-support.md §1.3
   */
  enqueue(personId: string): void;
  /** They left the screen, as often as they came. A subscription runs out by itself. */
  dequeue(personId: string): void;
  /**
   * Changes of these people are pushed for `ttlS` seconds (600 when left out), as `updated` of type `subscription`. Who
   * cannot be subscribed to has another `responseCode` than 200. No one renews it: `watch` and `enqueue` do.
   *
   * @throws {SdkError} `ERR_ARGUMENT` without ids, or when `ttlS` is not above 0
   * @source protocol/presence-devices-support.md §1.1
   */
  subscribe(
    personIds: string | readonly string[],
    ttlS?: number,
    init?: CallInit,
  ): Promise<readonly PresenceSubscription[]>;
  /** Ends subscriptions before their time. @throws {SdkError} `ERR_ARGUMENT` without ids */
  unsubscribe(personIds: string | readonly string[], init?: CallInit): Promise<void>;
  /**
   * Says what one does, for `ttlS` seconds: 0 ends it, left out means as long as the service finds fit.
   *
   * @throws {SdkError} `ERR_ARGUMENT` without a status
   * @example await client.presence.setStatus('dnd', 3600);
   * @source protocol/presence-devices-support.md §1.1
   */
  setStatus(status: OwnStatus, ttlS?: number, init?: CallInit): Promise<OwnPresence>;
  /** One is shown to others (again). @source protocol/presence-devices-support.md §1.1, §6 */
  enable(init?: CallInit): Promise<boolean>;
  /** One is shown to no one: others see `unknown`. */
  disable(init?: CallInit): Promise<boolean>;
  /** What was set last, here or elsewhere; undefined when no one ever set it. */
  isEnabled(init?: CallInit): Promise<boolean | undefined>;
  /**
   * One person as a model that follows them: asked about and subscribed to at once, renewed, and asked about again after
   * the socket was away. Several models of one person cost as much as one.
   *
   * @throws {SdkError} `ERR_ARGUMENT` without an id
   * @example
   * const ben = client.presence.watch(benId);
   * ben.on('change:status', (status) => show(status));
   * ben.close();
   */
  watch(personId: string): WatchedPresence;
}

declare module '@trunkline/core' {
  interface WireEvents {
    'apheleia.subscription_update': PresenceEventData;
    featureToggle_update: EventData & { readonly featureToggle?: Feature };
  }
}
