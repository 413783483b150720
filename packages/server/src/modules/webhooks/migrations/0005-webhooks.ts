import type { Kysely, Migration } from 'kysely';

export const webhooks: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    const schema = db.schema;
    await schema
      .createTable('webhooks')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('org_id', 'text', (column) => column.notNull())
      .addColumn('creator_id', 'text', (column) => column.notNull())
      .addColumn('app_id', 'text', (column) => column.notNull())
      .addColumn('owned_by', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('target_url', 'text', (column) => column.notNull())
      .addColumn('resource', 'text', (column) => column.notNull())
      .addColumn('event', 'text', (column) => column.notNull())
      .addColumn('filter', 'text')
      .addColumn('secret', 'blob')
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('since_pos', 'bigint', (column) => column.notNull())
      .addColumn('created_ms', 'bigint', (column) => column.notNull())
      .execute();
    await schema
      .createIndex('webhooks_creator')
      .on('webhooks')
      .columns(['creator_id', 'created_ms'])
      .execute();
    await schema
      .createTable('webhook_deliveries')
      .addColumn('n', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('webhook_id', 'text', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addColumn('attempts', 'integer', (column) => column.notNull())
      .addColumn('failing_since_ms', 'bigint')
      .addColumn('next_ms', 'bigint', (column) => column.notNull())
      .execute();
    await schema
      .createIndex('webhook_deliveries_order')
      .on('webhook_deliveries')
      .columns(['webhook_id', 'n'])
      .execute();
  },
};
