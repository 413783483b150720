import type { Kysely, Migration } from 'kysely';

/** Browsers in which a person signed in before, and a quick way from a token to those that were derived from it. */
export const accounts: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    const schema = db.schema;
    await schema
      .createTable('known_browsers')
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('used_ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('known_browsers_key', ['hash', 'user_id'])
      .execute();
    await schema.createIndex('known_browsers_user').on('known_browsers').column('user_id').execute();
    await schema.createIndex('tokens_parent').on('tokens').column('parent').execute();
  },
};
