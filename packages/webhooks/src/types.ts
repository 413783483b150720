import type { CallInit, List } from '@trunkline/core';
import type { Webhook, WebhookEvent, WebhookResource } from '@trunkline/wire';

export type { Webhook, WebhookDelivery, WebhookEvent, WebhookResource } from '@trunkline/wire';

/** @source protocol/hydra-rest.md §8 */
export interface WebhookCreate {
  readonly name: string;
  /** http or https; deliveries are posted to it */
  readonly targetUrl: string;
  /** `messages`, `memberships`, `rooms`, `attachmentActions`, or `all` */
  readonly resource: WebhookResource;
  /** `created`, `updated`, `deleted`, or `all` */
  readonly event: WebhookEvent;
  /** a query string, all of which must hold: `roomId=…&hasFiles=true` */
  readonly filter?: string;
  /** key of the signature that each delivery then carries, see `verifyWebhook` */
  readonly secret?: string;
  /** `org` only for administrators */
  readonly ownedBy?: 'creator' | 'org';
}

/** A fetched {@link Webhook} fits; its resource and event cannot be changed. @source protocol/hydra-rest.md §8 */
export interface WebhookUpdate {
  readonly id: string;
  readonly name: string;
  readonly targetUrl: string;
  readonly secret?: string;
  readonly ownedBy?: 'creator' | 'org';
  /** `active` wakes one that the service made inactive; it cannot be made inactive by hand */
  readonly status?: 'active' | 'inactive';
}

/** @source protocol/hydra-rest.md §8 */
export interface WebhookQuery {
  /** page size, 1–100 (default of the service: 100) */
  readonly max?: number;
  /** `org`: those that the organisation owns, for administrators; your own when left out */
  readonly ownedBy?: 'creator' | 'org';
}

/**
 * Notifications to a service of yours by HTTP. Every call also throws `ERR_UNAUTHORIZED`, `ERR_RATE_LIMITED`,
 * `ERR_NETWORK`, `ERR_TIMEOUT`, `ERR_CLIENT_CLOSED`, as `client.request` does, and `ERR_ARGUMENT` before any request
 * when an id is missing.
 */
export interface Webhooks {
  /**
   * From now on the target is notified; it sees what you see.
   *
   * @throws {SdkError} `ERR_BAD_REQUEST` in words for a resource, event, filter or target that cannot be, `ERR_FORBIDDEN`
   *   for `ownedBy: 'org'` without being an administrator, `ERR_CONFLICT` when you have too many
   * @example await client.webhooks.create({ name: 'bot', targetUrl, resource: 'messages', event: 'created', secret });
   * @source protocol/hydra-rest.md §8
   */
  create(webhook: WebhookCreate, init?: CallInit): Promise<Webhook>;
  /**
   * Returns a webhook by its id.
   *
   * @param webhook its id, or any object with one
   * @throws {SdkError} `ERR_NOT_FOUND` when it does not exist or is another person's
   * @source protocol/hydra-rest.md §8
   */
  get(webhook: string | { readonly id: string }, init?: CallInit): Promise<Webhook>;
  /**
   * Webhooks, page by page, fetched as you read; `init.signal` stops between pages as well as in mid-request.
   *
   * @throws {SdkError} `ERR_FORBIDDEN` for `ownedBy: 'org'` without being an administrator
   * @example for await (const { name, status } of client.webhooks.list()) console.log(name, status);
   * @source protocol/hydra-rest.md §1.1, §8
   */
  list(query?: WebhookQuery, init?: CallInit): List<Webhook>;
  /**
   * Changes a webhook, or activates it again.
   *
   * @throws {SdkError} `ERR_BAD_REQUEST` for a target that cannot be, `ERR_NOT_FOUND`
   * @example await client.webhooks.update({ ...webhook, status: 'active' });
   * @source protocol/hydra-rest.md §8
   */
  update(webhook: WebhookUpdate, init?: CallInit): Promise<Webhook>;
  /**
   * Pending notifications are dropped.
   *
   * @throws {SdkError} `ERR_NOT_FOUND`
   * @source protocol/hydra-rest.md §8
   */
  remove(webhook: string | { readonly id: string }, init?: CallInit): Promise<void>;
}
