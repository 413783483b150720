import type { Kysely } from 'kysely';
import type { Database, Store, Write } from '../../kernel/store/index.js';
import type { WebhookDeliveriesTable, WebhooksTable } from './schema.js';

type Tx = Kysely<Database>;
export type WebhookRow = WebhooksTable;
export type DeliveryRow = Omit<WebhookDeliveriesTable, 'n'> & { readonly n: number };
export interface NewDelivery {
  readonly webhookId: string;
  readonly body: string;
}

const positionKey = 'webhooks_pos';
/** rows that one statement takes */
const together = 200;

export const findWebhook = (tx: Tx, id: string): Promise<WebhookRow | undefined> =>
  tx.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirst();
export const activeWebhooks = ({ db }: Store): Promise<WebhookRow[]> =>
  db.selectFrom('webhooks').selectAll().where('status', '=', 'active').execute();

export async function countOf(tx: Tx, creatorId: string): Promise<number> {
  const { count } = await tx
    .selectFrom('webhooks')
    .select((query) => query.fn.countAll<number>().as('count'))
    .where('creator_id', '=', creatorId)
    .executeTakeFirstOrThrow();
  return count;
}

/** Oldest first. */
export async function listWebhooks(
  { db }: Store,
  query: {
    readonly creatorId?: string;
    readonly orgId?: string;
    readonly ownedBy?: 'creator' | 'org';
    readonly limit: number;
    readonly after?: { readonly ms: number; readonly id: string };
  },
): Promise<readonly WebhookRow[]> {
  let select = db.selectFrom('webhooks').selectAll();
  if (query.creatorId !== undefined) select = select.where('creator_id', '=', query.creatorId);
  if (query.orgId !== undefined) select = select.where('org_id', '=', query.orgId);
  if (query.ownedBy !== undefined) select = select.where('owned_by', '=', query.ownedBy);
  const { after } = query;
  if (after !== undefined)
    select = select.where((where) =>
      where.or([
        where('created_ms', '>', after.ms),
        where.and([where('created_ms', '=', after.ms), where('id', '>', after.id)]),
      ]),
    );
  return select.orderBy('created_ms').orderBy('id').limit(query.limit).execute();
}

/** With its pending deliveries. */
export async function removeWebhook({ tx }: Write, id: string): Promise<void> {
  await tx.deleteFrom('webhooks').where('id', '=', id).execute();
  await tx.deleteFrom('webhook_deliveries').where('webhook_id', '=', id).execute();
}
/** Those that a client made, for one person or for all; or that these people made. */
export async function webhooksOf(
  tx: Tx,
  held: { readonly clientId: string; readonly userId?: string } | { readonly userIds: readonly string[] },
): Promise<readonly string[]> {
  const ids: string[] = [];
  if ('userIds' in held) {
    for (let at = 0; at < held.userIds.length; at += together) {
      const some = held.userIds.slice(at, at + together);
      const rows = await tx.selectFrom('webhooks').select('id').where('creator_id', 'in', some).execute();
      ids.push(...rows.map((row) => row.id));
    }
    return ids;
  }
  const made = tx.selectFrom('webhooks').select('id').where('app_id', '=', held.clientId);
  const { userId } = held;
  const rows = await (userId === undefined ? made : made.where('creator_id', '=', userId)).execute();
  return rows.map((row) => row.id);
}
/** Returns whether it was active until now. Its pending deliveries are removed. */
export async function deactivate({ tx }: Write, id: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('webhooks')
    .set({ status: 'inactive' })
    .where('id', '=', id)
    .where('status', '=', 'active')
    .executeTakeFirst();
  await tx.deleteFrom('webhook_deliveries').where('webhook_id', '=', id).execute();
  return Number(numUpdatedRows) > 0;
}

/** Everything up to and including this position has become deliveries, or was nothing to tell. */
export async function readPosition({ db }: Store): Promise<number> {
  const row = await db.selectFrom('meta').select('value').where('key', '=', positionKey).executeTakeFirst();
  return Number(row?.value ?? 0);
}

/** Deliveries and the position that they stand for, together. Returns which of them have a webhook that is active. */
export async function insertDeliveries(
  { tx }: Write,
  deliveries: readonly NewDelivery[],
  pos: number,
  nowMs: number,
): Promise<readonly NewDelivery[]> {
  const ids = [...new Set(deliveries.map(({ webhookId }) => webhookId))];
  const active = new Set<string>();
  for (let at = 0; at < ids.length; at += together)
    for (const { id } of await tx
      .selectFrom('webhooks')
      .select('id')
      .where('id', 'in', ids.slice(at, at + together))
      .where('status', '=', 'active')
      .execute())
      active.add(id);
  const wanted = deliveries.filter(({ webhookId }) => active.has(webhookId));
  for (let at = 0; at < wanted.length; at += together)
    await tx
      .insertInto('webhook_deliveries')
      .values(
        wanted.slice(at, at + together).map(({ webhookId, body }) => ({
          webhook_id: webhookId,
          body,
          attempts: 0,
          failing_since_ms: null,
          next_ms: nowMs,
        })),
      )
      .execute();
  await tx
    .insertInto('meta')
    .values({ key: positionKey, value: String(pos) })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: String(pos) }))
    .execute();
  return wanted;
}

/** The next for one target, in order. */
export const nextDeliveries = ({ db }: Store, webhookId: string, limit: number): Promise<DeliveryRow[]> =>
  db
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('webhook_id', '=', webhookId)
    .orderBy('n')
    .limit(limit)
    .execute();
export async function removeDelivery({ tx }: Write, n: number): Promise<void> {
  await tx.deleteFrom('webhook_deliveries').where('n', '=', n).execute();
}
export async function postponeDelivery(
  { tx }: Write,
  n: number,
  change: Pick<WebhookDeliveriesTable, 'attempts' | 'failing_since_ms' | 'next_ms'>,
): Promise<void> {
  await tx.updateTable('webhook_deliveries').set(change).where('n', '=', n).execute();
}
/** How many wait, by webhook. */
export async function waitingDeliveries({ db }: Store): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('webhook_deliveries')
    .select((query) => ['webhook_id', query.fn.countAll<number>().as('count')])
    .groupBy('webhook_id')
    .execute();
  return new Map(rows.map((row) => [row.webhook_id, row.count]));
}
