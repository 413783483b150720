// The tables of this module. Times are epoch ms; ids are bare lower-case uuids; JSON is text.
import type { Generated } from 'kysely';

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

/** Deliveries that a webhook has still to make, in this order. */
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

declare module '../../kernel/store/schema.js' {
  interface Database {
    webhooks: WebhooksTable;
    webhook_deliveries: WebhookDeliveriesTable;
  }
}
