// Webhooks, as the public API has them, and what their targets receive. @source protocol/hydra-rest.md §8

export type WebhookResource =
  'messages' | 'memberships' | 'rooms' | 'attachmentActions' | 'all' | (string & {});
export type WebhookEvent = 'created' | 'updated' | 'deleted' | 'all' | (string & {});

/** @source §8 */
export interface Webhook {
  readonly id: string;
  readonly name: string;
  readonly targetUrl: string;
  readonly resource: WebhookResource;
  readonly event: WebhookEvent;
  /** a query string: `roomId=…&hasFiles=true` */
  readonly filter?: string;
  readonly secret?: string;
  readonly status: 'active' | 'inactive';
  readonly ownedBy: 'creator' | 'org';
  readonly orgId: string;
  readonly createdBy: string;
  readonly appId: string;
  /** ISO 8601 */
  readonly created: string;
}

/** Body of a delivery: never words, only what to fetch. @source §8.1 */
export interface WebhookDelivery extends Omit<Webhook, 'secret'> {
  /** who did it, a person's id */
  readonly actorId: string;
  readonly data: { readonly id: string; readonly [field: string]: unknown };
}
