import type { Kysely, Migration } from 'kysely';

export const meetings: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    const { schema } = db;
    await schema
      .createTable('meeting_places')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('org_id', 'text', (column) => column.notNull())
      .addColumn('owner_id', 'text', (column) => column.notNull())
      .addColumn('title', 'text', (column) => column.notNull())
      .addColumn('number', 'text', (column) => column.notNull().unique())
      .addColumn('password', 'blob')
      .addColumn('host_key', 'blob', (column) => column.notNull())
      .addColumn('start_ms', 'bigint')
      .addColumn('end_ms', 'bigint')
      .addColumn('timezone', 'text', (column) => column.notNull())
      .addColumn('agenda', 'text')
      .addColumn('created_ms', 'bigint', (column) => column.notNull())
      .execute();
    await schema
      .createIndex('meeting_places_owner')
      .on('meeting_places')
      .columns(['owner_id', 'kind', 'start_ms'])
      .execute();
    await schema
      .createTable('meeting_invitees')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('place_id', 'text', (column) => column.notNull())
      .addColumn('email', 'text', (column) => column.notNull())
      .addColumn('display_name', 'text')
      .addColumn('co_host', 'integer', (column) => column.notNull())
      .addUniqueConstraint('meeting_invitees_once', ['place_id', 'email'])
      .execute();
    await schema
      .createTable('meeting_links')
      .addColumn('conversation_id', 'text', (column) => column.primaryKey())
      .addColumn('number', 'text', (column) => column.notNull().unique())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('created_ms', 'bigint', (column) => column.notNull())
      .execute();
    await schema
      .createIndex('meeting_invitees_email')
      .on('meeting_invitees')
      .columns(['email', 'place_id'])
      .execute();
  },
};
