import type { Kysely, Migration } from 'kysely';

export const support: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createTable('client_logs')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('filename', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('size', 'integer', (column) => column.notNull())
      .addColumn('meta', 'text', (column) => column.notNull())
      .addColumn('created_ms', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createIndex('client_logs_user')
      .on('client_logs')
      .columns(['user_id', 'created_ms'])
      .execute();
    await db.schema.createIndex('client_logs_age').on('client_logs').column('created_ms').execute();
    await db.schema
      .createTable('feedback')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('rating', 'integer')
      .addColumn('text', 'text', (column) => column.notNull())
      .addColumn('app', 'text', (column) => column.notNull())
      .addColumn('created_ms', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('feedback_user').on('feedback').column('user_id').execute();
  },
};
