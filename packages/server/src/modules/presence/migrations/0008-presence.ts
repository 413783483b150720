import type { Kysely, Migration } from 'kysely';

export const presence: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createTable('presence_events')
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('event_type', 'text', (column) => column.notNull())
      .addColumn('set_ms', 'bigint', (column) => column.notNull())
      .addColumn('expires_ms', 'bigint')
      .addPrimaryKeyConstraint('presence_events_key', ['user_id', 'event_type'])
      .execute();
    await db.schema
      .createTable('presence_seen')
      .addColumn('user_id', 'text', (column) => column.primaryKey())
      .addColumn('last_active_ms', 'bigint', (column) => column.notNull())
      .execute();
  },
};
