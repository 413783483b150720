import type { Kysely, Migration } from 'kysely';

export const signIn: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    const schema = db.schema;
    await schema
      .createTable('codes')
      .addColumn('hash', 'text', (column) => column.primaryKey())
      .addColumn('client_id', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('redirect_uri', 'text', (column) => column.notNull())
      .addColumn('scope', 'text', (column) => column.notNull())
      .addColumn('challenge', 'text')
      .addColumn('grant_id', 'text', (column) => column.notNull())
      .addColumn('used_ms', 'bigint')
      .addColumn('expires_ms', 'bigint', (column) => column.notNull())
      .execute();
    await schema
      .createTable('sessions')
      .addColumn('hash', 'text', (column) => column.primaryKey())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('expires_ms', 'bigint', (column) => column.notNull())
      .execute();
    await schema
      .createTable('consents')
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('client_id', 'text', (column) => column.notNull())
      .addColumn('scope', 'text', (column) => column.notNull())
      .addColumn('given_ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('consents_key', ['user_id', 'client_id'])
      .execute();
    await schema
      .createTable('guest_issuers')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('wrapped', 'blob', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('created_ms', 'bigint', (column) => column.notNull())
      .execute();
    await schema
      .createTable('guests')
      .addColumn('issuer_id', 'text', (column) => column.notNull())
      .addColumn('sub', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('guests_key', ['issuer_id', 'sub'])
      .execute();
    await schema.alterTable('clients').addColumn('machine_id', 'text').execute();
    await schema.alterTable('tokens').addColumn('parent', 'text').execute();
    await schema.alterTable('tokens').addColumn('spent_ms', 'bigint').execute();
  },
};
