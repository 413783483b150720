import type { Kysely, Migration } from 'kysely';

/** Which team a room belongs to, and since when it is public: what rooms are looked up by. */
export const teams: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    const schema = db.schema;
    await schema.alterTable('conversations').addColumn('team_id', 'text').execute();
    await schema.alterTable('conversations').addColumn('public_ms', 'bigint').execute();
    await schema.createIndex('conversations_team').on('conversations').column('team_id').execute();
    await schema
      .createIndex('conversations_public')
      .on('conversations')
      .columns(['org_id', 'public_ms'])
      .execute();
  },
};
