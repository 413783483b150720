import type { Kysely, Migration } from 'kysely';

export const signInElsewhere: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    const schema = db.schema;
    await schema
      .createTable('device_codes')
      .addColumn('hash', 'text', (column) => column.primaryKey())
      .addColumn('user_code_hash', 'text', (column) => column.notNull().unique())
      .addColumn('client_id', 'text', (column) => column.notNull())
      .addColumn('scope', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text')
      .addColumn('grant_id', 'text', (column) => column.notNull())
      .addColumn('expires_ms', 'bigint', (column) => column.notNull())
      .execute();
    await schema
      .createTable('one_time_codes')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('client_id', 'text', (column) => column.notNull())
      .addColumn('token_hash', 'text', (column) => column.unique())
      .addColumn('code_hash', 'text', (column) => column.notNull())
      .addColumn('tries', 'integer', (column) => column.notNull())
      .addColumn('expires_ms', 'bigint', (column) => column.notNull())
      .addUniqueConstraint('one_time_codes_person', ['user_id', 'kind'])
      .execute();
    await schema
      .createTable('fresh_grants')
      .addColumn('grant_id', 'text', (column) => column.primaryKey())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('expires_ms', 'bigint', (column) => column.notNull())
      .execute();
    await schema
      .alterTable('sessions')
      .addColumn('started_ms', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute();
    await schema
      .alterTable('sessions')
      .addColumn('agent', 'text', (column) => column.notNull().defaultTo(''))
      .execute();
  },
};
