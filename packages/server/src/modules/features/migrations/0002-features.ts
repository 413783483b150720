import type { Kysely, Migration } from 'kysely';

export const features: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createTable('features')
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('val', 'text', (column) => column.notNull())
      .addColumn('modified_ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('features_key', ['user_id', 'kind', 'key'])
      .execute();
  },
};
